import type { Queries } from '../database';
import { describeRow, NAME_BYTES, readName, RECORD_BYTES, type RowName } from './row-record';
import type { FullSealBlock } from './seal-blocks';
import { type IdRange, sealedRecords } from './sealed-rows';
import type { SealProblem, Verification } from './verification';

export interface RowFinding {
  problem: Extract<SealProblem, 'row_changed' | 'row_added' | 'row_removed'>;
  row: RowName;
  detail: string;
}

const WORDS = {
  row_changed: 'is not as it was sealed: it was changed',
  row_added: 'was not there when its block was sealed: it was added',
  row_removed: 'was sealed and is gone: it was removed',
} as const;

/** Where a block's rows lie. */
export interface BlockRange {
  transactions: IdRange;
  audit: IdRange;
}

/** Compares the rows of `range` with the digests of their block, both in the order of their names. */
export async function compareRows(
  queries: Pick<Queries, 'query'>,
  { row_digests: sealed }: FullSealBlock,
  range: BlockRange,
  counts: Verification['rows'],
  onFinding: (finding: RowFinding) => void,
): Promise<void> {
  const find = (problem: RowFinding['problem'], records: Buffer, at: number) => {
    const row = readName(records, at);
    onFinding({ problem, row, detail: `${describeRow(row)} ${WORDS[problem]}` });
  };
  const end = sealed.length - (sealed.length % RECORD_BYTES);
  let at = 0;
  for await (const records of sealedRecords(queries, range.transactions, range.audit)) {
    for (let found = 0; found < records.length; found += RECORD_BYTES) {
      count(counts, records, found);
      if (at < end && compare(records, found, sealed, at, RECORD_BYTES) === 0) {
        at += RECORD_BYTES;
        continue;
      }
      while (at < end && compare(records, found, sealed, at, NAME_BYTES) > 0) {
        find('row_removed', sealed, at);
        at += RECORD_BYTES;
      }
      const isSealed = at < end && compare(records, found, sealed, at, NAME_BYTES) === 0;
      if (!isSealed) find('row_added', records, found);
      else {
        if (compare(records, found, sealed, at, RECORD_BYTES) !== 0) find('row_changed', records, found);
        at += RECORD_BYTES;
      }
    }
  }
  for (; at < end; at += RECORD_BYTES) find('row_removed', sealed, at);
}

function compare(a: Buffer, aAt: number, b: Buffer, bAt: number, bytes: number): number {
  return a.compare(b, bAt, bAt + bytes, aAt, aAt + bytes);
}

function count(counts: Verification['rows'], records: Buffer, at: number): void {
  if (records[at] !== 1) counts.audit += 1;
  else if (records[at + 9] === 0) counts.transaction += 1;
  else counts.entry += 1;
}
