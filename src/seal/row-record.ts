import type { SealedKind } from './canonical-row';

/** A sealed row by name; `leg` of entries only. */
export interface RowName {
  kind: SealedKind;
  id: string;
  leg: number | null;
}

/** In row_digests: source (1 ledger, 2 audit), id (8 bytes, big-endian), part (0 the row itself, leg + 1 an entry of it), SHA-256. */
export const RECORD_BYTES = 42;
/** Records are sorted by these first bytes. */
export const NAME_BYTES = 10;

const LEDGER = 1;
const AUDIT = 2;

export function writeRecord(target: Buffer, at: number, name: RowName, digest: Buffer): void {
  target[at] = name.kind === 'audit' ? AUDIT : LEDGER;
  target.writeBigUInt64BE(BigInt(name.id), at + 1);
  // The bank makes a hundred legs at most; what somebody slips in beyond a byte is found by its digest.
  target[at + 9] = name.leg === null ? 0 : Math.min(name.leg + 1, 255);
  digest.copy(target, at + NAME_BYTES);
}

export function readName(records: Buffer, at: number): RowName {
  const part = records[at + 9] ?? 0;
  const id = records.readBigUInt64BE(at + 1).toString();
  if (records[at] === AUDIT) return { kind: 'audit', id, leg: null };
  return part === 0 ? { kind: 'transaction', id, leg: null } : { kind: 'entry', id, leg: part - 1 };
}

/** "entry 1 of transaction 4711", for people. Legs are counted from zero, as in the table. */
export function describeRow({ kind, id, leg }: RowName): string {
  if (kind === 'audit') return `audit row ${id}`;
  return kind === 'transaction' ? `transaction ${id}` : `entry ${leg ?? 0} of transaction ${id}`;
}
