import { createHash } from 'node:crypto';

/** A secret that is long and looks random, and is the same in every run. */
function testSecret(name: string): string {
  return createHash('sha256').update(`florin test ${name}`).digest('base64url');
}

/** What loadEnvironment needs, for a bank on the given servers. */
export function testEnvironment(databaseUrl: string, redisUrl: string): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    API_PORT: '0',
    JWT_SECRET: testSecret('jwt'),
    CURSOR_SECRET: testSecret('cursor'),
    CARD_HASH_KEY: testSecret('card'),
    METRICS_TOKEN: testSecret('metrics'),
    DATA_KEYS: `k1:${testSecret('data')}`,
  };
}

/** A server's URL that `npm test` or `node scripts/dev-servers.mjs` gives. */
export function serverUrl(key: 'TEST_DATABASE_URL' | 'TEST_REDIS_URL'): string {
  const url = process.env[key];
  if (!url) throw new Error(`${key}: is required; run the tests with npm test`);
  return url;
}
