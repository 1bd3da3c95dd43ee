import { createConnection, type Pool, type PoolConnection, type RowDataPacket } from 'mysql2/promise';
import {
  connectionOptions,
  createBankPool,
  databaseName,
  isConnectionLost,
  isRetryable,
  type Parameter,
  type Queries,
  type Row,
} from '../../src/database';
import { backoffDelay, pause } from './backoff';
import type { ConnectionState } from './connection-state';

const MAX_TRIES = 5;

/** The database as the worker uses it: plain SQL over a pool, which also knows to wait until the server is back. */
export class WorkerDatabase implements Queries {
  /** For src/posting, which calls the procedure itself. */
  readonly pool: Pool;
  private readonly lockPrefix: string;

  constructor(
    private readonly databaseUrl: string,
    poolSize: number,
    private readonly state: ConnectionState,
  ) {
    this.pool = createBankPool(databaseUrl, { connectionLimit: poolSize });
    this.lockPrefix = databaseName(databaseUrl) ?? '';
  }

  /** A server that is away must not keep the worker from ending. */
  async close(): Promise<void> {
    await this.pool.end().catch(() => undefined);
  }

  async query<T extends object = Row>(sql: string, parameters: readonly Parameter[] = []): Promise<T[]> {
    const [rows] = await this.pool.query(sql, [...parameters]);
    return rows as T[];
  }

  async execute(
    sql: string,
    parameters: readonly Parameter[] = [],
  ): Promise<{ affectedRows: number; insertId: string }> {
    return changed((await this.pool.query(sql, [...parameters]))[0]);
  }

  async call<T extends object = Row>(
    procedure: string,
    parameters: readonly Parameter[] = [],
  ): Promise<T[][]> {
    return resultSets((await this.pool.query(callStatement(procedure, parameters), [...parameters]))[0]);
  }

  /**
   * Runs `work` in a transaction. On a deadlock, a lock timeout or a changed row all of it runs again, at most five times. On
   * any failure nothing of it stays.
   */
  async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.onConnection(async (connection) => {
          await connection.query('START TRANSACTION');
          try {
            const result = await work(queriesOf(connection));
            await connection.query('COMMIT');
            return result;
          } catch (error) {
            await connection.query('ROLLBACK').catch(() => undefined);
            throw error;
          }
        });
      } catch (error) {
        if (attempt >= MAX_TRIES || !isRetryable(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, backoffDelay(attempt)));
      }
    }
  }

  /**
   * Runs `work` while holding a lock that all workers of this bank share. Answers null, without running it, when another one
   * holds the lock for longer than `timeout_s`. The server gives the lock back when the connection is lost. The lock has a
   * connection of its own: on one of the pool's, `work` would wait for ever for another when there is no other.
   */
  async withLock<T>(name: string, timeout_s: number, work: () => Promise<T>): Promise<T | null> {
    const lock = `${this.lockPrefix}.${name}`.slice(-64);
    const connection = await createConnection(connectionOptions(this.databaseUrl));
    // Lost while nothing is asked of it, it has nobody to tell.
    connection.on('error', () => undefined);
    try {
      const [rows] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS is_locked', [
        lock,
        timeout_s,
      ]);
      return Number(rows[0]?.is_locked) === 1 ? await work() : null;
    } finally {
      // With the connection goes the lock.
      await connection.end().catch(() => connection.destroy());
    }
  }

  /**
   * Runs `work`, and again each time the connection was lost or the transaction may be repeated, with growing pauses, until it
   * ends one way or the other or `signal` aborts. Only for work that may be repeated.
   */
  async persist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      try {
        const result = await work();
        this.state.up();
        return result;
      } catch (error) {
        const isLost = isConnectionLost(error);
        if (isLost) this.state.down(error);
        if (signal.aborted || !(isLost || isRetryable(error))) throw error;
        await pause(backoffDelay(failures), signal);
      }
    }
  }

  private async onConnection<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await this.pool.getConnection();
    try {
      return await work(connection);
    } finally {
      connection.release();
    }
  }
}

function queriesOf(connection: PoolConnection): Queries {
  return {
    query: async <T extends object>(sql: string, parameters: readonly Parameter[] = []) =>
      (await connection.query(sql, [...parameters]))[0] as T[],
    execute: async (sql, parameters = []) => changed((await connection.query(sql, [...parameters]))[0]),
    call: async <T extends object>(procedure: string, parameters: readonly Parameter[] = []) =>
      resultSets<T>((await connection.query(callStatement(procedure, parameters), [...parameters]))[0]),
  };
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
