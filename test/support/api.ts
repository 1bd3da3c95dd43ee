import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import supertest from 'supertest';
import type { Authentication } from '../../src/auth/authentication';
import { TokenService } from '../../src/auth/token.service';
import { loadEnvironment } from '../../src/config/environment';
import { createApp } from '../../src/http/create-app';
import type { TestBank, TestUser } from './bank';

/** Password and PIN of every user made here, with hashes of the cheapest cost, so that tests do not wait for bcrypt. */
export const TEST_PASSWORD = 'correct horse battery';
export const TEST_PIN = '2468';
const TEST_PASSWORD_HASH = '$2b$04$kYVim7Oa70f5gtk4Moz66.THHi5mXoRc/3mWOOB2.LGj0pV2Zj/1C';
const TEST_PIN_HASH = '$2b$04$ThbZAYWnTOcStcUwBRTz2u6y/gzf7.G7XYQTUH4yEcmntdBr8D6Ri';

/** Someone who is logged in. */
export interface ApiUser {
  user_id: string;
  username: string;
  password: string;
  /** An access token. */
  token: string;
  headers: { authorization: string };
}

export interface ApiUserOptions extends TestUser {
  /** Gives the user TEST_PIN. */
  with_pin?: boolean;
}

/** An API process's worth of the bank, listening on a free port. */
export interface TestApi {
  app: NestFastifyApplication;
  url: string;
  /** `api.http.post('/auth/login').send({…})` */
  http: ReturnType<typeof supertest>;
  /** A customer who is logged in. */
  customer(options?: ApiUserOptions): Promise<ApiUser>;
  /** A member of the staff who is logged in. */
  staff(role: 'auditor' | 'analyst' | 'admin', options?: ApiUserOptions): Promise<ApiUser>;
  /** Registers over HTTP: for tests of registration and of real hashes. Answers with the profile. */
  register(overrides?: Record<string, unknown>): Promise<supertest.Response>;
  login(username: string, password?: string): Promise<supertest.Response>;
  close(): Promise<void>;
}

/** What a token says of who has logged in this moment, with a second factor. */
export function justLoggedIn(): Authentication {
  return { session_id: null, authenticated_at_s: Math.floor(Date.now() / 1000), has_second_factor: true };
}

let registrations = 0;

/** Starts the API as main.ts does, on `bank`. `overrides` replace settings of its environment. */
export async function startApi(bank: TestBank, overrides: NodeJS.ProcessEnv = {}): Promise<TestApi> {
  const app = await createApp(loadEnvironment({ ...bank.environment, ...overrides }));
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const http = supertest(url);

  async function user(options: ApiUserOptions = {}): Promise<ApiUser> {
    const { with_pin, ...record } = options;
    const { user_id, username } = await bank.createUser({
      password_hash: TEST_PASSWORD_HASH,
      pin_hash: with_pin ? TEST_PIN_HASH : null,
      ...record,
    });
    const token = app
      .get(TokenService, { strict: false })
      .sign({ user_id, username, role: record.role ?? 'customer' }, 0, justLoggedIn());
    return {
      user_id,
      username,
      password: TEST_PASSWORD,
      token,
      headers: { authorization: `Bearer ${token}` },
    };
  }

  return {
    app,
    url,
    http,
    customer: (options) => user(options),
    staff: (role, options) => user({ ...options, role }),
    register: async (more = {}) => http.post('/auth/register').send(registration(more)),
    login: async (username, password = TEST_PASSWORD) =>
      http.post('/auth/login').send({ username, password }),
    close: () => app.close(),
  };
}

/** Lends `work` an API with other settings, and closes it whatever happens. */
export async function withApi<T>(
  bank: TestBank,
  overrides: NodeJS.ProcessEnv,
  work: (api: TestApi) => Promise<T>,
): Promise<T> {
  const api = await startApi(bank, overrides);
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

/** A body for POST /auth/register that is accepted, with a username and an address of its own. */
export function registration(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  registrations += 1;
  const username = `grace.${process.pid}.${registrations}`;
  return {
    username,
    password: TEST_PASSWORD,
    email: `${username}@bank.test`,
    full_name: 'Grace Hopper',
    date_of_birth: '1986-12-09',
    ...overrides,
  };
}
