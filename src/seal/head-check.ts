import { describeRow, readName, RECORD_BYTES, type RowName } from './row-record';
import type { FullSealBlock } from './seal-blocks';
import type { SealHead } from './seal-head';
import type { SealPublicKey } from './seal-key';
import type { SealStatement } from './statement';
import type { Findings } from './verification';

/** @throws Error when the head was not signed as it stands */
export function checkHeadSignature(head: SealHead, pinned: readonly SealPublicKey[]): void {
  const { statement, signature, name } = head;
  if (!signature || statement.key_id === null) {
    if (pinned.length > 0) throw new Error(`${name}: is not signed`);
    return;
  }
  const known = pinned.length > 0 ? pinned : head.enclosedKey ? [head.enclosedKey] : [];
  const key = known.find(({ key_id }) => key_id === statement.key_id);
  if (!key) throw new Error(`${name}: is signed with key ${statement.key_id}, which was not given`);
  if (!key.verify(head.text, signature))
    throw new Error(`${name}: its signature does not hold: the file is damaged or was changed`);
}

interface Suspect {
  block_id: number;
  row: RowName | null;
}

/** Holds the chain, as its blocks are read, against heads that were kept outside. */
export class HeadCheck {
  readonly matching: string[] = [];
  private readonly waiting: SealHead[];
  /** The first block behind the last head that matched. */
  private firstAfterMatch: Suspect | null = null;
  /** Of a head, the first block that it should follow and that is younger. */
  private readonly younger = new Map<SealHead, Suspect>();

  constructor(
    heads: readonly SealHead[],
    private readonly findings: Findings,
  ) {
    this.waiting = [...heads].sort((a, b) => a.statement.block_id - b.statement.block_id);
  }

  visit(block: FullSealBlock, blockHash: string): void {
    const { block_id, sealed_at, chain_id } = block.statement;
    const suspect = { block_id, row: firstRow(block) };
    this.firstAfterMatch ??= suspect;
    for (const head of this.waiting)
      if (sealed_at > head.statement.sealed_at && !this.younger.has(head)) this.younger.set(head, suspect);
    let isMatched = false;
    for (let head = this.waiting[0]; head?.statement.block_id === block_id; head = this.waiting[0]) {
      this.waiting.shift();
      if (head.head_hash === blockHash) {
        isMatched = true;
        this.matching.push(head.name);
      } else this.differs(head, block_id, head.statement.chain_id !== chain_id);
    }
    if (isMatched) this.firstAfterMatch = null;
  }

  /** Heads of blocks that the chain has not. */
  finish(end: SealStatement | undefined, firstUnsealed: RowName | null): void {
    for (const { name, statement } of this.waiting) {
      const last = end?.block_id ?? 0;
      const first = firstUnsealed
        ? `from ${describeRow(firstUnsealed)} on, or what was there before it`
        : `from the first after transaction ${end?.transactions_until_id ?? 0} on`;
      this.findings.add({
        problem: 'chain_cut',
        block_id: last + 1,
        row: firstUnsealed,
        detail:
          `the chain ends with block ${last}, but ${name} is the head of block ${statement.block_id}, sealed at ${statement.sealed_at} up ` +
          `to transaction ${statement.transactions_until_id} and audit row ${statement.audit_until_id}: the end was cut off; in doubt is ` +
          `every row ${first}`,
      });
    }
  }

  private differs(head: SealHead, blockId: number, isOtherChain: boolean): void {
    const { name, statement } = head;
    const younger = this.younger.get(head);
    const suspect = younger ?? this.firstAfterMatch;
    const why = isOtherChain
      ? `${name} is a head of another chain (${statement.chain_id}): it belongs to another bank, or the whole chain was replaced`
      : `block ${blockId} is not the one of ${name}: the chain was rewritten`;
    const since = younger
      ? `block ${younger.block_id} was sealed after ${name} was`
      : this.matching.length > 0
        ? `the last head that agrees is ${this.matching.at(-1) ?? ''}`
        : 'no earlier head agrees';
    this.findings.add({
      problem: 'head_differs',
      block_id: suspect?.block_id ?? blockId,
      row: suspect?.row ?? null,
      detail: `${why}; in doubt is every row${suspect?.row ? ` from ${describeRow(suspect.row)} on` : ''}, because ${since}`,
    });
  }
}

function firstRow(block: FullSealBlock): RowName | null {
  return block.row_digests.length >= RECORD_BYTES ? readName(block.row_digests, 0) : null;
}
