import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unconfined } from './apparmor.mjs';
import { Failure, checkInterrupt } from './failure.mjs';
import { asUser, serverOptions } from './mysql-options.mjs';
import { freePort } from './ports.mjs';
import { runProgram, startProcess, stopProcess } from './processes.mjs';
import { findProgram } from './server-binaries.mjs';

// The kernel keeps a socket's path in 108 bytes (104 on a Mac), and the server makes a lock file of five more beside it.
const LONGEST_SOCKET_PATH = 95;
// A recovery after a crash reads the whole redo log; a server that takes longer than this has another trouble.
const START_LIMIT_MS = 600_000;
const STOP_GRACE_MS = 60_000;
const PORT_ATTEMPTS = 4;

function tail(file, count = 25) {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count);
  } catch {
    return [];
  }
}

async function initialiseMariadb(server, dataFolder, own) {
  const prefix = dirname(dirname(server.original));
  const script = findProgram(
    ['mariadb-install-db', 'mysql_install_db'],
    [dirname(server.original), join(prefix, 'bin'), join(prefix, 'scripts')],
  );
  if (!script)
    throw new Failure(`mariadb-install-db, which belongs to ${server.original}, is not on this machine.`);
  const where = prefix === '/usr' ? [] : [`--basedir=${prefix}`];
  const args = [
    '--no-defaults',
    ...where,
    `--datadir=${dataFolder}`,
    '--skip-test-db',
    '--auth-root-authentication-method=normal',
  ];
  await runProgram(basename(script), script, [...args, ...asUser()], own);
}

async function initialiseMysql(server, dataFolder, own) {
  const args = [
    '--no-defaults',
    ...server.extra,
    '--initialize-insecure',
    `--datadir=${dataFolder}`,
    ...asUser(),
  ];
  await runProgram('mysqld --initialize-insecure', server.binary, args, own);
}

/** Makes the server's own tables, in a folder beside the real one: an attempt that was cut off simply starts over. */
async function initialise({ progress, signal, onStart }, server, folder, dataFolder) {
  const draft = `${dataFolder}.new`;
  rmSync(draft, { recursive: true, force: true });
  await progress.step(`Initialising a private ${server.flavour} ${server.version}`, async () => {
    const work = server.flavour === 'MariaDB' ? initialiseMariadb : initialiseMysql;
    await work(server, draft, { signal, onStart });
  });
  writeFileSync(
    join(folder, 'engine.json'),
    JSON.stringify({ flavour: server.flavour, version: server.version }),
  );
  renameSync(draft, dataFolder);
}

/** Data of one engine cannot be read by the other, and neither says so in words that help. */
function checkEngine(server, folder) {
  const file = join(folder, 'engine.json');
  const made = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  if (!made || made.flavour === server.flavour) return;
  throw new Failure(
    `The data in ${folder} was made by ${made.flavour} ${made.version}, but ${server.binary} is ${server.flavour} ` +
      `${server.version}. Name the former with MYSQLD, or give this bank a folder of its own with BANK_DATA_DIR.`,
  );
}

/** What the server runs before it takes connections: the password in secrets.json is the one that counts, at every start. */
function initStatements(flavour, password) {
  return [
    'SET SESSION sql_log_bin = 0;',
    `CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;`,
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
    // MariaDB's set-up also makes users without a password, for the machine's own name and for nobody in particular.
    ...(flavour === 'MariaDB'
      ? [
          "DELETE FROM mysql.global_priv WHERE User IN ('root', '') AND (User = '' OR Host NOT IN ('localhost', '127.0.0.1'));",
          'FLUSH PRIVILEGES;',
        ]
      : []),
    '',
  ].join('\n');
}

/** The first packet that a server sends says that it takes connections (10) or why it does not (255). */
function greets(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => resolve(false));
    socket.once('data', (packet) => end(packet[4] === 10));
  });
}

