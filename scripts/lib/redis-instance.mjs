import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, checkInterrupt } from './failure.mjs';
import { freePort } from './ports.mjs';
import { startProcess, stopProcess } from './processes.mjs';

const START_LIMIT_MS = 120_000;
const STOP_GRACE_MS = 20_000;
const PORT_ATTEMPTS = 4;

/** A configuration file rather than words on the command line, which every user of the machine can read. */
function configuration({ folder, password, port }) {
  const quoted = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    'protected-mode yes',
    `requirepass ${password}`,
    `dir ${quoted(folder)}`,
    `logfile ${quoted(join(folder, 'redis.log'))}`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    '',
  ].join('\n');
}

/** Asks PING after the password: the password proves that it is ours, +PONG that it has finished loading. */
function answers(port, password) {
  return new Promise((resolve) => {
    let text = '';
    const socket = createConnection({ port, host: '127.0.0.1' }, () =>
      socket.write(`AUTH ${password}\r\nPING\r\n`),
    );
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => resolve(false));
    socket.on('data', (data) => {
      text += data;
      if (text.startsWith('-')) end(false);
      else if (text.split('\r\n').length > 2) end(text.startsWith('+OK\r\n+PONG'));
    });
  });
}

async function waitUntilReady(running, { port, password, signal }) {
  const untilMs = Date.now() + START_LIMIT_MS;
  while (running.running() && Date.now() < untilMs) {
    checkInterrupt(signal);
    if (await answers(port, password)) return true;
    await sleep(30);
  }
  return false;
}

async function startOnPort(program, { folder, password, port, signal, onStart }) {
  const file = join(folder, 'redis.conf');
  rmSync(join(folder, 'redis.log'), { force: true });
  writeFileSync(file, configuration({ folder, password, port }), { mode: 0o600 });
  const running = startProcess('Redis', program.binary, [file], { stdio: 'ignore', cwd: folder });
  const instance = {
    ...running,
    port,
    version: program.version,
    stop: () => stopProcess(running, { graceMs: STOP_GRACE_MS }),
  };
  onStart?.(instance);
  try {
    if (await waitUntilReady(running, { port, password, signal })) return { instance };
  } catch (error) {
    await instance.stop();
    throw error;
  }
  await instance.stop();
  return { lines: readLog(folder) };
}

function readLog(folder) {
  try {
    return readFileSync(join(folder, 'redis.log'), 'utf8').trimEnd().split('\n').slice(-25);
  } catch {
    return [];
  }
}

/**
 * Starts a private Redis below `folder` and waits until it has loaded its data and answers.
 * @param {{ signal?: AbortSignal, onStart?: (instance: object) => void }} context
 * @param {{ binary: string, version: string }} program
 * @param {{ folder: string, password: string, port?: number }} options port: the one to try first
 */
export async function startRedis(context, program, { folder, password, port }) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let wanted = port;
  for (let attempt = 1; ; attempt += 1) {
    const options = {
      folder,
      password,
      port: await freePort(wanted),
      signal: context.signal,
      onStart: context.onStart,
    };
    const { instance, lines } = await startOnPort(program, options);
    if (instance) return instance;
    const portTaken = lines.some((line) => /Address already in use/i.test(line));
    if (portTaken && attempt < PORT_ATTEMPTS) wanted = undefined;
    else
      throw new Failure(
        `The private Redis ${program.version} did not start; its log is ${join(folder, 'redis.log')}.`,
        { lines },
      );
  }
}
