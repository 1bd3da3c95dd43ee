/** Connections at work and at rest, and queries that wait for one. */
export interface PoolUse {
  busy: number;
  idle: number;
  waiting: number;
}

/** What mysql2 tells of a pool's use, in no other way; a version without them shows zeros. */
type PoolCounts = Partial<
  Record<'_allConnections' | '_freeConnections' | '_connectionQueue', { length: number }>
>;

/** How a pool of mysql2 is used right now. */
export function poolUse(pool: unknown): PoolUse {
  const counts = (pool ?? {}) as PoolCounts;
  const idle = counts._freeConnections?.length ?? 0;
  const busy = Math.max(0, (counts._allConnections?.length ?? 0) - idle);
  return { busy, idle, waiting: counts._connectionQueue?.length ?? 0 };
}
