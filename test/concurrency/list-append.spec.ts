import { randomInt } from 'node:crypto';
import { anomaliesOf, type AppendHistory } from './append-checker';
import { type Answer, BankOfClients, type Customer } from './bank-of-clients';

const CLIENTS = 32;
const ROUNDS = 12;
const ACCOUNTS = 6;
const OPENING = 100_000n;

jest.setTimeout(300_000);

interface StatementBody {
  opening_balance: string;
  closing_balance: string;
  next_cursor: string | null;
  items: { description: string | null; amount: string; balance_after: string }[];
}

const minor = (amount: string) => BigInt(amount.replace('.', ''));

/** Clients that send transfers and look at the account right after, through whichever process: what they saw must have an order. */
describe('transfers and what is read of them, over two API processes', () => {
  let bank: BankOfClients;
  let customers: Customer[];
  const history: AppendHistory = { writes: [], reads: [], balanceReads: [], lists: new Map() };

  beforeAll(async () => {
    bank = await BankOfClients.open({ POSTING_BATCHES_IN_FLIGHT: '2' });
    customers = await bank.customers(ACCOUNTS, 1, OPENING);
    await Promise.all(Array.from({ length: CLIENTS }, (_, client) => live(client)));
    for (const [place, customer] of customers.entries()) {
      const names = (await statement(place, customer)).slice(1);
      history.lists.set(
        accountOf(customer),
        names.map(({ name, balance }) => ({ name, balance: balance - OPENING })),
      );
    }
  });
  afterAll(() => bank.close());

  it('no update is lost, no read is stale or goes back, and everything has one order', () => {
    expect(history.writes).toHaveLength(CLIENTS * ROUNDS);
    expect(history.writes.filter((write) => !write.isAcknowledged)).toEqual([]);
    expect(anomaliesOf(history)).toEqual([]);
  });

  it('ends with books that are right', async () => {
    expect(await bank.problems()).toEqual([]);
    const balances = await bank.balances(customers.map(accountOf));
    expect(balances.reduce((sum, balance) => sum + balance, 0n)).toBe(BigInt(ACCOUNTS) * OPENING);
  });

  const accountOf = ({ accounts: [account] }: Customer) => account as string;

  /** Writes through one process, then reads through one or the other. */
  async function live(client: number): Promise<void> {
    const me = customers[client % ACCOUNTS] as Customer;
    for (let round = 0; round < ROUNDS; round += 1) {
      const other = customers[(client + 1 + randomInt(ACCOUNTS - 1)) % ACCOUNTS] as Customer;
      await append(client, `c${client} r${round}`, me, other);
      await look(client, me);
      await lookAtBalance(client, me);
    }
  }

  async function append(client: number, name: string, me: Customer, other: Customer): Promise<void> {
    const startedAt = performance.now();
    const { status } = await bank.ask(randomInt(2), 'POST', '/transactions/transfer', {
      token: me.token,
      key: name,
      body: {
        sender_account_id: accountOf(me),
        receiver_account_id: accountOf(other),
        amount: (randomInt(1, 1_000) / 100).toFixed(2),
        description: name,
      },
    });
    const lists = [accountOf(me), accountOf(other)];
    const isAcknowledged = status === 201;
    history.writes.push({ client, name, lists, startedAt, endedAt: performance.now(), isAcknowledged });
  }

  async function look(client: number, me: Customer): Promise<void> {
    const startedAt = performance.now();
    const names = (await statement(randomInt(2), me)).slice(1).map(({ name }) => name);
    history.reads.push({ client, list: accountOf(me), names, startedAt, endedAt: performance.now() });
  }

  async function lookAtBalance(client: number, me: Customer): Promise<void> {
    const startedAt = performance.now();
    const answer = await bank.ask(randomInt(2), 'GET', `/accounts/${accountOf(me)}/balance`, {
      token: me.token,
    });
    const { balance } = expected<{ balance: string }>(answer);
    history.balanceReads.push({
      ...{ client, list: accountOf(me), balance: minor(balance) - OPENING },
      ...{ startedAt, endedAt: performance.now() },
    });
  }

  /** The account's entries, the opening deposit first; each page must add up by itself. */
  async function statement(place: number, customer: Customer): Promise<{ name: string; balance: bigint }[]> {
    const answer = await bank.ask(
      place,
      'GET',
      `/accounts/${accountOf(customer)}/statement?clock=posted&limit=200`,
      {
        token: customer.token,
      },
    );
    const { items, next_cursor, opening_balance, closing_balance } = expected<StatementBody>(answer);
    if (next_cursor !== null) throw new Error('a list has grown longer than a page, which one look must see');
    let sum = minor(opening_balance);
    const entries = items.map(({ description, amount, balance_after }) => {
      sum += minor(amount);
      if (minor(balance_after) !== sum)
        throw new Error(`a statement that does not add up: ${JSON.stringify(items)}`);
      return { name: description ?? 'opening', balance: sum };
    });
    if (minor(closing_balance) !== sum)
      throw new Error(`a statement that does not add up: ${JSON.stringify(answer)}`);
    return entries;
  }

  function expected<Body>({ status, body }: Answer): Body {
    if (status !== 200) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
    return body as unknown as Body;
  }
});
