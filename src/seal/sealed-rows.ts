import type { Queries } from '../database';
import { type ColumnValue, rowDigest, SEALED_COLUMNS, type SealedKind } from './canonical-row';
import { RECORD_BYTES, writeRecord } from './row-record';

type Row = Record<string, ColumnValue>;
type Reading = Pick<Queries, 'query'>;

/** Ids beyond `after`, which is exclusive, up to `until`. After nothing comes everything: even a row with the id 0, slipped in. */
export interface IdRange {
  after: string;
  until: string;
}

/** Rows read at once: bounds memory, whatever somebody has put into a range. */
const PAGE_ROWS = 2_000;

const TEXT_COLUMNS: ReadonlySet<string> = new Set(['old_values', 'new_values']);

function columnsOf(kind: SealedKind): string {
  // One text for a JSON column, on the server that has a type for it and on the one that has not.
  return SEALED_COLUMNS[kind]
    .map((column) => (TEXT_COLUMNS.has(column) ? `CAST(${column} AS CHAR) AS ${column}` : column))
    .join(', ');
}

const SQL = {
  transaction: `SELECT ${columnsOf('transaction')} FROM transactions FORCE INDEX (PRIMARY)
    WHERE transaction_id > ? AND transaction_id <= ? ORDER BY transaction_id LIMIT ${PAGE_ROWS}`,
  entry: `SELECT ${columnsOf('entry')} FROM ledger_entries FORCE INDEX (PRIMARY)
    WHERE transaction_id > ? AND transaction_id <= ? ORDER BY transaction_id, leg LIMIT ${PAGE_ROWS}`,
  entries_left: `SELECT ${columnsOf('entry')} FROM ledger_entries FORCE INDEX (PRIMARY)
    WHERE transaction_id = ? AND leg > ? ORDER BY leg`,
  audit: `SELECT ${columnsOf('audit')} FROM system_audit_logs FORCE INDEX (PRIMARY)
    WHERE audit_id > ? AND audit_id <= ? ORDER BY audit_id LIMIT ${PAGE_ROWS}`,
} as const;

/** Rows of one table in the order of their ids, a page in memory at a time. */
class PagedRows {
  private rows: Row[] = [];
  private at = 0;
  private after: bigint;
  private isAtEnd = false;

  constructor(
    private readonly queries: Reading,
    private readonly kind: SealedKind,
    private readonly range: IdRange,
  ) {
    this.after = range.after === '0' ? -1n : BigInt(range.after);
  }

  get current(): Row | undefined {
    return this.rows[this.at];
  }

  get idOfCurrent(): string {
    return String(this.current?.[this.kind === 'audit' ? 'audit_id' : 'transaction_id'] ?? '');
  }

  get needsPage(): boolean {
    return this.at >= this.rows.length && !this.isAtEnd;
  }

  advance(): void {
    this.at += 1;
  }

  async load(): Promise<void> {
    const { kind, range } = this;
    this.rows = await this.queries.query<Row>(SQL[kind], [this.after, BigInt(range.until)]);
    this.at = 0;
    this.isAtEnd = this.rows.length < PAGE_ROWS;
    const last = this.rows.at(-1);
    if (!last || this.isAtEnd) return;
    this.after = BigInt(String(last[kind === 'audit' ? 'audit_id' : 'transaction_id']));
    // A page may end between the entries of a transaction, which has 256 at most.
    if (kind === 'entry')
      this.rows.push(...(await this.queries.query<Row>(SQL.entries_left, [this.after, last.leg ?? 0])));
  }
}

/** Digests of the rows that are there, as records in the order of a block: the ledger by transaction, then the audit rows. */
export async function* sealedRecords(
  queries: Reading,
  transactions: IdRange,
  auditRows: IdRange,
): AsyncGenerator<Buffer> {
  yield* ledgerRecords(queries, transactions);
  const rows = new PagedRows(queries, 'audit', auditRows);
  const batch = new RecordBatch();
  for (;;) {
    if (rows.needsPage) await rows.load();
    const { current } = rows;
    if (!current) break;
    batch.add('audit', rows.idOfCurrent, current);
    rows.advance();
    if (batch.isFull) yield batch.take();
  }
  if (!batch.isEmpty) yield batch.take();
}

async function* ledgerRecords(queries: Reading, range: IdRange): AsyncGenerator<Buffer> {
  const transactions = new PagedRows(queries, 'transaction', range);
  const entries = new PagedRows(queries, 'entry', range);
  const batch = new RecordBatch();
  for (;;) {
    if (transactions.needsPage) await transactions.load();
    if (entries.needsPage) await entries.load();
    const { current: transaction } = transactions;
    const { current: entry } = entries;
    if (transaction && (!entry || isNotAfter(transactions.idOfCurrent, entries.idOfCurrent))) {
      batch.add('transaction', transactions.idOfCurrent, transaction);
      transactions.advance();
    } else if (entry) {
      batch.add('entry', entries.idOfCurrent, entry);
      entries.advance();
    } else break;
    if (batch.isFull) yield batch.take();
  }
  if (!batch.isEmpty) yield batch.take();
}

class RecordBatch {
  private records = Buffer.alloc(PAGE_ROWS * RECORD_BYTES);
  private count = 0;

  get isEmpty(): boolean {
    return this.count === 0;
  }

  get isFull(): boolean {
    return this.count === PAGE_ROWS;
  }

  add(kind: SealedKind, id: string, row: Row): void {
    const leg = kind === 'entry' ? Number(row.leg) : null;
    writeRecord(this.records, this.count * RECORD_BYTES, { kind, id, leg }, rowDigest(kind, row));
    this.count += 1;
  }

  take(): Buffer {
    const taken = this.records.subarray(0, this.count * RECORD_BYTES);
    this.records = Buffer.alloc(PAGE_ROWS * RECORD_BYTES);
    this.count = 0;
    return taken;
  }
}

/** Whether a whole number in decimal is at most another. */
function isNotAfter(a: string, b: string): boolean {
  return a.length === b.length ? a <= b : a.length < b.length;
}
