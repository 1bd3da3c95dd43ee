import { once } from 'node:events';
import { CASE_FEED_CHANNEL, createRedis, patientRedisOptions } from '../../src/queue';
import { accountState, alertOf } from '../support/alerts';
import { fundsOf, integrityProblems, postOne, transfer } from '../support/postings';
import { createWorkerBank, eventually, type WorkerBank } from './worker-bank';

describe('from a posting to its actions, with workers', () => {
  let bank: WorkerBank;
  let from: string;
  let to: string;

  beforeAll(async () => {
    bank = await createWorkerBank();
    from = await bank.openAccount((await bank.createUser()).user_id, { balance: 5_000_000n });
    to = await bank.openAccount((await bank.createUser()).user_id);
  });
  afterAll(() => bank.close());

  it('a CRITICAL transfer is held, its sender blocked, and the feed told, once, by two workers', async () => {
    const redis = createRedis(bank.redisUrl, patientRedisOptions());
    await redis.subscribe(CASE_FEED_CHANNEL);
    const told = once(redis, 'message');
    const { transaction_id } = await postOne(bank.pool, transfer(from, to, 4_000_000n));
    // Whom a block-list names is CRITICAL, here by the time of the verdict.
    await bank.owner.call('sp_add_risk_list_entry', ['block', 'account', to, null, 'mule', null]);
    await Promise.all([bank.startWorker(), bank.startWorker()]);
    const alert = await eventually(async () => {
      const found = await alertOf(bank.owner, transaction_id ?? '').catch(() => null);
      return found?.actions_state === 'done' && found;
    });
    await told;
    redis.disconnect();
    expect(alert).toMatchObject({ verdict: 'CRITICAL', priority: 1, held_minor: '4000000' });
    expect(await fundsOf(bank.owner, to)).toMatchObject({ held: 4_000_000n, available: 0n });
    expect((await accountState(bank.owner, from)).debit_block).toBe('review');
    const events = await bank.owner.query<{ event: string }>(
      'SELECT event FROM case_events WHERE alert_id = ? ORDER BY event_id',
      [alert.alert_id],
    );
    expect(events.map(({ event }) => event)).toEqual(['alert_raised', 'held', 'blocked']);
    expect(await integrityProblems(bank.owner)).toEqual([]);
  }, 120_000);
});
