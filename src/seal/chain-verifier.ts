import { hash } from 'node:crypto';
import type { Queries } from '../database';
import { type BlockRange, compareRows } from './block-rows';
import { checkHeadSignature, HeadCheck } from './head-check';
import { describeRow, readName, RECORD_BYTES, type RowName } from './row-record';
import { type FullSealBlock, newestBlock, nextFullBlock, storedKeys } from './seal-blocks';
import type { SealPublicKey } from './seal-key';
import { NO_HASH, statementHash, statementText } from './statement';
import { type UnsealedRows, unsealedRows } from './unsealed-rows';
import { Findings, type Verification, type VerifyOptions } from './verification';

type Reading = Pick<Queries, 'query'>;

/**
 * Recomputes the chain of seals from the rows that are there: every row against its digest, every block against its hash, its signature and
 * the block before it, and the chain against heads that were kept outside. Only reads; memory holds a few thousand rows at a time.
 * @throws Error when a head's own signature does not hold, and whatever reading throws
 */
export function verifyChain(queries: Reading, options: VerifyOptions = {}): Promise<Verification> {
  return new ChainVerifier(queries, options).run();
}

class ChainVerifier {
  private readonly findings = new Findings();
  private readonly rows = { transaction: 0, entry: 0, audit: 0 };
  private keys: readonly SealPublicKey[] = [];
  private readonly heads: HeadCheck;
  private previous: FullSealBlock | undefined;
  private blocks = 0;
  private signed = 0;
  private isSignatureFound = false;
  /** The first of the blocks at the end that nobody signed. */
  private unsigned: FullSealBlock | undefined;

  constructor(
    private readonly queries: Reading,
    private readonly options: VerifyOptions,
  ) {
    this.heads = new HeadCheck(options.heads ?? [], this.findings);
  }

  async run(): Promise<Verification> {
    const { queries, options } = this;
    const pinned = options.pinnedKeys ?? [];
    for (const head of options.heads ?? []) checkHeadSignature(head, pinned);
    this.keys = pinned.length > 0 ? pinned : await storedKeys(queries);
    const until = (await newestBlock(queries))?.statement.block_id ?? 0;
    let next = nextFullBlock(queries, 0);
    for (;;) {
      const block = await next;
      if (!block || block.statement.block_id > until) break;
      next = nextFullBlock(queries, block.statement.block_id);
      // Whoever waits for it finds the failure there; until then it has nobody.
      next.catch(() => undefined);
      await this.verifyBlock(block);
      this.previous = block;
      this.blocks += 1;
      options.onProgress?.(block.statement.block_id, until);
    }
    this.checkUnsignedEnd(pinned.length > 0);
    const unsealed = await unsealedRows(queries, this.previous?.statement);
    this.heads.finish(this.previous?.statement, unsealed.first_row);
    return this.result(pinned.length > 0, unsealed);
  }

  private async verifyBlock(block: FullSealBlock): Promise<void> {
    const { block_id } = block.statement;
    const missing = this.missingBefore(block);
    if (missing) this.findings.add(missing);
    let rowFindings = 0;
    await compareRows(this.queries, block, this.rangeOf(block, missing !== null), this.rows, (finding) => {
      rowFindings += 1;
      this.findings.add({ ...finding, block_id });
    });
    const broken = this.brokenPart(block, missing !== null);
    if (broken) {
      const doubt = rowFindings > 0 ? '' : inDoubt(block);
      this.findings.add({
        problem: 'block_changed',
        block_id,
        row: firstRow(block),
        detail: `the seal of block ${block_id} itself was changed: ${broken}${doubt}`,
      });
    }
    this.checkSignature(block);
    this.heads.visit(block, statementHash(block.statement));
  }

  /** Begins where the block before ended, whatever this one says. Only behind a gap there is nothing else to go by. */
  private rangeOf({ statement }: FullSealBlock, isAfterGap: boolean): BlockRange {
    const before = isAfterGap ? undefined : this.previous?.statement;
    const isFirst = !isAfterGap && !before;
    return {
      transactions: {
        after: before?.transactions_until_id ?? (isFirst ? '0' : statement.transactions_after_id),
        until: statement.transactions_until_id,
      },
      audit: {
        after: before?.audit_until_id ?? (isFirst ? '0' : statement.audit_after_id),
        until: statement.audit_until_id,
      },
    };
  }

