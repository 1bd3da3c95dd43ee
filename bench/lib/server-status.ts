import type { Queries } from '../../src/database';

/** How often the server has rolled a transaction back as a deadlock, since it was started. */
export async function deadlocksOf(queries: Queries): Promise<number> {
  const status = await queries.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
  if (status[0]) return Number(status[0].Value);
  const [metric] = await queries.query<{ n: string }>(
    "SELECT `COUNT` AS n FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'",
  );
  return Number(metric?.n ?? 0);
}
