import type { Redis } from 'ioredis';

/**
 * How the API asks a worker about a transaction before it is posted: a list in Redis that workers take from, and a channel on which
 * they answer. Nothing here is needed for correctness: whoever gets no answer in time posts as held.
 */
const ASKED_KEY = 'florin:prejudgements';
/** Channels know no logical databases; the ids of requests tell the answers of banks that share a server apart. */
export const PREJUDGEMENT_ANSWERS = 'florin:prejudgement-answers';

/** What nobody has taken by then is stale, and what does not fit has no chance of an answer in time. */
const STALE_AFTER_MS = 2_000;
const WAITING_MAX = 200;

/** A transaction as it would be posted. Ids as in sp_post_batch. */
export interface ProposedTransaction {
  type: 'transfer' | 'payment' | 'withdrawal' | 'capture';
  debit: string;
  /** Of a transfer; null: the bank's own side. */
  credit: string | null;
  /** Minor units, a decimal string. */
  amount: string;
  currency: string;
  merchant: string | null;
  channel: string | null;
  actor: string | null;
  description: string | null;
  /** Microseconds since 1970-01-01 UTC; null: now. */
  effective_us: number | null;
}

/** hold: post it, and hold the money at the receiving customer's account. */
export type Decision = 'post' | 'hold' | 'decline';

export interface Prejudgement {
  decision: Decision;
  risk_score: number;
  /** Names of the rules that counted. */
  rules: string[];
  /** Rules first, then what the model found odd; of what is flagged. */
  reasons: readonly object[];
}

export interface PrejudgementRequest {
  id: string;
  proposed: ProposedTransaction;
}

export interface PrejudgementAnswer extends Prejudgement {
  id: string;
}

/** @throws Error while Redis is away */
export async function askForPrejudgement(redis: Redis, request: PrejudgementRequest): Promise<void> {
  await redis
    .multi()
    .rpush(ASKED_KEY, JSON.stringify(request))
    .ltrim(ASKED_KEY, -WAITING_MAX, -1)
    .pexpire(ASKED_KEY, STALE_AFTER_MS)
    .exec();
}

/** The next request, or null when none came within `timeout_s`. Occupies the connection. @throws Error while Redis is away */
export async function takePrejudgementRequest(
  redis: Redis,
  timeout_s: number,
): Promise<PrejudgementRequest | null> {
  const taken = await redis.blpop(ASKED_KEY, timeout_s);
  return taken && readRequest(taken[1]);
}

/** Whoever shares the Redis server may write to the list: what is no request is dropped, and does not keep the next ones. */
function readRequest(message: string): PrejudgementRequest | null {
  try {
    const { id, proposed } = JSON.parse(message) as Partial<PrejudgementRequest>;
    return typeof id === 'string' && typeof proposed === 'object' && proposed !== null
      ? { id, proposed }
      : null;
  } catch {
    return null;
  }
}

/** @throws Error while Redis is away */
export async function answerPrejudgement(redis: Redis, answer: PrejudgementAnswer): Promise<void> {
  await redis.publish(PREJUDGEMENT_ANSWERS, JSON.stringify(answer));
}
