import { randomBytes } from 'node:crypto';

/** The private servers that bench/run.mjs has started. */
export interface Servers {
  database_name: string;
  database_pid: number;
  redis_pid: number;
  /** A folder that goes away with the servers. */
  folder: string;
  /** The URL of root, or of another user with a new password, at a database. */
  databaseUrl(database: string, user?: string): string;
  redisUrl(index: number): string;
}

export function serversFromEnvironment(env: NodeJS.ProcessEnv = process.env): Servers {
  const given = (key: string) => {
    const value = env[key];
    if (!value) throw new Error(`${key}: is required; run the benchmark with npm run bench`);
    return value;
  };
  return {
    database_name: given('BENCH_DATABASE_NAME'),
    database_pid: Number(given('BENCH_DATABASE_PID')),
    redis_pid: Number(given('BENCH_REDIS_PID')),
    folder: given('BENCH_FOLDER'),
    databaseUrl: (database, user) => {
      const url = new URL(given('BENCH_DATABASE_URL'));
      url.pathname = `/${database}`;
      if (user) {
        url.username = user;
        url.password = randomBytes(12).toString('hex');
      }
      return url.href;
    },
    redisUrl: (index) => {
      const url = new URL(given('BENCH_REDIS_URL'));
      url.pathname = `/${index}`;
      return url.href;
    },
  };
}