  private missingBefore(block: FullSealBlock) {
    const expected = (this.previous?.statement.block_id ?? 0) + 1;
    const { block_id } = block.statement;
    if (block_id === expected) return null;
    const blocks =
      block_id - 1 === expected ? `block ${expected} is` : `blocks ${expected} to ${block_id - 1} are`;
    const after = this.previous?.statement.transactions_until_id ?? '0';
    return {
      problem: 'block_missing' as const,
      block_id: expected,
      row: null,
      detail: `${blocks} gone; in doubt is every row from the first after transaction ${after} on`,
    };
  }

  /** What is wrong with the block as such, in words; null when nothing is. */
  private brokenPart(block: FullSealBlock, isAfterGap: boolean): string | null {
    const { statement, row_digests, block_hash } = block;
    if (row_digests.length !== statement.rows_count * RECORD_BYTES) return 'the number of its rows';
    if (hash('sha256', row_digests, 'hex') !== statement.rows_sha256) return 'the digests of its rows';
    if (statementHash(statement) !== block_hash) return 'its statement does not have its hash';
    if (isAfterGap) return null;
    const { previous } = this;
    const hashes = previous ? [previous.block_hash, statementHash(previous.statement)] : [NO_HASH];
    if (!hashes.includes(statement.previous_hash))
      return previous ? `it does not continue block ${previous.statement.block_id}` : 'it is not the first';
    const continues =
      statement.transactions_after_id === (previous?.statement.transactions_until_id ?? '0') &&
      statement.audit_after_id === (previous?.statement.audit_until_id ?? '0') &&
      statement.chain_id === (previous?.statement.chain_id ?? statement.chain_id);
    return continues ? null : 'its rows do not begin where those of the block before it end';
  }

  private checkSignature(block: FullSealBlock): void {
    const { statement, signature } = block;
    if (!signature || statement.key_id === null) {
      this.unsigned ??= block;
      return;
    }
    this.unsigned = undefined;
    const key = this.keys.find(({ key_id }) => key_id === statement.key_id);
    if (key?.verify(statementText(statement), signature)) {
      this.signed += 1;
      return;
    }
    // Of a chain that was rebuilt, all that follow are wrong too: the first says where.
    if (this.isSignatureFound) return;
    this.isSignatureFound = true;
    const why = key
      ? `the signature of block ${statement.block_id} does not hold: the block was made without the bank's key`
      : `block ${statement.block_id} is signed with key ${statement.key_id}, which is none of the bank's known keys`;
    this.findings.add({
      problem: 'signature_invalid',
      block_id: statement.block_id,
      row: firstRow(block),
      detail: `${why}${inDoubt(block)}`,
    });
  }

  /** Blocks without a signature are covered by a later one; at the end of a chain that is signed otherwise they should not be. */
  private checkUnsignedEnd(isKeyExpected: boolean): void {
    const { unsigned } = this;
    if (!unsigned || !(isKeyExpected || this.signed > 0)) return;
    this.findings.add({
      problem: 'signature_missing',
      block_id: unsigned.statement.block_id,
      row: firstRow(unsigned),
      detail: `from block ${unsigned.statement.block_id} to the end nothing is signed${inDoubt(unsigned)}`,
    });
  }

  private result(arePinned: boolean, unsealed: UnsealedRows): Verification {
    const { previous } = this;
    const { transactions_count, audit_rows_count, oldest_at } = unsealed;
    return {
      findings: this.findings.sorted(),
      findings_count: this.findings.count,
      blocks_count: this.blocks,
      rows: this.rows,
      head: previous ? { statement: previous.statement, block_hash: previous.block_hash } : null,
      signed_blocks_count: this.signed,
      keys_are_pinned: arePinned,
      matching_heads: this.heads.matching,
      unsealed: { transactions_count, audit_rows_count, oldest_at },
    };
  }
}

function firstRow(block: FullSealBlock): RowName | null {
  return block.row_digests.length >= RECORD_BYTES ? readName(block.row_digests, 0) : null;
}

function inDoubt(block: FullSealBlock): string {
  const row = firstRow(block);
  return row ? `; in doubt is every row from ${describeRow(row)} on` : '';
}
