import { randomInt } from 'node:crypto';
import { type Answer, BankOfClients, type Customer } from './bank-of-clients';

const CLIENTS = 32;
const REQUESTS_EACH = 10;
const BALANCE = 1_000n;

/** A transfer as it was asked for; `name` is its description, which nothing else has. */
interface Asked {
  name: string;
  key: string;
  transactions: (string | null)[];
  codes: string[];
}

jest.setTimeout(300_000);

describe('32 clients on two API processes, to and fro and round in circles', () => {
  let bank: BankOfClients;

  beforeAll(async () => {
    bank = await BankOfClients.open({ POSTING_BATCHES_IN_FLIGHT: '3', POSTING_BATCH_MAX: '40' });
  });
  afterAll(() => bank.close());

  it.each([2, 4, 50])(
    'between %i accounts: no deadlock reaches a client, no money is lost, every key has one effect',
    async (count) => {
      const each = count === 2 ? 1 : 2;
      const customers = await bank.customers(count / each, each, BALANCE);
      const accounts = customers.flatMap((customer) => customer.accounts);
      const run = new Run(bank, customers, accounts, `n${count}`);
      const answers = (
        await Promise.all(Array.from({ length: CLIENTS }, (_, client) => run.client(client)))
      ).flat();

      expect(failuresOf(answers)).toEqual([]);
      expect((await bank.balances(accounts)).reduce((sum, balance) => sum + balance, 0n)).toBe(
        BigInt(count) * BALANCE,
      );
      expect(run.asked.filter(({ transactions }) => new Set(transactions).size > 1)).toEqual([]);
      const accepted = run.asked.filter(({ codes }) => codes[0] === 'OK').map(({ name }) => name);
      expect(accepted.length).toBeGreaterThan(CLIENTS);
      expect(await posted(`n${count}`)).toEqual(new Map(accepted.sort().map((name) => [name, 1])));
      expect(await bank.problems()).toEqual([]);
    },
  );

  /** How often each transfer of a run is in the ledger. */
  async function posted(run: string): Promise<Map<string, number>> {
    const rows = await bank.bank.owner.query<{ name: string; count: string }>(
      'SELECT description AS name, COUNT(*) AS count FROM transactions WHERE description LIKE ? GROUP BY description',
      [`${run} %`],
    );
    return new Map(
      rows.map(({ name, count }) => [name, Number(count)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
});

/** Answers other than done and declined for lack of funds. */
function failuresOf(answers: Answer[]): string[] {
  return answers
    .filter(({ status, body }) => status > 201 && !(status === 422 && body.code === 'INSUFFICIENT_FUNDS'))
    .map(({ status, body }) => `${status} ${JSON.stringify(body)}`);
}

class Run {
  readonly asked: Asked[] = [];

  constructor(
    private readonly bank: BankOfClients,
    private readonly customers: Customer[],
    private readonly accounts: string[],
    private readonly name: string,
  ) {}

  /** One request after the other, each to the other process; every fifth twice at once, to both. */
  async client(client: number): Promise<Answer[]> {
    const customer = this.customers[client % this.customers.length] as Customer;
    const answers: Answer[] = [];
    for (let round = 0; round < REQUESTS_EACH; round += 1) {
      const name = `${this.name} c${client} r${round}`;
      const ask =
        round % 3 === 2 ? this.circle(customer, name, client) : this.single(customer, name, client, round);
      const places = round % 5 === 4 ? [0, 1] : [client + round];
      const got = await Promise.all(
        places.map((place) =>
          this.bank.ask(place, 'POST', ask.path, { token: customer.token, key: name, body: ask.body }),
        ),
      );
      this.note(ask.names, name, got);
      answers.push(...got);
    }
    return answers;
  }

  private single(customer: Customer, name: string, client: number, round: number) {
    const from = customer.accounts[round % customer.accounts.length] as string;
    return { path: '/transactions/transfer', names: [name], body: this.transfer(from, name, client + round) };
  }

  /** Transfers out of all of the customer's accounts in one request, all or none for every other client; in opposing orders. */
  private circle(customer: Customer, name: string, client: number) {
    const from = client % 4 < 2 ? customer.accounts : [...customer.accounts].reverse();
    const names = [...from, ...from].map((_, place) => `${name} i${place}`);
    const items = names.map((item, place) => ({
      type: 'transfer',
      ...this.transfer(from[place % from.length] as string, item, client + place),
    }));
    return { path: '/transactions/batch', names, body: { items, linked: client % 2 === 0 } };
  }

  private transfer(from: string, description: string, step: number) {
    const others = this.accounts.filter((account) => account !== from);
    return {
      sender_account_id: from,
      receiver_account_id: others[step % others.length],
      amount: `${randomInt(1, 400) / 100}`,
      description,
    };
  }

  private note(names: string[], key: string, answers: Answer[]): void {
    for (const [place, name] of names.entries()) {
      const results = answers.map(({ body }) => {
        const { items, transaction_id, code } = body as {
          items?: { code: string; transaction: { transaction_id: string } | null }[];
          transaction_id?: string;
          code?: string;
        };
        const item = items?.[place];
        return item
          ? { code: item.code, transaction: item.transaction?.transaction_id ?? null }
          : { code: transaction_id ? 'OK' : (code ?? ''), transaction: transaction_id ?? null };
      });
      this.asked.push({
        name,
        key,
        codes: results.map(({ code }) => code),
        transactions: results.map(({ transaction }) => transaction),
      });
    }
  }
}
