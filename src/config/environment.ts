import { z } from 'zod';

const flag = z
  .enum(['true', 'false', '1', '0', 'on', 'off'])
  .transform((value) => value === 'true' || value === '1' || value === 'on');

const wholeNumber = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`)
    .default(fallback);

const secret = z.string().min(32, 'must have at least 32 characters');

const url = (protocols: string[]) =>
  z.string().refine(
    (value) => {
      try {
        return protocols.includes(new URL(value).protocol);
      } catch {
        return false;
      }
    },
    `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  );

const list = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

/**
 * Every setting of the API and the worker: the one schema that validates the environment.
 * The README's configuration table follows this order.
 */
export const environmentSchema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: url(['mysql:', 'mariadb:']),
  REDIS_URL: url(['redis:', 'rediss:']),
  DATABASE_POOL_SIZE: wholeNumber(1, 500, 10),
  /** Lets the bank start on a server that can lose what it acknowledged. For throw-away data only. */
  ALLOW_UNSAFE_DURABILITY: flag.default(false),
  API_HOST: z.string().min(1).default('127.0.0.1'),
  API_PORT: wholeNumber(0, 65535, 8000),
  API_BODY_LIMIT_KB: wholeNumber(16, 16384, 1024),
  /** How many reverse proxies in front may be believed about the client's address. */
  TRUSTED_PROXY_HOPS: wholeNumber(0, 10, 0),
  CORS_ORIGINS: list,
  JWT_SECRET: secret,
  JWT_KEY_ID: z.string().min(1).max(32).default('k1'),
  JWT_ISSUER: z.string().min(1).default('florin'),
  JWT_AUDIENCE: z.string().min(1).default('florin-api'),
  JWT_EXPIRATION_HOURS: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number of hours')
    .transform(Number)
    .refine((value) => value > 0 && value <= 24, 'must be above 0 and at most 24')
    .default(1),
  REFRESH_TOKEN_DAYS: wholeNumber(1, 365, 30),
  CURSOR_SECRET: secret,
  CARD_HASH_KEY: secret.optional(),
  METRICS_TOKEN: secret.optional(),
  RATE_LIMIT_LOGIN_PER_MINUTE: wholeNumber(1, 1_000_000, 300),
  RATE_LIMIT_MONEY_PER_MINUTE: wholeNumber(1, 100_000_000, 60_000),
  /** A customer who has set a PIN gives it for amounts at or over this, in major units of the account's currency. */
  PIN_REQUIRED_FROM: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be an amount')
    .default('1000'),
  /** off: one CALL a request, for comparison. */
  POSTING_QUEUE: z.enum(['on', 'off']).default('on'),
  POSTING_BATCH_MAX: wholeNumber(1, 2000, 500),
  /** One gathers larger batches than two, which cost less in all: docs/adr/0006. */
  POSTING_BATCHES_IN_FLIGHT: wholeNumber(1, 64, 1),
  POSTING_QUEUE_MAX: wholeNumber(1, 1_000_000, 20_000),
  /** Of these, most items of one user. */
  POSTING_QUEUE_MAX_PER_USER: wholeNumber(1, 1_000_000, 5_000),
  SCORING_MODEL: z.enum(['florin-forest', 'ml-isolation-forest']).default('florin-forest'),
  SCORING_CONCURRENCY: wholeNumber(1, 2000, 256),
  SCORING_LOG: flag.default(true),
  /** off: verdicts and alerts as ever, but no funds are held and no account blocked until an analyst decides. */
  RISK_ACTIONS: z.enum(['on', 'off']).default('on'),
  /** Transactions that a new version of the risk model shadows before it may take over. */
  MODEL_SHADOW_TRANSACTIONS: wholeNumber(500, 5000, 2000),
});

export type Environment = z.output<typeof environmentSchema>;

/** The worker's part of the settings: it needs no secret of the API. */
export const workerEnvironmentSchema = environmentSchema.pick({
  NODE_ENV: true,
  LOG_LEVEL: true,
  DATABASE_URL: true,
  REDIS_URL: true,
  DATABASE_POOL_SIZE: true,
  ALLOW_UNSAFE_DURABILITY: true,
  SCORING_MODEL: true,
  SCORING_CONCURRENCY: true,
  SCORING_LOG: true,
  RISK_ACTIONS: true,
  MODEL_SHADOW_TRANSACTIONS: true,
});

export type WorkerEnvironment = z.output<typeof workerEnvironmentSchema>;

export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

const PLACEHOLDER = /change.?me|secret|password|example|placeholder|^(.)\1+$/i;

/**
 * Validates `source` and returns typed settings.
 * @throws EnvironmentError naming each key and the rule it breaks, never the value: values may be secrets.
 */
export function loadEnvironment(source: NodeJS.ProcessEnv = process.env): Environment {
  return load(environmentSchema, source);
}

/** As loadEnvironment, for the worker: what only the API needs may be absent. */
export function loadWorkerEnvironment(source: NodeJS.ProcessEnv = process.env): WorkerEnvironment {
  return load(workerEnvironmentSchema, source);
}

function load<T extends Partial<Environment>>(schema: z.ZodType<T>, source: NodeJS.ProcessEnv): T {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  const problems = result.success
    ? productionProblems(result.data)
    : result.error.issues.map((issue) => {
        const key = issue.path.join('.');
        return given[key] === undefined ? `${key}: is required` : `${key}: ${ruleOf(issue)}`;
      });
  if (problems.length > 0 || !result.success) {
    throw new EnvironmentError(
      `The environment is not valid.\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  }
  return result.data;
}

function ruleOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_value'
    ? `must be one of ${issue.values.map(String).join(', ')}`
    : issue.message;
}

function productionProblems(environment: Partial<Environment>): string[] {
  if (environment.NODE_ENV !== 'production') return [];
  const problems: string[] = [];
  for (const key of ['JWT_SECRET', 'CURSOR_SECRET', 'METRICS_TOKEN', 'CARD_HASH_KEY'] as const) {
    const value = environment[key];
    if (value !== undefined && (PLACEHOLDER.test(value) || new Set(value).size < 10)) {
      problems.push(`${key}: must be a real random secret in production`);
    }
  }
  if (environment.ALLOW_UNSAFE_DURABILITY)
    problems.push('ALLOW_UNSAFE_DURABILITY: must not be set in production');
  return problems;
}
