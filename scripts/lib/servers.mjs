import { join } from 'node:path';
import { startMysql } from './mysql-instance.mjs';
import { startRedis } from './redis-instance.mjs';
import { ensureServerBinaries } from './server-binaries.mjs';

/** The connection string of a private server's root; a database's name may follow. */
export function mysqlUrl({ user = 'root', password, port, database = '' }) {
  return `mysql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

export function redisUrl({ password, port }) {
  return `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}/0`;
}

/**
 * Starts the private servers that are needed, below one folder.
 * @param {{ progress: object, signal?: AbortSignal, onStart?: (instance: object) => void }} context
 * @param {{ folder: string, passwords: { mysql: string, redis: string }, ports?: { mysql?: number, redis?: number },
 *   needs?: { mysql: boolean, redis: boolean } }} options
 * @returns {Promise<{ mysql: object | null, redis: object | null, stop: () => Promise<void> }>}
 */
export async function startServers(
  context,
  { folder, passwords, ports = {}, needs = { mysql: true, redis: true } },
) {
  const programs = await ensureServerBinaries(context, needs);
  const started = { mysql: null, redis: null };
  const stop = async () => {
    await started.redis?.stop();
    await started.mysql?.stop();
  };
  try {
    if (needs.mysql) {
      const options = { folder: join(folder, 'mysql'), password: passwords.mysql, port: ports.mysql };
      started.mysql = await startMysql(context, programs.mysql, options);
    }
    if (needs.redis) {
      const options = { folder: join(folder, 'redis'), password: passwords.redis, port: ports.redis };
      started.redis = await startRedis(context, programs.redis, options);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...started, stop };
}
