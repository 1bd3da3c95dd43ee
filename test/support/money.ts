import { randomUUID } from 'node:crypto';
import type { Response } from 'supertest';
import type { ErrorCode } from '../../src/errors';
import { MoneyAnswerDto, type MoneyAnswer } from '../../src/transactions/dto/money-answer.dto';
import { startApi, type ApiUser, type TestApi } from './api';
import { createTestBank, type AccountOptions, type TestBank } from './bank';
import { integrityProblems, ledgerSize } from './postings';
import { expectProblem } from './problem';

export const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
export const REFERENCE = /^FL[0-9A-Z]{14}$/;

export type Body = string | object | undefined;

/** A bank with an API, and the few moves that every test of money makes. */
export interface MoneyTest {
  bank: TestBank;
  api: TestApi;
  /** Asks as `user`. */
  get(user: ApiUser, path: string, query?: Record<string, unknown>): Promise<Response>;
  /** Moves money as `user`; a key of its own unless one is given, none at all for null. */
  post(user: ApiUser, path: string, body?: Body, key?: string | null): Promise<Response>;
  /** An account of `user`, `balance` in minor units. */
  open(user: ApiUser, options?: AccountOptions): Promise<string>;
  /** A customer with an account. */
  customer(options?: AccountOptions): Promise<ApiUser & { account_id: string }>;
  accountNumber(accountId: string): Promise<string>;
  /** Balance and available balance, as GET balance answers. */
  funds(user: ApiUser, accountId: string): Promise<{ balance: string; available: string }>;
  setStatus(accountId: string, status: 'active' | 'frozen' | 'closed'): Promise<void>;
  /** Runs `work` and expects that no table a posting may write has changed. */
  withoutTrace(work: () => Promise<unknown>): Promise<void>;
  /** The integrity view must be empty after everything. */
  close(): Promise<void>;
}

export async function startMoneyTest(overrides: NodeJS.ProcessEnv = {}): Promise<MoneyTest> {
  const bank = await createTestBank();
  const api = await startApi(bank, overrides);
  const open = (user: ApiUser, options?: AccountOptions) => bank.openAccount(user.user_id, options);

  return {
    bank,
    api,
    open,
    get: async (user, path, query = {}) => api.http.get(path).query(query).set(user.headers),
    post: async (user, path, body, key = randomUUID()) =>
      postMoney(api, user, path, body, key === null ? {} : { 'idempotency-key': key }),
    customer: async (options) => {
      const user = await api.customer();
      return { ...user, account_id: await open(user, options) };
    },
    accountNumber: async (accountId) => {
      const [row] = await bank.owner.query<{ account_number: string }>(
        'SELECT account_number FROM accounts WHERE account_id = ?',
        [accountId],
      );
      return row?.account_number ?? '';
    },
    funds: async (user, accountId) => {
      const { body } = await api.http.get(`/accounts/${accountId}/balance`).set(user.headers);
      return { balance: body.balance, available: body.available_balance };
    },
    setStatus: async (accountId, status) => {
      await bank.owner.call('sp_set_account_status', [accountId, status]);
    },
    withoutTrace: async (work) => {
      const before = await ledgerSize(bank.owner);
      await work();
      expect(await ledgerSize(bank.owner)).toEqual(before);
    },
    close: async () => {
      const problems = await integrityProblems(bank.owner);
      await api.close();
      await bank.close();
      expect(problems).toEqual([]);
    },
  };
}

async function postMoney(
  api: TestApi,
  user: ApiUser,
  path: string,
  body: Body,
  headers: Record<string, string>,
): Promise<Response> {
  const request = api.http.post(path).set(user.headers).set(headers);
  return typeof body === 'string'
    ? request.set('content-type', 'application/json').send(body)
    : request.send(body);
}

/** Expects an accepted answer with exactly the documented fields, and gives it back typed. */
export function moneyOf(answer: Response, status = 201): MoneyAnswer {
  if (answer.status !== status) throw new Error(`answered ${answer.status}: ${answer.text}`);
  expect(MoneyAnswerDto.schema.parse(answer.body)).toEqual(answer.body);
  expect(answer.body).toMatchObject({
    reference_id: expect.stringMatching(REFERENCE),
    created_at: expect.stringMatching(ISO_TIME),
    effective_at: expect.stringMatching(ISO_TIME),
  });
  return answer.body as MoneyAnswer;
}

/** Expects the same answer as the first one, marked as a replay. */
export function expectReplay(first: Response, again: Response): void {
  expect(first.headers['idempotency-replayed']).toBeUndefined();
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(again.status).toBe(first.status);
  expect(withoutRequest(again)).toEqual(withoutRequest(first));
}

/** A body without the only thing that every request has of its own. */
export function withoutRequest({ body }: Response): unknown {
  return { ...body, request_id: undefined };
}

/** Expects a refusal that names exactly these fields. */
export function expectFields(answer: Response, code: ErrorCode, ...fields: string[]): void {
  expectProblem(answer, 400, code);
  expect((answer.body.errors as { field: string }[]).map(({ field }) => field)).toEqual(fields);
}
