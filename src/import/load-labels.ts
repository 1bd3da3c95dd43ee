import type { Queries } from '../database';
import type { DataFile } from './data-set';
import { transactionKey } from './items';
import { readLabels, type FraudLabel } from './label-reader';
import { addLabels, findKeys } from './reference.repository';

const LABELS_A_QUERY = 2_000;

export interface LabelCounts {
  added: number;
  /** Of transactions that have a label already. */
  there: number;
  /** Of transactions that were declined: no money moved, so there is nothing to label. */
  declined: number;
  /** Of transactions that the bank does not have. */
  unknown: number;
}

/** train_fraud_labels*.json: what is known afterwards about transactions that are in the bank. */
export async function loadLabels(
  queries: Queries,
  files: readonly DataFile[],
  signal: AbortSignal,
  onProgress: (rows: number, bytes: number) => void,
): Promise<LabelCounts> {
  const counts: LabelCounts = { added: 0, there: 0, declined: 0, unknown: 0 };
  let rows = 0;
  let bytesBefore = 0;
  for (const file of files) {
    for await (const { labels, bytes } of readLabels(file.path)) {
      for (let start = 0; start < labels.length; start += LABELS_A_QUERY) {
        if (signal.aborted) return counts;
        await addPart(queries, labels.slice(start, start + LABELS_A_QUERY), counts);
      }
      rows += labels.length;
      onProgress(rows, bytesBefore + bytes);
    }
    bytesBefore += file.bytes;
  }
  return counts;
}

async function addPart(queries: Queries, labels: readonly FraudLabel[], counts: LabelCounts): Promise<void> {
  const keyed = labels.map((label) => ({ key: transactionKey(label.transactionId), isFraud: label.isFraud }));
  const known = await findKeys(
    queries,
    keyed.map(({ key }) => key),
  );
  const rows: { transactionId: string; isFraud: boolean }[] = [];
  for (const { key, isFraud } of keyed) {
    const found = known.get(key);
    if (!found) counts.unknown += 1;
    else if (found.transactionId === null) counts.declined += 1;
    else rows.push({ transactionId: found.transactionId, isFraud });
  }
  const added = await addLabels(queries, rows);
  counts.added += added;
  counts.there += rows.length - added;
}
