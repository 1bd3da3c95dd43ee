import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import type { Servers } from './servers';

/** What a figure depends on, and nothing that says whose machine it is. */
export interface Machine {
  cpu: string;
  cores: number;
  memory_gb: number;
  system: string;
  node: string;
  database: string;
  buffer_pool: string;
  commit: string;
  measured_at: string;
}

export function machine(servers: Servers): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.replace(/\s+/g, ' ').trim() || 'unknown processor',
    cores: processors.length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    system: process.platform,
    node: `Node ${process.versions.node}`,
    database: servers.database_name,
    buffer_pool: process.env.MYSQL_BUFFER_POOL ?? '',
    commit: commit(),
    measured_at: new Date().toISOString(),
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
