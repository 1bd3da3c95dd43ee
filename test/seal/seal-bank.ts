import { randomBytes } from 'node:crypto';
import { type Connection, createConnection } from 'mysql2/promise';
import { connectionOptions, type Queries } from '../../src/database';
import { postBatch } from '../../src/posting';
import {
  blockById,
  headFile,
  newestBlock,
  parseHead,
  parseSigningKey,
  type SealHead,
  type SealSigningKey,
  storedKeys,
  type Verification,
  verifyChain,
  type VerifyOptions,
} from '../../src/seal';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { SealKeeper } from '../../worker/seal/seal-keeper';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';
import { silent } from '../worker/worker-bank';

/** A bank that is sealed, an attacker with the server's root, and what an auditor keeps. */
export interface SealBank extends TestBank {
  key: TestBank['key'];
  signingKey: SealSigningKey;
  worker: WorkerDatabase;
  /** The server's administrator. */
  root: Connection;
  accounts: [string, string];
  /** Posts so many transfers of one cent and answers with their ids. */
  post(count: number): Promise<string[]>;
  /** A keeper that does not wait for anything to settle. */
  keeper(key?: SealSigningKey | null, rowsMax?: number): SealKeeper;
  /** Seals all that there is, in blocks of at most so many transactions. */
  seal(rowsMax?: number): Promise<void>;
  /** Reads as root, so that it sees what an attack has not committed yet. */
  verify(options?: VerifyOptions): Promise<Verification>;
  asRoot: Pick<Queries, 'query'>;
  /** Of the newest block, or of another one, as a file holds it. */
  head(blockId?: number): Promise<SealHead>;
  blockCount(): Promise<number>;
}

export function freshSigningKey(): SealSigningKey {
  return parseSigningKey(randomBytes(32).toString('base64'));
}

export async function createSealBank(): Promise<SealBank> {
  const bank = await createTestBank();
  const { user_id } = await bank.createUser();
  const accounts: [string, string] = [
    await bank.openAccount(user_id, { balance: 100_000n }),
    await bank.openAccount(user_id, { balance: 100_000n }),
  ];
  const worker = new WorkerDatabase(bank.urls.worker, 2, new ConnectionState('the database', silent));
  const root = await createConnection(connectionOptions(bank.urls.admin));
  const asRoot: SealBank['asRoot'] = {
    query: async <T extends object>(sql: string, parameters: readonly unknown[] = []) =>
      (await root.query(sql, [...parameters]))[0] as T[],
  };
  const signingKey = freshSigningKey();
  const keeper: SealBank['keeper'] = (key = signingKey, rowsMax = 1_000) =>
    new SealKeeper(worker, key, silent, { interval_ms: 1, settle_s: 0, rows_max: rowsMax });
  return {
    ...bank,
    signingKey,
    worker,
    root,
    accounts,
    post: async (count) => {
      const items = Array.from({ length: count }, () => p.transfer(...accounts, 1n));
      return (await postBatch(bank.pool, items)).map(({ transaction_id }) => String(transaction_id));
    },
    keeper,
    seal: async (rowsMax) => {
      await keeper(signingKey, rowsMax).step(new AbortController().signal);
    },
    asRoot,
    verify: (options) => verifyChain(asRoot, options),
    head: async (blockId) => {
      const block = blockId ? await blockById(asRoot, blockId) : await newestBlock(asRoot);
      if (!block) throw new Error('no such block');
      const name = `head-${block.statement.block_id}.json`;
      return parseHead(name, JSON.stringify(headFile(block, await storedKeys(asRoot))));
    },
    blockCount: async () => (await newestBlock(asRoot))?.statement.block_id ?? 0,
    close: async () => {
      await root.end();
      await worker.close();
      await bank.close();
    },
  };
}

const GUARDED = ['transactions', 'ledger_entries', 'system_audit_logs', 'seal_blocks', 'seal_keys'];

/** Takes every trigger on the sealed tables out of the way, as the server's root can. */
export async function dropTriggers(root: Connection): Promise<void> {
  for (const table of GUARDED)
    for (const event of ['update', 'delete'])
      await root.query(`DROP TRIGGER IF EXISTS trg_${table}_no_${event}`);
  await root.query('DROP TRIGGER IF EXISTS trg_transactions_high_value');
}
