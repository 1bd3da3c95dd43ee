import { AsyncResource } from 'node:async_hooks';
import { createSecretKey } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import type { Pool } from 'mysql2/promise';
import { TokenRevocations } from '../../src/auth/token-revocations';
import { TokenService } from '../../src/auth/token.service';
import { environmentSchema } from '../../src/config/environment';
import { createBankPool, Database } from '../../src/database';
import { idempotencyKey, requestHash } from '../../src/posting';
import { TransferDto } from '../../src/transactions/dto/money-request.dto';
import { alternate, type Bench } from '../lib/bench';
import type { BenchBank } from '../lib/bench-bank';
import { freshKey, transferSource } from '../client/transfers';

const SCENARIO = 'http';
const UNIT = 'µs CPU';
const REPEATS = 4_000;
const BATCHES = 40;
const BATCH_ITEMS = 100;

/** What the parts of a request cost this process, in CPU time: docs/adr/0006 says what follows from it. */
export async function http(bench: Bench): Promise<void> {
  const bank = await bench.bank('bank');
  const parts = partsOf(bank);
  const costs = await alternate(
    bench.options.rounds,
    Object.fromEntries(Object.entries(parts).map(([name, work]) => [name, () => repeated(work)])),
  );
  for (const [name, rounds] of Object.entries(costs)) bench.report.figure(SCENARIO, name, UNIT, rounds);
  await textOrPrepared(bench, bank);
  await bench.end();
}

/** CPU microseconds a call, after enough calls for the compiler to have done its work. */
function repeated(work: () => unknown): Promise<number> {
  for (let count = 0; count < REPEATS; count += 1) work();
  const before = process.cpuUsage();
  for (let count = 0; count < REPEATS; count += 1) work();
  const { user, system } = process.cpuUsage(before);
  return Promise.resolve((user + system) / REPEATS);
}

function partsOf(bank: BenchBank): Record<string, () => unknown> {
  const token = bank.world.tokens[0] ?? '';
  const secret = bank.secrets.JWT_SECRET;
  const environment = environmentSchema.parse({
    ...bank.secrets,
    DATABASE_URL: bank.urls.api,
    REDIS_URL: bank.redis_url,
  });
  const tokens = new TokenService(environment, new TokenRevocations(environment, Database.offline()));
  const jwt = new JwtService({});
  // The library takes key objects; the wrapper's types name only strings and buffers.
  const key = createSecretKey(Buffer.from(secret)) as unknown as Buffer;
  const [sender_account_id, receiver_account_id] = bank.world.accounts;
  const body = { sender_account_id, receiver_account_id, amount: '125.50', description: 'Rent for March' };
  const json = Buffer.from(JSON.stringify(body));
  const item = { type: 'transfer', debit: sender_account_id, credit: receiver_account_id, amount: 12_550n };
  const answer = {
    ...{ transaction_id: '1042', reference_id: 'FL0000000001K001', hold_id: null, type: 'transfer' },
    ...{ status: 'posted', amount: '125.50', currency: 'USD', description: 'Rent for March' },
    ...{ created_at: '2026-01-31T10:00:00.123456Z', effective_at: '2026-01-31T10:00:00.123456Z' },
    entries: [
      { account_id: '42', direction: 'debit', amount: '125.50', balance_after: '874.50' },
      { account_id: '57', direction: 'credit', amount: '125.50', balance_after: null },
    ],
    balances: [{ account_id: '42', balance: '874.50', available_balance: '874.50' }],
    ...{ reversal_of: null, reversed_by: null },
  };
  return {
    'token checked with the secret as a string': () => jwt.verify<object>(token, { secret }),
    'token checked with a key object': () => jwt.verify<object>(token, { secret: key }),
    'token remembered': () => tokens.verify(token),
    'body read from JSON': () => JSON.parse(json.toString()) as unknown,
    'body validated (zod)': () => TransferDto.schema.parse({ ...body }),
    'key and hash of the item': () => [idempotencyKey('42', 'rent'), requestHash(item)],
    'answer written as JSON': () => JSON.stringify(answer),
    'a function bound to an AsyncResource': () => {
      const resource = new AsyncResource('bench');
      const bound = resource.bind(() => undefined);
      resource.emitDestroy();
      return bound;
    },
  };
}

/** The batch procedure through the text protocol and as a prepared statement: what an item costs this process, and in time. */
async function textOrPrepared({ options, report }: Bench, bank: BenchBank): Promise<void> {
  const pool = createBankPool(bank.urls.api, { connectionLimit: 1 });
  const draw = transferSource(bank.world, 'spread');
  const batch = () =>
    JSON.stringify(
      Array.from({ length: BATCH_ITEMS }, () => {
        const { from, to, amount } = draw();
        const keys = { key: freshKey(), hash: freshKey() };
        return { ...keys, type: 'transfer', debit: from, credit: to, amount, currency: 'USD' };
      }),
    );
  const run = (call: (pool: Pool, json: string) => Promise<unknown>) => async () => {
    const batches = Array.from({ length: BATCHES }, batch);
    const before = process.cpuUsage();
    for (const json of batches) await call(pool, json);
    bank.expected += BATCHES * BATCH_ITEMS;
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (BATCHES * BATCH_ITEMS);
  };
  const text = run((target, json) => target.query('CALL sp_post_batch(?)', [json]));
  const prepared = run((target, json) => target.execute('CALL sp_post_batch(?)', [json]));
  for (const warmUp of [text, prepared]) await warmUp();
  const costs = await alternate(options.rounds, { text, prepared });
  const items = `an item of a batch of ${BATCH_ITEMS}`;
  report.figure(SCENARIO, `${items}, text protocol`, UNIT, costs.text);
  report.figure(SCENARIO, `${items}, prepared statement`, UNIT, costs.prepared);
  await pool.end();
}
