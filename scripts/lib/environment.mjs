/** What points at or describes one bank: commands for another bank, such as the tests, must not inherit it. */
export const BANK_KEYS = [
  'DATABASE_URL',
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
];
