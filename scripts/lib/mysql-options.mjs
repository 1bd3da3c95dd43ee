import { join } from 'node:path';
import { Failure } from './failure.mjs';

export const DEFAULT_BUFFER_POOL = '512M';

/** The size of the private server's memory for pages, from MYSQL_BUFFER_POOL. */
export function bufferPool(env = process.env) {
  const value = env.MYSQL_BUFFER_POOL || DEFAULT_BUFFER_POOL;
  if (!/^[1-9]\d{0,11}[KMG]?$/i.test(value)) {
    throw new Failure('MYSQL_BUFFER_POOL must be a number of bytes, or a number with K, M or G behind it.');
  }
  return value;
}

/** mysqld refuses to run as root unless it is told to, as its files then belong to root: which is what we want here. */
export function asUser() {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

function tlsOptions(folder) {
  if (!folder) return [];
  const file = (name) => join(folder, name);
  return [
    `--ssl-ca=${file('ca.pem')}`,
    `--ssl-cert=${file('server.pem')}`,
    `--ssl-key=${file('server-key.pem')}`,
  ];
}

/**
 * What a bank asks of its server: an acknowledged commit is on the disk, the binary log can replay it, and nothing
 * outside this machine can reach it. `--loose-` marks words that one engine or a later version does not know.
 */
export function serverOptions({
  flavour,
  dataFolder,
  tmpFolder,
  socket,
  port,
  pidFile,
  logFile,
  initFile,
  tls,
}) {
  const common = [
    `--datadir=${dataFolder}`,
    // A MariaDB that starts deletes the temporary tables that it finds in its folder for them, whosever they are.
    `--tmpdir=${tmpFolder}`,
    `--socket=${socket}`,
    `--pid-file=${pidFile}`,
    `--log-error=${logFile}`,
    `--init-file=${initFile}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    '--skip-name-resolve',
    '--innodb-flush-log-at-trx-commit=1',
    '--sync-binlog=1',
    '--log-bin=binlog',
    '--server-id=1',

    '--loose-binlog-expire-logs-seconds=604800',
    '--loose-log-bin-trust-function-creators=1',
    '--innodb-autoinc-lock-mode=2',
    `--innodb-buffer-pool-size=${bufferPool()}`,
    '--transaction-isolation=READ-COMMITTED',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_520_ci',
    '--default-time-zone=+00:00',
    '--max-heap-table-size=64M',
    '--tmp-table-size=64M',
    '--local-infile=0',
    '--event-scheduler=OFF',
  ];
  // MySQL logs rows in any case and no longer wants to be told.
  const own =
    flavour === 'MySQL'
      ? ['--loose-mysqlx=OFF', '--secure-file-priv=NULL']
      : ['--binlog-format=ROW', '--performance-schema=OFF'];
  return [...common, ...own, ...tlsOptions(tls), ...asUser()];
}
