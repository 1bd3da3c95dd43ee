import type { RowName } from './row-record';
import type { SealHead } from './seal-head';
import type { SealPublicKey } from './seal-key';
import type { SealStatement } from './statement';

export type SealProblem =
  | 'row_changed'
  | 'row_added'
  | 'row_removed'
  | 'block_changed'
  | 'block_missing'
  | 'signature_invalid'
  | 'signature_missing'
  | 'head_differs'
  | 'chain_cut';

/** One thing that is not as it was sealed. */
export interface SealFinding {
  problem: SealProblem;
  block_id: number;
  /** The row itself; of a problem with a block, the first row that it leaves in doubt. Null when not even that is there. */
  row: RowName | null;
  /** For people, one line. */
  detail: string;
}

export interface VerifyOptions {
  /** Keys that are known from elsewhere. Without any, those that the database names are taken. */
  pinnedKeys?: readonly SealPublicKey[];
  /** Heads that were kept outside. */
  heads?: readonly SealHead[];
  onProgress?: (blocks: number, ofBlocks: number) => void;
}

export interface Verification {
  /** In the order of the chain, the first 20. */
  findings: SealFinding[];
  findings_count: number;
  blocks_count: number;
  /** Rows that are there within the chain, whether as sealed or not. */
  rows: { transaction: number; entry: number; audit: number };
  /** The newest block; null when nothing is sealed. */
  head: { statement: SealStatement; block_hash: string } | null;
  signed_blocks_count: number;
  keys_are_pinned: boolean;
  matching_heads: string[];
  /** Rows behind the chain, which it says nothing about yet. */
  unsealed: { transactions_count: number; audit_rows_count: number; oldest_at: string | null };
}

const MOST_FINDINGS = 20;

/** Keeps the first findings and counts the rest: a chain that was destroyed must not fill the memory. */
export class Findings {
  readonly list: SealFinding[] = [];
  count = 0;

  add(finding: SealFinding): void {
    this.count += 1;
    if (this.list.length < MOST_FINDINGS) this.list.push(finding);
  }

  /** In the order of the chain; what was found in a block stays in the order in which it was found. */
  sorted(): SealFinding[] {
    return [...this.list].sort((a, b) => a.block_id - b.block_id);
  }
}
