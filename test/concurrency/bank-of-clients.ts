import { hash } from 'bcrypt';
import { createTestBank, type TestBank } from '../support/bank';
import { integrityProblems } from '../support/postings';
import { type ApiProcess, startApiProcess } from './api-process';

const PASSWORD = 'correct horse battery staple';

export interface Answer {
  status: number;
  body: Record<string, never> & { code?: string };
}

/** A customer who is logged in, with accounts. */
export interface Customer {
  token: string;
  accounts: string[];
}

/** A bank with two API processes, over HTTP alone. */
export class BankOfClients {
  private constructor(
    readonly bank: TestBank,
    private readonly processes: readonly ApiProcess[],
    private readonly passwordHash: string,
  ) {}

  static async open(settings: NodeJS.ProcessEnv = {}): Promise<BankOfClients> {
    const bank = await createTestBank();
    const processes = await Promise.all([startApiProcess(bank, settings), startApiProcess(bank, settings)]);
    return new BankOfClients(bank, processes, await hash(PASSWORD, 4));
  }

  /** Customers with accounts of `balance` minor units each. */
  async customers(count: number, accountsEach: number, balance: bigint): Promise<Customer[]> {
    const customers: Customer[] = [];
    for (let index = 0; index < count; index += 1) {
      const { user_id, username } = await this.bank.createUser({ password_hash: this.passwordHash });
      const accounts: string[] = [];
      for (let place = 0; place < accountsEach; place += 1)
        accounts.push(await this.bank.openAccount(user_id, { balance }));
      const { status, body } = await this.ask(index, 'POST', '/auth/login', {
        body: { username, password: PASSWORD },
      });
      if (status !== 200) throw new Error(`login was answered ${status}: ${JSON.stringify(body)}`);
      customers.push({ token: (body as unknown as { access_token: string }).access_token, accounts });
    }
    return customers;
  }

  /** Asks one of the processes: `place` says which, turn by turn. */
  async ask(
    place: number,
    method: 'GET' | 'POST',
    path: string,
    { token, key, body }: { token?: string; key?: string; body?: object } = {},
  ): Promise<Answer> {
    const { url } = this.processes[place % this.processes.length] as ApiProcess;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(key ? { 'idempotency-key': key } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  /** Balances as the database has them, minor units. */
  async balances(accounts: readonly string[]): Promise<bigint[]> {
    const rows = await this.bank.owner.query<{ balance: string }>(
      `SELECT balance_minor AS balance FROM accounts WHERE account_id IN (${accounts.map(() => '?').join(', ')})
       ORDER BY account_id`,
      accounts,
    );
    return rows.map((row) => BigInt(row.balance));
  }

  problems(): Promise<object[]> {
    return integrityProblems(this.bank.owner);
  }

  async close(): Promise<void> {
    for (const process of this.processes) await process.stop();
    await this.bank.close();
  }
}
