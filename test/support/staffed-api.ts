import type { Test } from 'supertest';
import { startApi, type ApiUser, type TestApi } from './api';
import { createTestBank, type TestBank } from './bank';
import { integrityProblems } from './postings';

/** A bank with an API, an administrator, an auditor and a customer, all logged in. */
export interface StaffedApi {
  bank: TestBank;
  api: TestApi;
  admin: ApiUser;
  auditor: ApiUser;
  customer: ApiUser;
  /** Requests of the administrator, unless another user is given. */
  get(path: string, user?: ApiUser): Test;
  patch(path: string, body?: object, user?: ApiUser): Test;
  post(path: string, body: object, idempotencyKey?: string, user?: ApiUser): Test;
  /** Every item of a list, page by page; `path` has a query already. `between` runs after each page. */
  allPages<T>(path: string, between?: () => Promise<unknown>): Promise<T[]>;
}

/** Starts one for the tests of a file, and stops it when they are done and the ledger was found sound. */
export function useStaffedApi(): StaffedApi {
  const staffed = {
    get: (path, user = staffed.admin) => staffed.api.http.get(path).set(user.headers),
    patch: (path, body, user = staffed.admin) => staffed.api.http.patch(path).set(user.headers).send(body),
    post: (path, body, idempotencyKey, user = staffed.admin) =>
      staffed.api.http
        .post(path)
        .set({
          ...user.headers,
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        })
        .send(body),
    allPages: async <T>(path: string, between: () => Promise<unknown> = async () => undefined) => {
      const items: T[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body } = await staffed.get(`${path}${cursor && `&cursor=${cursor}`}`);
        items.push(...(body.items as T[]));
        cursor = body.next_cursor;
        await between();
      }
      return items;
    },
  } as StaffedApi;

  beforeAll(async () => {
    staffed.bank = await createTestBank();
    staffed.api = await startApi(staffed.bank);
    staffed.admin = await staffed.api.staff('admin');
    staffed.auditor = await staffed.api.staff('auditor');
    staffed.customer = await staffed.api.customer({ username: 'grace.hopper', full_name: 'Grace Hopper' });
  });
  afterAll(async () => {
    const problems = staffed.bank ? await integrityProblems(staffed.bank.owner) : [];
    await staffed.api?.close();
    await staffed.bank?.close();
    expect(problems).toEqual([]);
  });
  return staffed;
}
