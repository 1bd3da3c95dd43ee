import type { Queries } from './database';

export interface ServerCheck {
  name: string;
  ok: boolean;
  found: string;
  wanted: string;
}

const WANTED: Record<string, { wanted: string; accepts: (value: string) => boolean }> = {
  innodb_flush_log_at_trx_commit: { wanted: '1', accepts: (value) => value === '1' },
  sync_binlog: { wanted: '1, when the binary log is on', accepts: (value) => value === '1' },
  binlog_format: { wanted: 'ROW, when the binary log is on', accepts: (value) => value === 'ROW' },
  innodb_doublewrite: { wanted: 'ON', accepts: (value) => value !== 'OFF' && value !== '0' },
  wsrep_on: {
    wanted: 'OFF: Galera lets two nodes spend the same money',
    accepts: (value) => value === 'OFF' || value === '0',
  },
};

/** What the bank needs of the server so that nothing acknowledged is lost. Variables the server does not have are passed over. */
export async function checkDurability(queries: Queries): Promise<ServerCheck[]> {
  const rows = await queries.query<{ Variable_name: string; Value: string }>('SHOW GLOBAL VARIABLES');
  const values = new Map(rows.map((row) => [row.Variable_name.toLowerCase(), row.Value.toUpperCase()]));
  const hasBinaryLog = values.get('log_bin') === 'ON';
  return Object.entries(WANTED)
    .filter(([name]) => values.has(name) && (hasBinaryLog || !name.includes('binlog')))
    .map(([name, { wanted, accepts }]) => {
      const found = values.get(name) ?? '';
      return { name, ok: accepts(found), found, wanted };
    });
}

export class UnsafeServerError extends Error {
  override name = 'UnsafeServerError';
}

/** @throws UnsafeServerError when the server could lose what it acknowledged, unless that is allowed. */
export async function requireDurableServer(queries: Queries, allowUnsafe: boolean): Promise<void> {
  const failed = (await checkDurability(queries)).filter((check) => !check.ok);
  if (failed.length > 0 && !allowUnsafe) {
    const lines = failed.map((check) => `  ${check.name} is ${check.found}, must be ${check.wanted}`);
    throw new UnsafeServerError(
      `This database server can lose money it acknowledged:\n${lines.join('\n')}\nSet ALLOW_UNSAFE_DURABILITY=true for throw-away data.`,
    );
  }
}

export async function serverVersion(queries: Queries): Promise<string> {
  const [row] = await queries.query<{ version: string }>('SELECT VERSION() AS version');
  const version = row?.version ?? '';
  return /mariadb/i.test(version)
    ? `MariaDB ${version.split('-')[0] ?? ''}`
    : `MySQL ${version.split('-')[0] ?? ''}`;
}
