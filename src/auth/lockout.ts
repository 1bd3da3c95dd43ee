/** Wrong tries before the first lock. */
export const FREE_TRIES = 5;
export const FIRST_LOCK_S = 60;
export const LONGEST_LOCK_S = 86_400;

/** The columns of a row that count wrong tries: names, never input. */
export interface LockoutColumns {
  failed: string;
  locked_until: string;
}

/** Seconds until the next try is looked at; rounded up, so that who waits this long is not told to wait again. */
export const lockedSeconds = (lockedUntil: string) =>
  `GREATEST(0, COALESCE(CEIL(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), ${lockedUntil}) / 1000000), 0))`;

export const isUnlocked = (lockedUntil: string) =>
  `(${lockedUntil} IS NULL OR ${lockedUntil} <= UTC_TIMESTAMP(6))`;

/**
 * The assignments that count a wrong try. The fifth locks for a minute, each one after it for twice as long, up to a day. The lock
 * comes first: MySQL shows a later assignment the earlier one's value.
 */
export function countWrongTry({ failed, locked_until }: LockoutColumns): string {
  const lock_s = `LEAST(${LONGEST_LOCK_S}, ${FIRST_LOCK_S} * POW(2, LEAST(GREATEST(${failed} + 1, ${FREE_TRIES}) - ${FREE_TRIES}, 20)))`;
  return `${locked_until} = IF(${failed} + 1 >= ${FREE_TRIES}, UTC_TIMESTAMP(6) + INTERVAL ${lock_s} SECOND, NULL),
    ${failed} = ${failed} + 1`;
}
