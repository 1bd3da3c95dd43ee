import { DataSource } from 'typeorm';
import { migrations } from '../../migrations';
import { BankError } from '../errors';
import { connectionOptions, prepareSessions, SESSION_STATEMENTS } from './connection';
import { isConnectionLost, isRetryable } from './database-errors';
import { poolUse, type PoolUse } from './pool-use';

export type Row = Record<string, string | number | null>;
export type Parameter = string | number | bigint | boolean | Buffer | null | undefined;

/** Who changes something, and from where: what the audit triggers write down. */
export interface Actor {
  user_id: string | null;
  ip_address: string | null;
  request_id: string | null;
  /** The approved act that is carried out, and a name for this attempt: trg_system_audit_logs_approval. */
  approval?: { approval_id: string; token: string };
}

/** Runs statements. Repositories take this, so that the same code works inside and outside a transaction. */
export interface Queries {
  /** Rows of a SELECT. */
  query<T extends object = Row>(sql: string, parameters?: readonly Parameter[]): Promise<T[]>;
  /** The number of rows changed and the id given, of an INSERT, UPDATE or DELETE. */
  execute(
    sql: string,
    parameters?: readonly Parameter[],
  ): Promise<{ affectedRows: number; insertId: string }>;
  /** The result sets of a procedure. */
  call<T extends object = Row>(procedure: string, parameters?: readonly Parameter[]): Promise<T[][]>;
}

const MAX_TRIES = 5;

/** A TypeORM data source for the bank's database: migrations and pool come from it, SQL stands in the repositories. */
export function createDataSource(databaseUrl: string, poolSize = 10): DataSource {
  const { host, port, user, password, database, ...extra } = connectionOptions(databaseUrl);
  return new DataSource({
    type: 'mysql',
    host,
    port,
    username: user,
    password,
    database,
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    timezone: 'Z',
    poolSize,
    extra,
    migrations,
    migrationsTransactionMode: 'none',
    migrationsTableName: 'schema_migrations',
  });
}

/**
 * Connects a data source whose sessions all start with SESSION_STATEMENTS. TypeORM opens and tries a connection before anyone
 * can listen for it: that one rests in the pool now, alone, and is the one these queries get.
 */
export async function openDataSource(databaseUrl: string, poolSize?: number): Promise<DataSource> {
  const dataSource = createDataSource(databaseUrl, poolSize);
  await dataSource.initialize();
  try {
    prepareSessions((dataSource.driver as unknown as { pool: Parameters<typeof prepareSessions>[0] }).pool);
    for (const statement of SESSION_STATEMENTS) await dataSource.query(statement);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  return dataSource;
}

/** The bank's database as the services see it. */
export class Database implements Queries {
  private constructor(private readonly dataSource: DataSource) {}

  /** Not connected: for what needs the API's structure alone, such as its OpenAPI document. */
  static offline(): Database {
    return new Database(createDataSource('mysql://offline@127.0.0.1/offline'));
  }

  static async connect(databaseUrl: string, poolSize?: number): Promise<Database> {
    return new Database(await openDataSource(databaseUrl, poolSize));
  }

  poolUse(): PoolUse {
    return poolUse((this.dataSource.driver as unknown as { pool?: unknown }).pool);
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  query<T extends object = Row>(sql: string, parameters: readonly Parameter[] = []): Promise<T[]> {
    return translate(this.dataSource.query<T[]>(sql, [...parameters]));
  }

  async execute(
    sql: string,
    parameters: readonly Parameter[] = [],
  ): Promise<{ affectedRows: number; insertId: string }> {
    return changed(await translate(this.dataSource.query<unknown>(sql, [...parameters])));
  }

  async call<T extends object = Row>(
    procedure: string,
    parameters: readonly Parameter[] = [],
  ): Promise<T[][]> {
    return resultSets(
      await translate(this.dataSource.query<unknown>(callStatement(procedure, parameters), [...parameters])),
    );
  }

  /**
   * Runs `work` in a transaction on behalf of `actor`. On a deadlock, a lock timeout or a changed row the whole work runs
   * again, at most five times, with jitter: after a deadlock the server has left the transaction, so an inner step alone
   * must not be repeated.
   */
  transaction<T>(actor: Actor | null, work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.onConnection(actor, async (queries) => {
      await queries.execute('START TRANSACTION');
      try {
        const result = await work(queries);
        await queries.execute('COMMIT');
        return result;
      } catch (error) {
        await queries.execute('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  /** Runs `work` on one connection with the actor's session variables set: for procedures that keep a transaction of their own. */
  async onConnection<T>(actor: Actor | null, work: (queries: Queries) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const runner = this.dataSource.createQueryRunner();
      const queries: Queries = {
        query: <R extends object>(sql: string, parameters: readonly Parameter[] = []) =>
          translate(runner.query(sql, [...parameters]) as Promise<R[]>),
        execute: async (sql, parameters = []) => changed(await translate(runner.query(sql, [...parameters]))),
        call: async <R extends object>(procedure: string, parameters: readonly Parameter[] = []) =>
          resultSets<R>(await translate(runner.query(callStatement(procedure, parameters), [...parameters]))),
      };
      try {
        await translate(runner.connect());
        await setActor(queries, actor);
        return await work(queries);
      } catch (error) {
        // A procedure that was killed leaves its transaction open: its handlers are not asked.
        await queries.execute('ROLLBACK').catch(() => undefined);
        if (attempt >= MAX_TRIES || !isRetryable(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
      } finally {
        await setActor(queries, null).catch(() => undefined);
        await runner.release();
      }
    }
  }
}

async function setActor(queries: Queries, actor: Actor | null): Promise<void> {
  await queries.execute(
    `SET @florin_actor_user_id = ?, @florin_ip_address = ?, @florin_request_id = ?, @florin_approval_id = ?,
       @florin_approval_token = ?`,
    [
      actor?.user_id ?? null,
      actor?.ip_address ?? null,
      actor?.request_id ?? null,
      actor?.approval?.approval_id ?? null,
      actor?.approval?.token ?? null,
    ],
  );
}

function callStatement(procedure: string, parameters: readonly Parameter[]): string {
  if (!/^sp_[a-z_]+$/.test(procedure)) throw new Error(`not a procedure's name: ${procedure}`);
  return `CALL ${procedure}(${parameters.map(() => '?').join(', ')})`;
}

function resultSets<T extends object>(answer: unknown): T[][] {
  return Array.isArray(answer) ? answer.filter((set): set is T[] => Array.isArray(set)) : [];
}

function changed(answer: unknown): { affectedRows: number; insertId: string } {
  const header = answer as { affectedRows?: number; insertId?: number | string };
  return { affectedRows: header.affectedRows ?? 0, insertId: String(header.insertId ?? '0') };
}

/** A lost connection becomes DATABASE_UNAVAILABLE; what a statement itself failed with passes through. */
async function translate<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (isConnectionLost(error))
      throw new BankError('DATABASE_UNAVAILABLE', { cause: error, retry_after_s: 1 });
    throw error;
  }
}
