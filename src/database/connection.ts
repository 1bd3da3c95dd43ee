import { createPool, type Pool, type PoolOptions } from 'mysql2/promise';
import { tlsOptions } from '../config/transport';

/**
 * What every connection of the bank starts with. Times are UTC; a bad value is an error, never a silent cut; decisions read
 * what is committed (design: READ COMMITTED everywhere). Procedures keep the sql_mode they were created under.
 */
export const SESSION_STATEMENTS = [
  "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
];

/** Connection options of mysql2 for a mysql:// URL. BIGINT and times arrive as strings, so that nothing is rounded. */
export function connectionOptions(databaseUrl: string): PoolOptions {
  const url = new URL(databaseUrl);
  const tls = tlsOptions(databaseUrl);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: databaseName(databaseUrl),
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    timezone: 'Z',
    decimalNumbers: false,
    connectTimeout: 10_000,
    enableKeepAlive: true,
    // Left to the system, a server that has gone without a word is noticed after two hours.
    keepAliveInitialDelay: 10_000,
    ...(tls ? { ssl: { ...tls, verifyIdentity: true } } : {}),
  };
}

/** The database named in a URL; undefined when it names none. */
export function databaseName(databaseUrl: string): string | undefined {
  return decodeURIComponent(new URL(databaseUrl).pathname.replace(/^\//, '')) || undefined;
}

/** A pool whose connections all start with SESSION_STATEMENTS. */
export function createBankPool(databaseUrl: string, options: PoolOptions = {}): Pool {
  const pool = createPool({ ...connectionOptions(databaseUrl), ...options });
  prepareSessions(pool.pool);
  return pool;
}

interface RawPool {
  on(
    event: 'connection',
    listener: (connection: { query(sql: string, done: (error: unknown) => void): void }) => void,
  ): unknown;
}

/** Queues the session statements on each new connection, ahead of the first query that uses it. */
export function prepareSessions(pool: RawPool): void {
  pool.on('connection', (connection) => {
    // A failure here shows again, with a caller to answer to, in the first query on the connection.
    for (const statement of SESSION_STATEMENTS) connection.query(statement, () => undefined);
  });
}
