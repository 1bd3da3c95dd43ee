import type { FastifyReply } from 'fastify';
import type { Actor } from '../../database';
import type { BankRequest } from '../../http/request-context';
import type { ApprovalRow } from '../approvals.repository';
import type { ApprovalKind } from '../kinds';

/** What is asked for. */
export interface Proposal {
  /** JSON that is executed as it is, once it was approved. */
  payload: object;
  /** Whom it favours: approves it no more than who asks. */
  subject_user_id?: string | undefined;
  reason?: string | undefined;
  /** Of a request that moves money: its idempotency key and hash in their stored form, which are also the posting's. */
  key?: string;
  hash?: string;
}

/** What was done: becomes the result of the request. A code other than OK means that it was refused for good. */
export interface ActResult extends Record<string, unknown> {
  code: string;
}

/** Something that a second person may have to approve. */
export interface Act {
  kind: ApprovalKind;
  /** Whether the request could be such an act at all: asked before anything is read from the database. */
  concerns?(request: BankRequest): boolean;
  /**
   * Reads the request before its route does. null: the route may go on, because the act needs nobody else, or because the request is
   * malformed, which the route says better.
   */
  propose(request: BankRequest, reply: FastifyReply): Promise<Proposal | null>;
  /**
   * Does it. What it is told may be days old, so it is validated anew. Changes rows through `actor`, whose transaction marks the request
   * as executed, or posts under the request's key: so that a second attempt after a crash has no second effect.
   */
  execute(actor: Actor, payload: unknown, approval: ApprovalRow): Promise<ActResult>;
}

/** The part of a request that a schema describes; undefined: it is malformed. */
export function part<T>(
  schema: { safeParse(value: unknown): { success: boolean; data?: T } },
  value: unknown,
): T | undefined {
  const result = schema.safeParse(value);
  return result.success ? result.data : undefined;
}
