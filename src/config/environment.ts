import { z } from 'zod';
import { isReadableOnTheWay } from './transport';
import { parseDataKeys } from '../crypto/keyring';

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

const dataKeys = z.string().transform((value, context) => {
  try {
    return parseDataKeys(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const keyId = z
  .string()
  .regex(/^[\w.-]{1,32}$/, 'must have 1 to 32 letters, digits, dots, underscores or hyphens');

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
  /** Lets a bank in production talk to other machines in plain text: on a network that nobody else is on. */
  ALLOW_PLAIN_TEXT: flag.default(false),
  API_HOST: z.string().min(1).default('127.0.0.1'),
  API_PORT: wholeNumber(0, 65535, 8000),
  API_BODY_LIMIT_KB: wholeNumber(16, 16384, 1024),
  /** How many reverse proxies in front may be believed about the client's address. */
  TRUSTED_PROXY_HOPS: wholeNumber(0, 10, 0),
  CORS_ORIGINS: list,
  /** Signs access tokens. */
  JWT_SECRET: secret,
  JWT_KEY_ID: keyId.default('k1'),
  /** Checks tokens too, and signs none: the next key before a change, the old one after it. */
  JWT_SECOND_SECRET: secret.optional(),
  JWT_SECOND_KEY_ID: keyId.optional(),
  JWT_ISSUER: z.string().min(1).default('florin'),
  JWT_AUDIENCE: z.string().min(1).default('florin-api'),
  JWT_EXPIRATION_HOURS: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number of hours')
    .transform(Number)
    .refine((value) => value > 0 && value <= 24, 'must be above 0 and at most 24')
    .default(1),
  REFRESH_TOKEN_DAYS: wholeNumber(1, 365, 30),
  /** How long a refresh token that was used answers its successor again, to a client that lost the answer. 0: never. */
  REFRESH_GRACE_SECONDS: wholeNumber(0, 300, 30),
  /** How long a login or a step-up counts as fresh for dangerous acts. */
  STEP_UP_MINUTES: wholeNumber(1, 1440, 15),
  /** Roles that may only enrol until they have a second factor. Administrators are always among them in production. */
  TOTP_REQUIRED_ROLES: list,
  /** Code points of a password. NIST SP 800-63B-4: 15 where it is the only factor, 8 where everybody has a second one. */
  PASSWORD_MIN_LENGTH: wholeNumber(8, 64, 15),
  /** Keys for secrets in the database, the first of which encrypts: src/crypto/keyring.ts. */
  DATA_KEYS: dataKeys.optional(),
  CURSOR_SECRET: secret,
  CARD_HASH_KEY: secret.optional(),
  METRICS_TOKEN: secret.optional(),
  /** The worker's: an Ed25519 key, PEM or 32 bytes in base64, that signs the chain of seals. Or the file that holds it. */
  SEAL_SIGNING_KEY: z.string().optional(),
  SEAL_SIGNING_KEY_FILE: z.string().optional(),
  /** The API's: the public keys that it publishes and believes, PEM or base64, apart by commas. Without any: those in the database. */
  SEAL_PUBLIC_KEYS: z.string().optional(),
  RATE_LIMIT_LOGIN_PER_MINUTE: wholeNumber(1, 1_000_000, 300),
  RATE_LIMIT_MONEY_PER_MINUTE: wholeNumber(1, 100_000_000, 60_000),
  /** One-time and recovery codes tried for one user. */
  RATE_LIMIT_CODES_PER_MINUTE: wholeNumber(1, 1_000_000, 10),
  /** Answers to one address that a username or an e-mail address is taken. */
  RATE_LIMIT_TAKEN_PER_HOUR: wholeNumber(1, 1_000_000, 20),
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
  SCORING_CONCURRENCY: wholeNumber(1, 2000, 400),
  SCORING_LOG: flag.default(true),
  /** off: verdicts and alerts as ever, but no funds are held and no account blocked until an analyst decides. */
  RISK_ACTIONS: z.enum(['on', 'off']).default('on'),
  /** Transactions that a new version of the risk model shadows before it may take over. */
  MODEL_SHADOW_TRANSACTIONS: wholeNumber(500, 5000, 2000),
  /** Kinds of acts that need a second person until the bank sets them itself: a list, all, none, or auto: all in production. */
  FOUR_EYES: z
    .string()
    .regex(/^[a-z_, ]+$/, 'must be auto, all, none, or kinds of acts separated by commas')
    .default('auto'),
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
  ALLOW_PLAIN_TEXT: true,
  SEAL_SIGNING_KEY: true,
  SEAL_SIGNING_KEY_FILE: true,
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
    ? [...rotationProblems(result.data), ...productionProblems(result.data)]
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

/** The second key for tokens is a key with a name of its own, or absent. */
function rotationProblems(environment: Partial<Environment>): string[] {
  const { JWT_SECOND_SECRET: secret, JWT_SECOND_KEY_ID: id, JWT_KEY_ID: firstId } = environment;
  if ((secret === undefined) !== (id === undefined))
    return ['JWT_SECOND_SECRET, JWT_SECOND_KEY_ID: are set together or not at all'];
  return id !== undefined && id === firstId ? ['JWT_SECOND_KEY_ID: must not be JWT_KEY_ID'] : [];
}

function productionProblems(environment: Partial<Environment>): string[] {
  if (environment.NODE_ENV !== 'production') return [];
  const problems: string[] = [];
  const secrets = [
    'JWT_SECRET',
    'JWT_SECOND_SECRET',
    'CURSOR_SECRET',
    'METRICS_TOKEN',
    'CARD_HASH_KEY',
  ] as const;
  for (const key of secrets) {
    const value = environment[key];
    if (value !== undefined && (PLACEHOLDER.test(value) || new Set(value).size < 10)) {
      problems.push(`${key}: must be a real random secret in production`);
    }
  }
  // Of the API alone: the worker has no secret of it.
  if (environment.JWT_SECRET !== undefined && environment.DATA_KEYS === undefined)
    problems.push('DATA_KEYS: is required in production');
  for (const key of ['DATABASE_URL', 'REDIS_URL'] as const) {
    const value = environment[key];
    if (value !== undefined && !environment.ALLOW_PLAIN_TEXT && isReadableOnTheWay(value))
      problems.push(`${key}: must be encrypted in production: ssl=true, or rediss://`);
  }
  if (environment.ALLOW_UNSAFE_DURABILITY)
    problems.push('ALLOW_UNSAFE_DURABILITY: must not be set in production');
  return problems;
}
