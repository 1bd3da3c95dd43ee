import { randomBytes } from 'node:crypto';
import { EnvironmentError, environmentSchema, loadEnvironment } from './environment';

const secret = () => randomBytes(32).toString('base64url');
const good = (): NodeJS.ProcessEnv => ({
  DATABASE_URL: 'mysql://api:pw@127.0.0.1:3306/florin',
  REDIS_URL: 'redis://127.0.0.1:6379',
  JWT_SECRET: secret(),
  CURSOR_SECRET: secret(),
  CARD_HASH_KEY: secret(),
  METRICS_TOKEN: secret(),
  DATA_KEYS: `k2:${secret()},k1:${secret()}`,
});

/** What loadEnvironment complains about. */
function problemsOf(environment: NodeJS.ProcessEnv): string {
  try {
    loadEnvironment(environment);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    return (error as Error).message;
  }
}

describe('loadEnvironment', () => {
  it('fills in what has a default, typed', () => {
    expect(loadEnvironment(good())).toMatchObject({
      NODE_ENV: 'development',
      API_HOST: '127.0.0.1',
      API_PORT: 8000,
      ALLOW_UNSAFE_DURABILITY: false,
      CORS_ORIGINS: [],
      JWT_EXPIRATION_HOURS: 1,
      POSTING_QUEUE: 'on',
    });
  });

  it('reads numbers, switches and lists; empty counts as not given', () => {
    const settings = {
      API_PORT: '0',
      ALLOW_UNSAFE_DURABILITY: 'on',
      CORS_ORIGINS: ' https://a.test, https://b.test ,',
      LOG_LEVEL: '',
    };
    expect(loadEnvironment({ ...good(), ...settings })).toMatchObject({
      API_PORT: 0,
      ALLOW_UNSAFE_DURABILITY: true,
      CORS_ORIGINS: ['https://a.test', 'https://b.test'],
      LOG_LEVEL: 'info',
    });
  });

  it.each([
    ['DATABASE_URL', undefined, 'is required'],
    ['REDIS_URL', '', 'is required'],
    ['JWT_SECRET', undefined, 'is required'],
    ['DATABASE_URL', 'postgres://hunter2@db/florin', 'must be a URL that starts with mysql:// or mariadb://'],
    ['REDIS_URL', 'hunter2', 'must be a URL that starts with redis:// or rediss://'],
    ['API_PORT', 'hunter2', 'must be a whole number'],
    ['API_PORT', '70000', 'must be from 0 to 65535'],
    ['API_PORT', '-1', 'must be a whole number'],
    ['NODE_ENV', 'hunter2', 'must be one of development, production, test'],
    ['POSTING_QUEUE', 'maybe', 'must be one of on, off'],
    ['JWT_SECRET', 'hunter2', 'must have at least 32 characters'],
    ['JWT_KEY_ID', 'hunter 2', 'must have 1 to 32 letters'],
    ['JWT_SECOND_SECRET', 'hunter2', 'must have at least 32 characters'],
    ['DATA_KEYS', 'k1:hunter2', 'entry 1: a key is 32 bytes'],
    ['DATA_KEYS', 'HUNTER2:x', 'entry 1: an id has'],
    ['REFRESH_GRACE_SECONDS', '301', 'must be from 0 to 300'],
    ['PASSWORD_MIN_LENGTH', '7', 'must be from 8 to 64'],
    ['JWT_EXPIRATION_HOURS', '25', 'must be above 0 and at most 24'],
    ['JWT_EXPIRATION_HOURS', '0', 'must be above 0'],
    ['PIN_REQUIRED_FROM', '-5', 'must be an amount'],
    ['ALLOW_UNSAFE_DURABILITY', 'hunter2', 'must be one of'],
  ])('%s=%p: %s', (key, value, rule) => {
    const message = problemsOf({ ...good(), [key]: value });
    expect(message).toContain(`${key}: ${rule}`);
    if (value) expect(message.replace(`${key}: ${rule}`, '')).not.toContain(value);
  });

  it('names every key that is wrong at once, and never a value', () => {
    const bad = Object.fromEntries(
      Object.keys(environmentSchema.shape).map((key) => [key, '\u0000hunter2\u0000']),
    );
    const message = problemsOf(bad);
    expect(message).not.toContain('hunter2');
    for (const key of ['DATABASE_URL', 'REDIS_URL', 'API_PORT', 'JWT_SECRET', 'SCORING_MODEL'])
      expect(message).toContain(`${key}: `);
  });

  it('takes a second key for tokens with a name of its own, or none', () => {
    const second = { JWT_SECOND_SECRET: secret(), JWT_SECOND_KEY_ID: 'k2' };
    expect(loadEnvironment({ ...good(), ...second })).toMatchObject({ JWT_KEY_ID: 'k1', ...second });
    expect(problemsOf({ ...good(), ...second, JWT_SECOND_KEY_ID: 'k1' })).toContain('must not be JWT_KEY_ID');
    expect(problemsOf({ ...good(), ...second, JWT_SECOND_KEY_ID: '' })).toContain('are set together');
    expect(problemsOf({ ...good(), ...second, JWT_SECOND_SECRET: '' })).toContain('are set together');
  });

  describe('in production', () => {
    const production = () => ({ ...good(), NODE_ENV: 'production' });

    it('takes real secrets', () => {
      expect(problemsOf(production())).toBe('');
    });

    it.each(['JWT_SECRET', 'CURSOR_SECRET', 'METRICS_TOKEN', 'CARD_HASH_KEY'])(
      'refuses placeholders for %s',
      (key) => {
        const placeholders = [
          'change-me-change-me-change-me-change-me',
          'a-very-long-secret-for-development-0123',
          'password-password-password-0123456789',
          'this-is-an-example-0123456789-abcdefgh',
          'a'.repeat(40),
          'abcabcabcabcabcabcabcabcabcabcabcabcabc',
        ];
        for (const value of placeholders) {
          const message = problemsOf({ ...production(), [key]: value });
          expect(message).toContain(`${key}: must be a real random secret in production`);
          expect(message).not.toContain(value);
          expect(problemsOf({ ...good(), [key]: value })).toBe('');
        }
      },
    );

    it('needs keys for secrets in the database', () => {
      expect(problemsOf({ ...production(), DATA_KEYS: '' })).toContain(
        'DATA_KEYS: is required in production',
      );
    });

    it.each([
      [
        'DATABASE_URL',
        'mysql://api:pw@db.bank.example:3306/florin',
        'mysql://api:pw@db.bank.example/florin?ssl=true',
      ],
      ['REDIS_URL', 'redis://cache.bank.example:6379', 'rediss://cache.bank.example:6379'],
    ])('%s in plain text is for this machine only', (key, plain, encrypted) => {
      expect(problemsOf({ ...production(), [key]: plain })).toContain(`${key}: must be encrypted`);
      expect(problemsOf({ ...production(), [key]: encrypted })).toBe('');
      expect(problemsOf({ ...production(), [key]: plain, ALLOW_PLAIN_TEXT: 'true' })).toBe('');
    });

    it('does not run on a server that may lose money', () => {
      expect(problemsOf({ ...production(), ALLOW_UNSAFE_DURABILITY: 'true' })).toContain(
        'ALLOW_UNSAFE_DURABILITY',
      );
    });
  });
});
