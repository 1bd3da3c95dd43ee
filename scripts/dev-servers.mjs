/**
 * npm run dev:servers: starts a private MySQL (or MariaDB) and a Redis with fresh data in a temporary folder and stays until
 * Ctrl-C. It prints two `export` lines; with them in a shell, `npx jest <pattern>` runs single tests at once, without
 * starting servers for each run as `npm test` does. MYSQLD says which server program to use.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { report } from './lib/failure.mjs';
import { interruptSignal, untilAborted } from './lib/interrupts.mjs';
import { Progress } from './lib/progress.mjs';
import { startTemporaryServers } from './lib/temporary-servers.mjs';

async function main() {
  const progress = new Progress(process.stderr);
  const signal = interruptSignal({ onAgain: () => progress.print('Already stopping.') });
  const servers = await startTemporaryServers({ progress, signal });
  progress.print(
    `${servers.mysql.flavour} ${servers.mysql.version} and Redis ${servers.redis.version}, below ${servers.folder}`,
  );
  for (const [key, value] of Object.entries(servers.env)) console.log(`export ${key}='${value}'`);
  await Promise.race([untilAborted(signal), servers.mysql.exited, servers.redis.exited]);
  const died = [servers.mysql, servers.redis].filter((server) => !server.running());
  // A moment for a Ctrl-C that reached the servers by another way than through us.
  if (!signal.aborted) await sleep(100);
  for (const server of died) progress.print(`${server.name} has stopped; its log may say why.`);
  await progress.step('Stopping the servers', () => servers.stop());
  return died.length > 0 && !signal.aborted ? 1 : 0;
}

process.exitCode = await main().catch((error) => report(error));
