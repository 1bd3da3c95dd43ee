import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Queries } from '../database';
import { SOURCE } from './customers.repository';
import type { MerchantRow } from './transaction-row';

const MERCHANTS_REMEMBERED = 50_000;
const US_STATE = /^[A-Z]{2}$/;

/**
 * Finds or makes the merchants of a batch in two or three statements. Those seen last are remembered, a bounded number: the
 * whole data set has more places than need to be kept in memory.
 */
export class Merchants {
  private readonly ids = new LRUCache<string, string>({ max: MERCHANTS_REMEMBERED });

  constructor(private readonly queries: Queries) {}

  /** The merchant ids, in the order of `merchants`. */
  async resolve(merchants: readonly MerchantRow[]): Promise<string[]> {
    const found = new Map<string, string>();
    const missing = new Map<string, MerchantRow>();
    for (const merchant of merchants) {
      const text = textOf(merchant);
      const id = this.ids.get(text);
      if (id === undefined) missing.set(text, merchant);
      else found.set(text, id);
    }
    if (missing.size > 0) await this.lookUp(missing, found);
    return merchants.map((merchant) => found.get(textOf(merchant)) ?? '');
  }

  private async lookUp(missing: Map<string, MerchantRow>, found: Map<string, string>): Promise<void> {
    const keys = new Map([...missing.keys()].map((text) => [merchantKey(text).toString('hex'), text]));
    const remember = (rows: readonly MerchantKeyRow[]) => {
      for (const row of rows) {
        const text = keys.get(row.merchant_key.toString('hex'));
        if (text === undefined) continue;
        missing.delete(text);
        found.set(text, String(row.merchant_id));
        this.ids.set(text, String(row.merchant_id));
      }
    };
    remember(await this.select([...missing.keys()]));
    if (missing.size === 0) return;
    const rows = [...missing].map(([text, merchant]) => [
      merchantKey(text),
      `Merchant ${merchant.number}`,
      merchant.mcc,
      merchant.city,
      merchant.state,
      merchant.state !== null && US_STATE.test(merchant.state) ? 'US' : null,
    ]);
    // Another process may make the same merchant at this moment; then its row is the one.
    await this.queries.execute(
      `INSERT IGNORE INTO merchants (merchant_key, name, mcc, city, state, country)
       VALUES ${rows.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')}`,
      rows.flat(),
    );
    remember(await this.select([...missing.keys()]));
  }

  private select(texts: readonly string[]): Promise<MerchantKeyRow[]> {
    return this.queries.query<MerchantKeyRow>(
      `SELECT merchant_key, merchant_id FROM merchants WHERE merchant_key IN (${texts.map(() => '?').join(', ')})`,
      texts.map(merchantKey),
    );
  }
}

interface MerchantKeyRow {
  merchant_key: Buffer;
  merchant_id: string;
}

function textOf(merchant: MerchantRow): string {
  return `${merchant.number}|${merchant.mcc}|${merchant.city ?? ''}|${merchant.state ?? ''}`;
}

function merchantKey(text: string): Buffer {
  return createHash('sha256').update(`${SOURCE}|${text}`).digest().subarray(0, 16);
}

/** Adds merchant categories that the bank does not have; those it has keep their names. Answers with how many were new. */
export async function addMccCodes(
  queries: Queries,
  codes: readonly [mcc: string, description: string][],
): Promise<number> {
  if (codes.length === 0) return 0;
  const { affectedRows } = await queries.execute(
    `INSERT IGNORE INTO mcc_codes (mcc, description) VALUES ${codes.map(() => '(?, ?)').join(', ')}`,
    codes.flat(),
  );
  return affectedRows;
}

/** What the bank decided under a key. */
export interface KnownKey {
  requestHash: string;
  /** null: it was declined. */
  transactionId: string | null;
}

/** Those of the keys (32 hex digits each) that the bank has decided, by key. */
export async function findKeys(queries: Queries, keys: readonly string[]): Promise<Map<string, KnownKey>> {
  if (keys.length === 0) return new Map();
  const rows = await queries.query<{
    idempotency_key: Buffer;
    request_hash: Buffer;
    transaction_id: string | null;
  }>(
    `SELECT idempotency_key, request_hash, transaction_id FROM idempotency_keys
     WHERE idempotency_key IN (${keys.map(() => '?').join(', ')})`,
    keys.map((key) => Buffer.from(key, 'hex')),
  );
  return new Map(
    rows.map((row) => [
      row.idempotency_key.toString('hex'),
      {
        requestHash: row.request_hash.toString('hex'),
        transactionId: row.transaction_id === null ? null : String(row.transaction_id),
      },
    ]),
  );
}

/** Writes labels of transactions that have none; answers with how many were new. */
export async function addLabels(
  queries: Queries,
  labels: readonly { transactionId: string; isFraud: boolean }[],
): Promise<number> {
  if (labels.length === 0) return 0;
  const { affectedRows } = await queries.execute(
    `INSERT IGNORE INTO fraud_labels (transaction_id, is_fraud, source) VALUES ${labels.map(() => '(?, ?, ?)').join(', ')}`,
    labels.flatMap((label) => [label.transactionId, label.isFraud, SOURCE]),
  );
  return affectedRows;
}

/** The end of the closed books as microseconds since 1970; negative when nothing later is closed. */
export async function booksClosedUntilUs(queries: Queries): Promise<number> {
  const [row] = await queries.query<{ setting_value: string }>(
    "SELECT setting_value FROM bank_settings WHERE setting_key = 'books_closed_until'",
  );
  return row ? Date.parse(`${row.setting_value.replace(' ', 'T').slice(0, 23)}Z`) * 1000 : -1;
}
