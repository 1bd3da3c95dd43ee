interface DriverError {
  errno?: number;
  code?: string;
  sqlState?: string;
  sqlMessage?: string;
  fatal?: boolean;
  driverError?: DriverError;
}

const DEADLOCK = 1213;
const LOCK_WAIT_TIMEOUT = 1205;
/** MariaDB with innodb_snapshot_isolation: the record has changed since it was read. */
const RECORD_CHANGED = 1020;
const DUPLICATE_KEY = 1062;

const LOST_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'PROTOCOL_ENQUEUE_AFTER_QUIT',
]);
/**
 * Too many connections, server shutting down, connection killed, server gone, lost during query, read-only (failover); and a
 * statement stopped from outside or for its time (1317, 1969, 3024), which says as little about what became of it.
 */
const LOST_NUMBERS = new Set([
  1040, 1053, 1080, 1152, 1158, 1159, 1160, 1161, 1290, 1317, 1836, 1927, 1969, 2006, 2013, 3024, 3169, 4031,
]);

function driverError(error: unknown): DriverError {
  const outer = (error ?? {}) as DriverError;
  return outer.driverError ?? outer;
}

/** The whole transaction may be run again: deadlock, lock wait timeout, changed record. */
export function isRetryable(error: unknown): boolean {
  return [DEADLOCK, LOCK_WAIT_TIMEOUT, RECORD_CHANGED].includes(driverError(error).errno ?? 0);
}

export function isDuplicateKey(error: unknown): boolean {
  return driverError(error).errno === DUPLICATE_KEY;
}

/** The name of the unique key a duplicate met, such as uq_users_email; empty when the server did not say. */
export function duplicateKeyName(error: unknown): string {
  return /for key '(?:[^'.]*\.)?([^']+)'/.exec(driverError(error).sqlMessage ?? '')?.[1] ?? '';
}

/** The procedure's own handler has ended the transaction, so that its connection can be used again. */
export function wasRolledBack(error: unknown): boolean {
  return isRetryable(error) || isDuplicateKey(error) || signalMessage(error) !== null;
}

export function isConnectionLost(error: unknown): boolean {
  const { code, errno, fatal } = driverError(error);
  // A statement on a connection that the server closed before gets an error without a code.
  const wasClosed = fatal === true && code === undefined;
  return LOST_CODES.has(code ?? '') || LOST_NUMBERS.has(errno ?? 0) || wasClosed;
}

/** The message of a SIGNAL SQLSTATE '45000' that a procedure or trigger raised; null for any other error. */
export function signalMessage(error: unknown): string | null {
  const { sqlState, sqlMessage } = driverError(error);
  return sqlState === '45000' ? (sqlMessage ?? '') : null;
}
