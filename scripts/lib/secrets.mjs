import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { readJson, writePrivateJson } from './files.mjs';

const BYTES = {
  mysql_root_password: 24,
  florin_owner_password: 24,
  florin_api_password: 24,
  florin_worker_password: 24,
  florin_auditor_password: 24,
  redis_password: 24,
  JWT_SECRET: 48,
  CURSOR_SECRET: 48,
  CARD_HASH_KEY: 48,
  METRICS_TOKEN: 32,
  SEAL_SIGNING_KEY: 32,
  DATA_KEYS: 32,
};

/** The secrets of one bank, made once and kept: a new key for card hashes or tokens would orphan what the old one made. */
export function loadSecrets(dataFolder) {
  const file = join(dataFolder, 'secrets.json');
  const kept = readJson(file);
  if (!kept && existsSync(file)) {
    throw new Failure(
      `${file} cannot be read. It holds the passwords of the data beside it: bring it back from a copy.`,
    );
  }
  const secrets = { ...kept };
  const missing = Object.keys(BYTES).filter((key) => !secrets[key]);
  for (const key of missing) secrets[key] = randomBytes(BYTES[key]).toString('base64url');
  if (missing.length > 0) writePrivateJson(file, secrets);
  return secrets;
}
