import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { readdir, readFile } from 'node:fs/promises';
import { PROCEDURES_DIRECTORY, readDatabaseObjects } from '../../src/database/database-objects';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

interface ItemRow {
  code: string;
  is_replayed: number;
  amount_minor: string;
  transaction_id: string;
}

describe('people at an SQL prompt', () => {
  let bank: TestBank;
  let user: string;

  beforeAll(async () => {
    bank = await createTestBank();
    user = (await bank.createUser()).user_id;
  });
  afterAll(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
    await bank.close();
  });

  /** As the owner, who alone may call these. */
  const call = async (procedure: string, ...parameters: (string | number | null)[]) => {
    const [items] = await bank.owner.call<ItemRow>(procedure, parameters);
    return items?.[0];
  };

  it('deposit, withdraw and transfer in major units of the account`s currency', async () => {
    const [dollars, more] = [await bank.openAccount(user), await bank.openAccount(user)];
    expect(await call('sp_deposit_cash', dollars, '200.00', 'Counter', null)).toMatchObject({
      code: 'OK',
      amount_minor: '20000',
    });
    expect(await call('sp_withdraw_cash', dollars, '50.5', 'Counter', null)).toMatchObject({
      code: 'OK',
      amount_minor: '5050',
    });
    expect(await call('sp_perform_transfer', dollars, more, 125.5, 'Rent ☕', 'rent-2026-01')).toMatchObject({
      code: 'OK',
    });
    expect(await p.fundsOf(bank.owner, dollars)).toMatchObject({ balance: 2_400n });
    expect(await p.fundsOf(bank.owner, more)).toMatchObject({ balance: 12_550n });
  });

  it.each([
    ['JPY', '7', '7', '7.5'],
    ['KWD', '7.125', '7125', '7.1255'],
    ['USD', '7.12', '712', '7.125'],
  ])('%s: %s is %s minor units, %s is too precise', async (currency, amount, minor, tooPrecise) => {
    const account = await bank.openAccount(user, { currency });
    expect(await call('sp_deposit_cash', account, amount, null, null)).toMatchObject({
      code: 'OK',
      amount_minor: minor,
    });
    await expect(call('sp_deposit_cash', account, tooPrecise, null, null)).rejects.toThrow(
      'AMOUNT_TOO_PRECISE',
    );
  });

  it('a key of one`s own has one effect, no key a new one each time', async () => {
    const account = await bank.openAccount(user);
    const first = await call('sp_deposit_cash', account, 1, 'a', 'my key');
    expect(await call('sp_deposit_cash', account, 1, 'a', 'my key')).toMatchObject({
      code: 'OK',
      is_replayed: 1,
      transaction_id: first?.transaction_id,
    });
    expect(await call('sp_deposit_cash', account, 2, 'a', 'my key')).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    await call('sp_deposit_cash', account, 1, 'a', null);
    await call('sp_deposit_cash', account, 1, 'a', null);
    expect(await p.fundsOf(bank.owner, account)).toMatchObject({ balance: 300n });
  });

  it('declines are answers, a missing account an error', async () => {
    const [a, b] = [await bank.openAccount(user), await bank.openAccount(user)];
    expect(await call('sp_perform_transfer', a, b, 1, null, null)).toMatchObject({
      code: 'INSUFFICIENT_FUNDS',
    });
    expect(await call('sp_perform_transfer', a, a, 1, null, null)).toMatchObject({ code: 'INVALID_ITEM' });
    expect(await call('sp_withdraw_cash', a, -1, null, null)).toMatchObject({ code: 'INVALID_ITEM' });
    expect(await call('sp_withdraw_cash', a, null, null, null)).toMatchObject({ code: 'INVALID_ITEM' });
    await expect(call('sp_withdraw_cash', '999999', 1, null, null)).rejects.toThrow('ACCOUNT_NOT_FOUND');
    await expect(call('sp_deposit_cash', null, 1, null, null)).rejects.toThrow('ACCOUNT_NOT_FOUND');
  });

  it('a posting carries who is set as the actor', async () => {
    const account = await bank.openAccount(user);
    await bank.owner.onConnection({ user_id: user, ip_address: null, request_id: null }, (queries) =>
      queries.call('sp_deposit_cash', [account, 1, null, null]),
    );
    const [row] = await bank.owner.query(
      'SELECT initiated_by FROM transactions ORDER BY transaction_id DESC LIMIT 1',
    );
    expect(row).toEqual({ initiated_by: user });
  });
});

describe('the files of procedures/', () => {
  it('each holds one object named like it, below a header that says what it does', async () => {
    const objects = await readDatabaseObjects();
    const files = (await readdir(PROCEDURES_DIRECTORY, { recursive: true })).filter((name) =>
      name.endsWith('.sql'),
    );
    expect(objects).toHaveLength(files.length);
    for (const file of files) {
      const source = await readFile(join(PROCEDURES_DIRECTORY, file), 'utf8');
      const name = /(\w+)\.sql$/.exec(file)?.[1] ?? '';
      expect([file, source.startsWith(`-- ${name}`)]).toEqual([file, true]);
      expect([file, /^--.{40,}/m.test(source)]).toEqual([file, true]);
    }
  });

  it('have the names that auditors know', async () => {
    const names = (await readDatabaseObjects()).map((object) => object.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'sp_post_batch',
        'sp_perform_transfer',
        'sp_deposit_cash',
        'sp_withdraw_cash',
        'sp_create_account',
        'sp_open_account',
        'sp_get_balance',
        'sp_list_accounts',
        'sp_record_risk_scores',
        'vw_customer_statement',
        'vw_balance_sheet',
        'vw_trial_balance',
        'vw_ledger_integrity_check',
        'vw_flagged_transactions',
      ]),
    );
  });

  it('load through the command-line client: mysql < file', async () => {
    const client = ['mariadb', 'mysql'].map(onPath).find((path) => path !== undefined);
    const bank = await createTestBank();
    try {
      const objects = await readDatabaseObjects();
      const files = (await readdir(PROCEDURES_DIRECTORY, { recursive: true })).filter((name) =>
        name.endsWith('.sql'),
      );
      for (const object of objects) await bank.owner.execute(`DROP ${object.type} IF EXISTS ${object.name}`);
      if (client) {
        const sources = await Promise.all(
          files.map((file) => readFile(join(PROCEDURES_DIRECTORY, file), 'utf8')),
        );
        await runClient(client, bank.urls.owner, sources.join('\n'));
      } else {
        for (const object of objects) await bank.owner.execute(object.statement);
      }
      expect(await bank.owner.call('sp_check_objects')).toEqual([[]]);
    } finally {
      await bank.close();
    }
  });
});

function onPath(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((directory) => join(directory, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

async function runClient(client: string, databaseUrl: string, input: string): Promise<void> {
  const url = new URL(databaseUrl);
  const running = promisify(execFile)(
    client,
    [
      '--no-defaults',
      // Without it the client takes the comments out of what it sends.
      '--comments',
      '--default-character-set=utf8mb4',
      `--host=${url.hostname}`,
      `--port=${url.port}`,
      `--user=${url.username}`,
      url.pathname.slice(1),
    ],
    { env: { ...process.env, MYSQL_PWD: url.password } },
  );
  running.child.stdin?.end(input);
  await running;
}
