import { randomUUID } from 'node:crypto';
import type { Test } from 'supertest';
import type { ApiUser, TestApi } from './api';
import type { TestBank } from './bank';

/** Over the setting, and SUSPICIOUS at most: it is posted. */
export const LARGE = '60000.00';
/** What the rules below want held, and find CRITICAL. */
export const TO_BE_HELD = '310000.00';
export const CRITICAL = '620000.00';

/** A sender with a million, and where the money may go. */
export interface Parties {
  user: ApiUser;
  from: string;
  to: string;
}

/** Rules about what leaves an account, so that deposits may fund one; none about the night. */
export async function setLargeRules(bank: TestBank): Promise<void> {
  await bank.owner.execute(
    "UPDATE risk_rules SET status = 'disabled' WHERE name = 'unusual_high_value_at_night'",
  );
  for (const [name, from_usd, floor, action] of [
    ['test_hold', 300_000, 0.7, 'hold'],
    ['test_critical', 600_000, 0.9, 'score'],
  ] as const) {
    const condition = {
      all: [
        { fact: 'amount_usd', op: 'gte', value: from_usd },
        { fact: 'type', op: 'ne', value: 'deposit' },
      ],
    };
    const [made] = await bank.owner.call<{ rule_id: string }>('sp_create_risk_rule', [
      name,
      JSON.stringify(condition),
      floor,
      action,
      '{amount_usd} US dollars, limit {limit:amount_usd}',
      'Tests',
      'For the tests',
    ]);
    await bank.owner.call('sp_set_risk_rule_status', [String(made?.[0]?.rule_id), null, 'active', 'Tests']);
  }
}

export async function newParties(bank: TestBank, api: TestApi, balance = 100_000_000n): Promise<Parties> {
  const user = await api.customer();
  return {
    user,
    from: await bank.openAccount(user.user_id, { balance }),
    to: await bank.openAccount((await bank.createUser()).user_id),
  };
}

/** A request that moves money. */
export function ask(
  api: TestApi,
  user: ApiUser,
  path: string,
  body: object,
  key: string = randomUUID(),
): Test {
  return api.http
    .post(path)
    .set({ ...user.headers, 'idempotency-key': key })
    .send(body);
}
