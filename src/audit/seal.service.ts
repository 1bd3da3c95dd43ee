import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import { Database, timeOrNull } from '../database';
import { BankError } from '../errors';
import {
  blockById,
  headFile,
  newestBlock,
  parsePublicKeys,
  type SealBlock,
  type SealPublicKey,
  statementHash,
  statementText,
  storedKeys,
  unsealedRows,
} from '../seal';
import type { SealAnswer, SealHeadAnswer, SealKeysAnswer } from './seal.dto';

type SignatureState = NonNullable<SealAnswer['sealed']>['signature'];

/** How far the chain of seals has got, and what of it can be kept outside the bank. */
@Injectable()
export class SealService {
  private readonly configuredKeys: readonly SealPublicKey[];

  /** @throws Error when SEAL_PUBLIC_KEYS holds no keys */
  constructor(
    private readonly database: Database,
    @Inject(ENVIRONMENT) { SEAL_PUBLIC_KEYS }: Environment,
  ) {
    try {
      this.configuredKeys = parsePublicKeys(SEAL_PUBLIC_KEYS ?? '');
    } catch (error) {
      throw new Error(`SEAL_PUBLIC_KEYS: ${(error as Error).message}`, { cause: error });
    }
  }

  async state(): Promise<SealAnswer> {
    const block = await newestBlock(this.database);
    const { transactions_count, audit_rows_count, oldest_at } = await unsealedRows(
      this.database,
      block?.statement,
    );
    const oldest = timeOrNull(oldest_at);
    return {
      sealed: block ? { ...sealedPart(block), signature: signatureState(block, await this.keys()) } : null,
      waiting: { transactions_count, audit_rows_count, oldest_at: oldest },
      lag_seconds: oldest === null ? 0 : Math.max(0, Date.now() - Date.parse(oldest)) / 1000,
    };
  }

  /** @throws BankError NOT_FOUND before the first block, and for a block that is not there */
  async head(blockId: string | undefined): Promise<SealHeadAnswer> {
    const block =
      blockId === undefined ? await newestBlock(this.database) : await blockById(this.database, blockId);
    if (!block) throw new BankError('NOT_FOUND');
    return headFile(block, await this.keys());
  }

  async publishedKeys(): Promise<SealKeysAnswer> {
    const source = this.configuredKeys.length > 0 ? 'configured' : 'database';
    const keys = await this.keys();
    return {
      items: keys.map(({ key_id, pem }) => ({
        key_id,
        algorithm: 'Ed25519' as const,
        public_key: pem,
        source,
      })),
    };
  }

  /** Whoever can rewrite the chain in the database can add a key there: what is configured goes first. */
  private async keys(): Promise<readonly SealPublicKey[]> {
    return this.configuredKeys.length > 0 ? this.configuredKeys : storedKeys(this.database);
  }
}

function sealedPart({ statement, block_hash }: SealBlock) {
  return {
    block_id: String(statement.block_id),
    head_hash: block_hash,
    sealed_at: statement.sealed_at,
    transactions_until_id: statement.transactions_until_id,
    audit_until_id: statement.audit_until_id,
    key_id: statement.key_id,
  };
}

function signatureState(block: SealBlock, keys: readonly SealPublicKey[]): SignatureState {
  const { statement, signature, block_hash } = block;
  if (!signature || statement.key_id === null) return 'none';
  const key = keys.find(({ key_id }) => key_id === statement.key_id);
  if (!key) return 'unknown_key';
  const holds = statementHash(statement) === block_hash && key.verify(statementText(statement), signature);
  return holds ? 'valid' : 'invalid';
}
