import { existsSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { bufferPool } from './mysql-options.mjs';
import { inRoot } from './paths.mjs';
import { namedMysqld } from './server-binaries.mjs';

/** What points at or describes one bank: commands for another bank, such as the tests, must not inherit it. */
export const BANK_KEYS = [
  'DATABASE_URL',
  'OWNER_DATABASE_URL',
  'API_DATABASE_URL',
  'WORKER_DATABASE_URL',
  'AUDITOR_DATABASE_URL',
  'REDIS_URL',
  'BANK_DATA_DIR',
  'API_HOST',
  'API_PORT',
  'JWT_SECRET',
  'CURSOR_SECRET',
  'CARD_HASH_KEY',
  'METRICS_TOKEN',
  'SEAL_SIGNING_KEY',
  'SEAL_SIGNING_KEY_FILE',
  'SEAL_PUBLIC_KEYS',
  'DATA_KEYS',
];

/** Reads a .env file in the repository's folder, if there is one. What the caller's environment says goes first. */
export function loadDotEnv() {
  const file = inRoot('.env');
  if (!existsSync(file)) return;
  if (!process.loadEnvFile)
    throw new Failure('Reading .env needs Node 20.12 or newer. Set its keys in the environment instead.');
  process.loadEnvFile(file);
}

/** A key that is set to nothing counts as not set, for the launcher as for the programs it starts. */
export function setting(key, fallback = undefined) {
  return process.env[key] || fallback;
}

/** The folder that holds everything of one bank. */
export function dataFolder() {
  return inRoot(setting('BANK_DATA_DIR', '.data'));
}

function portSetting(key, fallback) {
  const value = setting(key, fallback);
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535)
    throw new Failure(`${key}: must be from 0 to 65535`);
  return Number(value);
}

function urlSetting(key, protocols) {
  const value = setting(key);
  if (!value) return null;
  const protocol = URL.canParse(value) ? new URL(value).protocol : '';
  if (!protocols.includes(protocol)) {
    throw new Failure(
      `${key}: must be a URL that starts with ${protocols.map((name) => `${name}//`).join(' or ')}`,
    );
  }
  return value;
}

/**
 * What the launcher itself needs to know. An error names the key and the rule, never the value, which may be a secret.
 * @returns {{ dataFolder: string, apiHost: string, apiPort: number, databaseUrl: string | null, redisUrl: string | null }}
 */
export function launchSettings() {
  if (process.env.NODE_ENV === 'production') {
    throw new Failure(
      'npm start sets up a bank for development and demonstration, so it does not run with NODE_ENV=production. ' +
        'For production start its parts: npm run db:migrate once, then npm run start:api and npm run start:worker.',
    );
  }
  // Only looked at here, so that a mistake shows before the long steps rather than after them.
  namedMysqld();
  bufferPool();
  return {
    dataFolder: dataFolder(),
    apiHost: setting('API_HOST', '127.0.0.1'),
    apiPort: portSetting('API_PORT', '8000'),
    databaseUrl: urlSetting('DATABASE_URL', ['mysql:', 'mariadb:']),
    redisUrl: urlSetting('REDIS_URL', ['redis:', 'rediss:']),
  };
}
