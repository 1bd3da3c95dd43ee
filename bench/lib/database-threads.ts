import { readdirSync, readFileSync } from 'node:fs';
import { createBankPool } from '../../src/database';
import { cpuSecondsOf } from './process-watch';

/** The server's thread of each connection, by the user that is connected; empty where the server does not tell. */
async function threadsByUser(adminUrl: string): Promise<Map<string, string>> {
  const admin = createBankPool(adminUrl, { connectionLimit: 1 });
  try {
    const [variables] = await admin.query('SELECT VERSION() AS version');
    const isMariadb = (variables as { version: string }[])[0]?.version.includes('MariaDB');
    const [rows] = await admin.query(
      isMariadb
        ? 'SELECT USER AS user, TID AS tid FROM information_schema.PROCESSLIST WHERE TID > 0 AND ID <> CONNECTION_ID()'
        : `SELECT PROCESSLIST_USER AS user, THREAD_OS_ID AS tid FROM performance_schema.threads
           WHERE TYPE = 'FOREGROUND' AND THREAD_OS_ID IS NOT NULL AND PROCESSLIST_ID <> CONNECTION_ID()`,
    );
    return new Map((rows as { user: string; tid: string }[]).map(({ user, tid }) => [String(tid), user]));
  } finally {
    await admin.end();
  }
}

/**
 * Runs `work` and says which users' connections used how much of the server's CPU time meanwhile, in seconds. A thread that served
 * one connection after another counts for the last; threads that write pages and logs are not counted.
 */
export async function aroundThreads<T>(
  adminUrl: string,
  pid: number,
  work: () => Promise<T>,
): Promise<{ value: T; cpu_seconds: Record<string, number> }> {
  const before = threadSeconds(pid);
  const value = await work();
  const users = await threadsByUser(adminUrl);
  const after = threadSeconds(pid);
  const cpu_seconds: Record<string, number> = {};
  for (const [tid, user] of users) {
    const used = (after.get(tid) ?? Number.NaN) - (before.get(tid) ?? 0);
    if (used > 0) cpu_seconds[user] = (cpu_seconds[user] ?? 0) + used;
  }
  return { value, cpu_seconds };
}

/** CPU seconds of each thread of a process; empty where the system has no /proc. */
function threadSeconds(pid: number): Map<string, number> {
  const seconds = new Map<string, number>();
  try {
    for (const tid of readdirSync(`/proc/${pid}/task`))
      seconds.set(tid, cpuSecondsOf(readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8')));
  } catch {
    // A thread that ends between listing and reading counts for nothing.
  }
  return seconds;
}
