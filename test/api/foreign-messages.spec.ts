import type { Redis } from 'ioredis';
import pino from 'pino';
import {
  answerPrejudgement,
  askForPrejudgement,
  CASE_FEED_CHANNEL,
  createRedis,
  patientRedisOptions,
  type Prejudgement,
  PREJUDGEMENT_ANSWERS,
  type ProposedTransaction,
  takePrejudgementRequest,
} from '../../src/queue';
import { PrejudgementClient } from '../../src/transactions/prejudgement-client';
import { PrejudgeDesk } from '../../worker/prejudge/prejudge-desk';
import { startApi, type TestApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { eventually } from '../worker/worker-bank';

const ASKED_KEY = 'florin:prejudgements';
const GARBAGE = [
  '',
  'garbage',
  '{',
  'null',
  '5',
  '"text"',
  '[]',
  '{}',
  '{"id":1}',
  '{"id":"x"}',
  '{"id":"x","decision":"no"}',
];
const PROPOSED: ProposedTransaction = {
  type: 'transfer',
  debit: '1',
  credit: '2',
  amount: '100',
  currency: 'USD',
  merchant: null,
  channel: null,
  actor: null,
  description: null,
  effective_us: null,
};
const ANSWER = { decision: 'post', risk_score: 0.1, rules: [], reasons: [] } as Prejudgement;

/** Whoever shares the Redis server may write what they like: nobody may stop for it. */
describe('messages that are none of ours', () => {
  let bank: TestBank;
  let api: TestApi;
  let redis: Redis;
  let blocking: Redis;

  beforeAll(async () => {
    bank = await createTestBank();
    api = await startApi(bank);
    redis = createRedis(bank.redisUrl, patientRedisOptions());
    blocking = createRedis(bank.redisUrl, patientRedisOptions());
  });
  afterAll(async () => {
    redis.disconnect();
    blocking.disconnect();
    await api.close();
    await bank.close();
  });

  it('on the channel of answers do not end the API process, and the answer that follows is heard', async () => {
    const client = api.app.get(PrejudgementClient, { strict: false });
    client.options.budget_ms = 3_600_000;
    // Until it listens, nobody is asked.
    const asking = eventually(async () => {
      const answer = client.ask(PROPOSED);
      const request = await takePrejudgementRequest(blocking, 1);
      return request && { answer, request };
    });
    const { answer, request } = await asking;
    for (const message of GARBAGE) await redis.publish(PREJUDGEMENT_ANSWERS, message);
    await redis.publish(PREJUDGEMENT_ANSWERS, JSON.stringify({ id: request.id, decision: 'decline' }));
    await answerPrejudgement(redis, { id: request.id, ...ANSWER });
    expect(await answer).toEqual(ANSWER);
  });

  it('on the channel of the feed are no more than a word to look', async () => {
    const analyst = await api.staff('analyst');
    const end = new AbortController();
    const stream = await fetch(`${api.url}/alerts/stream`, { headers: analyst.headers, signal: end.signal });
    for (const message of GARBAGE) await redis.publish(CASE_FEED_CHANNEL, message);
    expect((await api.http.get('/alerts').set(analyst.headers)).status).toBe(200);
    expect(stream.status).toBe(200);
    end.abort();
  });

  it('in the list of questions are dropped, and the next question is answered at once', async () => {
    const asked: ProposedTransaction[] = [];
    const desk = new PrejudgeDesk(
      blocking,
      redis,
      (proposed) => {
        asked.push(proposed);
        return Promise.resolve(ANSWER);
      },
      pino({ level: 'silent' }),
    );
    await redis.rpush(ASKED_KEY, ...GARBAGE);
    await askForPrejudgement(redis, { id: 'q', proposed: PROPOSED });
    const { signal } = new AbortController();
    // A step that throws makes the desk pause, and whoever asks meanwhile gets no answer in time.
    for (let taken = 0; taken <= GARBAGE.length; taken += 1) expect(await desk.step(signal)).toBe(0);
    expect(asked).toEqual([PROPOSED]);
  });
});
