import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from './paths.mjs';
import { stopLeftover } from './processes.mjs';
import { isSameProcess, processMark } from './process-identity.mjs';
import { mysqlUrl, redisUrl, startServers } from './servers.mjs';

const PREFIX = 'florin-test-';
const OWNER = 'owner.json';
/** With these the database server takes encrypted connections, too; an image without tests does without. */
const CERTIFICATES = inRoot('test', 'fixtures', 'tls');

function readOwner(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER), 'utf8'));
  } catch {
    return null;
  }
}

/** Ends the servers and removes the folders of test runs that were killed before they could do it themselves. */
async function sweepAbandoned() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const owner = readOwner(folder);
    // Another user's folder may lie here too: what it says is not ours to follow.
    if (!owner || statSync(folder).uid !== process.getuid?.() || isSameProcess(owner.pid, owner.mark))
      continue;
    for (const child of owner.children) await stopLeftover(child, 5_000);
    for (const path of [folder, ...owner.folders]) rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Starts a private MySQL and Redis with fresh data in a temporary folder, which `stop` removes again.
 * @returns {Promise<{ folder: string, mysql: object, redis: object, env: Record<string, string>, stop: () => Promise<void> }>}
 */
export async function startTemporaryServers({ progress, signal }) {
  await sweepAbandoned();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  const owner = { pid: process.pid, mark: processMark(process.pid), children: [], folders: [] };
  const writeOwner = () => writeFileSync(join(folder, OWNER), JSON.stringify(owner), { mode: 0o600 });
  writeOwner();
  const onStart = ({ pid, mark, socketFolder }) => {
    owner.children.push({ pid, mark });
    if (socketFolder) owner.folders.push(socketFolder);
    writeOwner();
  };
  const passwords = {
    mysql: randomBytes(18).toString('base64url'),
    redis: randomBytes(18).toString('base64url'),
  };
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const tls = existsSync(CERTIFICATES) ? CERTIFICATES : undefined;
    const servers = await startServers({ progress, signal, onStart }, { folder, passwords, tls });
    const env = {
      TEST_DATABASE_URL: mysqlUrl({ password: passwords.mysql, port: servers.mysql.port }),
      TEST_REDIS_URL: redisUrl({ password: passwords.redis, port: servers.redis.port }),
    };
    const stop = async () => {
      await servers.stop();
      remove();
    };
    return { folder, ...servers, env, stop };
  } catch (error) {
    remove();
    throw error;
  }
}
