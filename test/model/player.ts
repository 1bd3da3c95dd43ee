import { inspect, isDeepStrictEqual } from 'node:util';
import { BankActs } from './bank-acts';
import { type Books, booksOf, modelBooksOf } from './books';
import type { AccountChoice, History } from './history';
import { ItemWriter } from './item-writer';
import type { ModelBank } from './model-bank';
import { Oracle } from './oracle';
import type { Item } from './types';
import { callPostBatch, fromWire, Names, toWire } from './wire';

/** What was sent, for the reports. */
export interface Played {
  histories: number;
  batches: number;
  items: number;
  /** How often each code was answered. */
  codes: Map<string, number>;
}

/** Plays histories at once in the bank and in the model, and throws at the first difference. */
export async function play(histories: History[], model: ModelBank, played: Played): Promise<void> {
  await new Player(histories, model, played).play();
  played.histories += histories.length;
}

/** A history with what is its own. */
interface Seat {
  /** Stands before the names of its accounts, users and keys. */
  name: string;
  history: History;
  writer: ItemWriter;
  acts: BankActs;
}

class Player {
  private readonly names = new Names();
  private readonly oracle: Oracle;
  private readonly seats: Seat[];

  constructor(
    histories: History[],
    private readonly model: ModelBank,
    private readonly played: Played,
  ) {
    this.oracle = new Oracle(model.currencies);
    this.seats = histories.map((history, index) => {
      const name = `${String.fromCharCode('A'.charCodeAt(0) + index)}.`;
      return {
        name,
        history,
        writer: new ItemWriter(this.oracle, name, history.accounts),
        acts: new BankActs(model.bank.owner, this.oracle, this.names, (place) =>
          accountName(name, history, place),
        ),
      };
    });
    this.oracle.blockedMerchants.add('shady');
    for (const [name, id] of model.systemAccounts) this.names.bind('account', name, id);
    for (const [name, id] of Object.entries(model.merchants)) this.names.bind('merchant', name, id);
  }

  async play(): Promise<void> {
    await this.openAccounts();
    await this.fund();
    const rounds = Math.max(...this.seats.map(({ history }) => history.rounds.length));
    for (let round = 0; round < rounds; round += 1) await this.playRound(round);
    const expected = modelBooksOf(this.oracle);
    const found = await booksOf(this.model, this.oracle, this.names);
    if (!isDeepStrictEqual(found, expected))
      throw new Error(`The books differ:\n${differingLines(expected, found)}`);
  }

  private async playRound(round: number): Promise<void> {
    const batch: Item[] = [];
    for (const { history, writer, acts } of this.seats) {
      const choice = history.rounds[round];
      if (choice?.kind === 'batch')
        batch.push(...writer.batch(choice.requests, 1 + (batch.at(-1)?.request ?? 0)));
      else if (choice) await acts.act(choice);
    }
    if (batch.length > 0) await this.post(batch);
  }

  private async openAccounts(): Promise<void> {
    const { bank } = this.model;
    const opened: { name: string; choice: AccountChoice; owner: string }[] = [];
    for (const { name: seat, history } of this.seats) {
      for (const [index, id] of (await this.model.twoUsers()).entries())
        this.names.bind('user', `${seat}u${index}`, id);
      for (const [index, choice] of history.accounts.entries())
        opened.push({ name: accountName(seat, history, index), choice, owner: `${seat}${choice.owner}` });
    }
    const { insertId } = await bank.owner.execute(
      `INSERT INTO accounts (account_number, user_id, account_type, currency, overdraft_limit_minor, status)
       VALUES ${opened.map(() => "(?, ?, 'checking', ?, ?, ?)").join(', ')}`,
      opened.flatMap(({ owner, choice: { currency, overdraft, status } }) => [
        this.model.accountNumber(),
        this.names.idOf('user', owner),
        currency,
        overdraft,
        status,
      ]),
    );
    const state = { balance: 0n, held: 0n, under_review: false, blocked: false, entries: [] };
    for (const [index, { name, choice, owner }] of opened.entries()) {
      const { currency, status, overdraft } = choice;
      this.names.bind('account', name, String(BigInt(insertId) + BigInt(index)));
      this.oracle.accounts.set(name, { ...state, owner, currency, status, overdraft: BigInt(overdraft) });
    }
    const rows = await bank.owner.query<Record<'account_id' | 'currency' | 'balance_minor', string>>(
      'SELECT account_id, currency, balance_minor FROM accounts WHERE system_code IS NOT NULL',
    );
    for (const { account_id, currency, balance_minor } of rows)
      this.oracle.accounts.set(this.names.nameOf('account', account_id) ?? '', {
        ...{ ...state, owner: null, currency, status: 'active', overdraft: 0n },
        balance: BigInt(balance_minor),
      });
  }

  /** Opening balances, by journals, which frozen accounts take too. */
  private async fund(): Promise<void> {
    const items: Item[] = [];
    for (const { name: seat, history } of this.seats)
      for (const [index, { balance, currency, status }] of history.accounts.entries()) {
        if (balance === 0 || status === 'closed') continue;
        const name = accountName(seat, history, index);
        const legs = [
          { account: `equity ${currency}`, amount: BigInt(-balance) },
          { account: name, amount: BigInt(balance) },
        ];
        const actor = `${seat}u0`;
        const place = { request: items.length + 1, linked: 0, style: 'numbers' } as const;
        items.push({ key: `funds ${name}`, hash: 'funds', type: 'journal', actor, currency, legs, ...place });
      }
    if (items.length > 0) await this.post(items);
  }

  private async post(items: Item[]): Promise<void> {
    const wire = items.map((item) => toWire(item, this.names));
    const expected = this.oracle.post(items);
    const raw = await callPostBatch(this.model.pool, wire).catch((error: Error) => {
      throw new Error(`The batch failed: ${error.message}\n${show(items)}`, { cause: error });
    });
    const found = fromWire(raw, expected, this.names);
    this.played.batches += 1;
    this.played.items += items.length;
    for (const [index, answer] of expected.entries()) {
      const code = answer.is_replayed ? 'replayed' : answer.code;
      this.played.codes.set(code, (this.played.codes.get(code) ?? 0) + 1);
      if (isDeepStrictEqual(found[index], answer)) continue;
      throw new Error(
        `Item ${index + 1} of ${items.length}: ${difference(answer, found[index])}\nThe batch: ${show(items)}`,
      );
    }
  }
}

function accountName(seat: string, { accounts }: History, place: number): string {
  return `${seat}a${place % accounts.length}`;
}

/** The lines that only one of the two has. */
function differingLines(expected: Books, found: Books): string {
  return Object.keys(expected)
    .flatMap((book) => {
      const [model = [], bank = []] = [expected[book], found[book]];
      return [
        ...model.filter((line) => !bank.includes(line)).map((line) => `${book}: the model has ${line}`),
        ...bank.filter((line) => !model.includes(line)).map((line) => `${book}: the bank has ${line}`),
        ...(model.length === bank.length ? [] : [`${book}: ${model.length} lines and ${bank.length}`]),
      ];
    })
    .join('\n');
}

function difference(expected: unknown, found: unknown): string {
  return `expected ${show(expected)}\nbut found ${show(found)}`;
}

function show(value: unknown): string {
  return inspect(value, { depth: null, breakLength: 130 });
}