async function waitUntilReady(running, { port, pidFile, signal }) {
  const untilMs = Date.now() + START_LIMIT_MS;
  while (running.running()) {
    checkInterrupt(signal);
    // The process id file is the proof that the port is ours: a stranger on that port would greet us as well.
    if (existsSync(pidFile) && (await greets(port))) return true;
    if (Date.now() > untilMs) return false;
    await sleep(50);
  }
  return false;
}

function socketFolder(folder) {
  if (Buffer.byteLength(join(folder, 'mysql.sock')) <= LONGEST_SOCKET_PATH)
    return { path: folder, temporary: false };
  const parent = Buffer.byteLength(tmpdir()) < 60 ? tmpdir() : '/tmp';
  return { path: mkdtempSync(join(parent, 'florin-')), temporary: true };
}

async function startOnPort(server, { folder, dataFolder, password, port, tls, signal, onStart }) {
  const pidFile = join(folder, 'mysqld.pid');
  const logFile = join(folder, 'error.log');
  const initFile = join(folder, 'init.sql');
  const tmpFolder = join(folder, 'tmp');
  mkdirSync(tmpFolder, { recursive: true, mode: 0o700 });
  const place = socketFolder(folder);
  const socket = join(place.path, 'mysql.sock');
  rmSync(pidFile, { force: true });
  writeFileSync(initFile, initStatements(server.flavour, password), { mode: 0o600 });
  const options = serverOptions({
    flavour: server.flavour,
    dataFolder,
    tmpFolder,
    socket,
    port,
    pidFile,
    logFile,
    initFile,
    tls,
  });
  const running = startProcess(
    server.flavour,
    server.binary,
    ['--no-defaults', ...server.extra, ...options],
    { stdio: 'ignore' },
  );
  const removePlace = () => place.temporary && rmSync(place.path, { recursive: true, force: true });
  void running.exited.then(removePlace);
  const instance = {
    ...running,
    port,
    logFile,
    version: server.version,
    flavour: server.flavour,
    binary: server.original,
    socketFolder: place.temporary ? place.path : null,
    stop: async () => {
      const gentle = await stopProcess(running, { graceMs: STOP_GRACE_MS });
      removePlace();
      return gentle;
    },
  };
  onStart?.(instance);
  try {
    if (await waitUntilReady(running, { port, pidFile, signal })) return { instance };
  } catch (error) {
    await instance.stop();
    throw error;
  } finally {
    rmSync(initFile, { force: true });
  }
  await instance.stop();
  return { lines: tail(logFile) };
}

/**
 * Starts a private MySQL or MariaDB below `folder`, which it initialises at first, and waits until it takes connections.
 * Who connects is root@127.0.0.1 with the given password.
 * @param {{ progress: object, signal?: AbortSignal, onStart?: (instance: object) => void }} context
 * @param {{ binary: string, flavour: 'MySQL' | 'MariaDB', version: string }} program
 * @param {{ folder: string, password: string, port?: number, tls?: string }} options port: the one to try first; tls: a folder with
 *   its certificate
 */
export async function startMysql(context, program, { folder, password, port, tls }) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const server = { ...program, original: program.binary, ...unconfined(program.binary, folder) };
  const dataFolder = join(folder, 'data');
  if (existsSync(dataFolder)) checkEngine(server, folder);
  else await initialise(context, server, folder, dataFolder);
  let wanted = port;
  for (let attempt = 1; ; attempt += 1) {
    const options = {
      folder,
      dataFolder,
      password,
      port: await freePort(wanted),
      tls,
      signal: context.signal,
      onStart: context.onStart,
    };
    const { instance, lines } = await startOnPort(server, options);
    if (instance) return instance;
    // Between finding a free port and using it somebody else may have taken it.
    const portTaken = lines.some((line) => /bind on TCP\/IP port|Address already in use/i.test(line));
    if (portTaken && attempt < PORT_ATTEMPTS) wanted = undefined;
    else
      throw new Failure(
        `The private ${server.flavour} ${server.version} did not start; its log is ${join(folder, 'error.log')}.`,
        { lines },
      );
  }
}
