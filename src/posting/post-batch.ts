import type { Pool } from 'mysql2/promise';
import { idOrNull, wasRolledBack } from '../database';
import type { PostingCode, PostingItem, PostingLeg, PostingOutcome, PostingType } from './posting-item';

/** An item with its place in a request: items of one linked request are posted all or none. */
export interface BatchItem extends PostingItem {
  request?: number;
  linked?: 0 | 1;
}

/** How long a batch may go unanswered: longer than it can wait for one lock (50 s), so that a slow server answers first. */
export const POSTING_TIMEOUT_MS = 60_000;

interface ItemRow {
  seq: number;
  code: PostingCode;
  is_replayed: number;
  transaction_id: string | null;
  reference_id: string | null;
  hold_id: string | null;
  type: PostingType;
  currency: string;
  amount_minor: string | null;
  description: string | null;
  effective_at: string;
  posted_at: string;
}

interface LegRow {
  seq: number;
  leg: number;
  account_id: string;
  user_id: string | null;
  is_entry: number;
  amount_minor: string;
  balance_after_minor: string;
  available_after_minor: string;
}

/**
 * CALL sp_post_batch: decides and posts up to 2,000 items in one transaction and one round trip. Outcomes come in the items'
 * order. Errors of the server pass through; nothing was posted then, or, when the connection was lost or no answer came in time,
 * the same call with the same keys finds out.
 */
export async function postBatch(
  pool: Pool,
  items: readonly BatchItem[],
  timeout_ms = POSTING_TIMEOUT_MS,
): Promise<PostingOutcome[]> {
  const [itemRows, legRows] = await callPostBatch(pool, toJson(items), timeout_ms);
  // Both results come in the order of the items.
  let next = 0;
  return itemRows.map((row) => {
    const legs: PostingLeg[] = [];
    for (; legRows[next]?.seq === row.seq; next += 1) legs.push(toLeg(legRows[next] as LegRow));
    return toOutcome(row, legs);
  });
}

async function callPostBatch(pool: Pool, batch: string, timeout_ms: number): Promise<[ItemRow[], LegRow[]]> {
  const connection = await pool.getConnection();
  try {
    const [answer] = await inTime(connection.query('CALL sp_post_batch(?)', [batch]), timeout_ms);
    connection.release();
    return answer as unknown as [ItemRow[], LegRow[]];
  } catch (error) {
    // A statement killed from outside passes the procedure's handlers by and leaves its transaction and locks behind.
    if (wasRolledBack(error)) connection.release();
    else connection.destroy();
    throw error;
  }
}

/** The driver's own time limit leaves its timer running when the connection is lost, and the process with it. */
async function inTime<T>(answer: Promise<T>, timeout_ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error('The batch was not answered in time.'), { code: 'ETIMEDOUT' })),
      timeout_ms,
    );
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Amounts are bounded by MAX_AMOUNT_MINOR, far below 2^53, so a JSON number holds them exactly. */
function toJson(items: readonly BatchItem[]): string {
  return JSON.stringify(
    items.map(({ amount, legs, ...item }) => ({
      ...item,
      amount: amount === undefined ? undefined : Number(amount),
      legs: legs?.map((leg) => ({ ...leg, amount: Number(leg.amount) })),
    })),
  );
}

function toOutcome(row: ItemRow, legs: PostingLeg[]): PostingOutcome {
  return {
    code: row.code,
    is_replayed: row.is_replayed === 1,
    transaction_id: idOrNull(row.transaction_id),
    reference_id: row.reference_id,
    hold_id: idOrNull(row.hold_id),
    type: row.type,
    currency: row.currency,
    amount_minor: BigInt(row.amount_minor ?? 0),
    description: row.description,
    effective_at: row.effective_at,
    posted_at: row.posted_at,
    legs,
  };
}

function toLeg(row: LegRow): PostingLeg {
  return {
    leg: row.leg,
    account_id: String(row.account_id),
    user_id: idOrNull(row.user_id),
    is_entry: row.is_entry === 1,
    amount_minor: BigInt(row.amount_minor),
    balance_after_minor: BigInt(row.balance_after_minor),
    available_after_minor: BigInt(row.available_after_minor),
  };
}
