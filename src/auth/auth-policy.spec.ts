import { environmentSchema } from '../config/environment';
import { AuthPolicy } from './auth-policy';

const policy = (settings: Record<string, string> = {}) =>
  new AuthPolicy(
    environmentSchema.parse({
      DATABASE_URL: 'mysql://a@b/c',
      REDIS_URL: 'redis://a',
      JWT_SECRET: 'x'.repeat(32),
      CURSOR_SECRET: 'x'.repeat(32),
      ...settings,
    }),
  );
const ROLES = ['customer', 'auditor', 'analyst', 'admin'];

describe('who needs a second factor', () => {
  const needing = (settings: Record<string, string>) =>
    ROLES.filter((role) => policy(settings).needsSecondFactor(role));

  it('is nobody in development, administrators in production, and who the settings name', () => {
    expect(needing({})).toEqual([]);
    expect(needing({ NODE_ENV: 'production' })).toEqual(['admin']);
    expect(needing({ TOTP_REQUIRED_ROLES: 'auditor, analyst' })).toEqual(['auditor', 'analyst']);
    expect(needing({ NODE_ENV: 'production', TOTP_REQUIRED_ROLES: 'auditor' })).toEqual(['auditor', 'admin']);
  });

  it('is not left to a role that is misspelt', () => {
    expect(() => policy({ TOTP_REQUIRED_ROLES: 'auditors' })).toThrow(
      'TOTP_REQUIRED_ROLES: must be a list of',
    );
  });
});

describe('a proof of who somebody is', () => {
  const provenBefore = (seconds: number) => ({
    session_id: null,
    authenticated_at_s: Date.now() / 1000 - seconds,
    has_second_factor: false,
  });

  it('is fresh for the minutes of the settings', () => {
    expect(policy().isFresh(provenBefore(14 * 60))).toBe(true);
    expect(policy().isFresh(provenBefore(15 * 60))).toBe(false);
    expect(policy({ STEP_UP_MINUTES: '60' }).isFresh(provenBefore(59 * 60))).toBe(true);
  });
});
