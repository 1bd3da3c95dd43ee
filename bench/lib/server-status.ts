import { createBankPool } from '../../src/database';

/** How often the server has rolled a transaction back as a deadlock, since it was started. Asks as the administrator. */
export async function deadlocksOf(adminUrl: string): Promise<number> {
  const admin = createBankPool(adminUrl, { connectionLimit: 1 });
  try {
    const [status] = await admin.query("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
    const [counter] = status as { Value: string }[];
    if (counter) return Number(counter.Value);
    // MySQL counts them elsewhere.
    const [metrics] = await admin.query(
      "SELECT `COUNT` AS n FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'",
    );
    return Number((metrics as { n: string }[])[0]?.n ?? 0);
  } finally {
    await admin.end();
  }
}
