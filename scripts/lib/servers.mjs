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
 * Makes sure of the server programs and says how to start them. A starter takes its context and the port to try first.
 * @param {{ progress: object, signal?: AbortSignal }} context
 * @param {{ folder: string, passwords: { mysql: string, redis: string }, needs?: { mysql: boolean, redis: boolean }, tls?: string }} options
 *   tls: a folder with ca.pem, server.pem and server-key.pem, for a database that takes encrypted connections as well
 */
export async function serverStarters(context, { folder, passwords, needs, tls }) {
  const programs = await ensureServerBinaries(context, needs);
  const starter = (start, name) => (own, port) =>
    start(own, programs[name], { folder: join(folder, name), password: passwords[name], port, tls });
  return {
    mysql: programs.mysql ? starter(startMysql, 'mysql') : null,
    redis: programs.redis ? starter(startRedis, 'redis') : null,
  };
}

/**
 * Starts both private servers below one folder.
 * @param {{ progress: object, signal?: AbortSignal, onStart?: (instance: object) => void }} context
 * @returns {Promise<{ mysql: object, redis: object, stop: () => Promise<void> }>}
 */
export async function startServers(context, options) {
  const starters = await serverStarters(context, options);
  const started = [];
  const stop = async () => {
    for (const server of [...started].reverse()) await server.stop();
  };
  try {
    for (const start of [starters.mysql, starters.redis]) started.push(await start(context));
  } catch (error) {
    await stop();
    throw error;
  }
  const [mysql, redis] = started;
  return { mysql, redis, stop };
}
