import { environmentSchema } from '../config/environment';
import { BankError } from '../errors';
import { PasswordPolicy } from './password-policy';

const policy = (length: string) =>
  new PasswordPolicy(
    environmentSchema.parse({
      DATABASE_URL: 'mysql://a@b/c',
      REDIS_URL: 'redis://a',
      JWT_SECRET: 'x'.repeat(32),
      CURSOR_SECRET: 'x'.repeat(32),
      PASSWORD_MIN_LENGTH: length,
    }),
  );
const owner = { username: 'grace.hopper', email: 'ghopper@bank.test' };

/** What is wrong with a password, or null. */
function problemOf(password: string, length = '8'): string | null {
  try {
    policy(length).check('password', password, owner);
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'VALIDATION_FAILED' });
    const [problem] = (error as BankError).errors ?? [];
    expect(problem?.field).toBe('password');
    return problem?.message ?? '';
  }
}

describe('a new password', () => {
  it('has a length in code points of its normal form', () => {
    expect(problemOf('fourteen chars', '15')).toBe('must have at least 15 characters');
    expect(problemOf('fifteen chars ok', '15')).toBeNull();
    expect(problemOf('🏦🐎🔋📎🎻🎲🪁🧵')).toBeNull();
    expect(problemOf('🏦🐎🔋📎🎻🎲🪁')).toContain('at least 8');
    // Eight letters as some keyboards send them, of which four are accents.
    expect(problemOf('e\u0301a\u0300o\u0302u\u0308')).toContain('at least 8');
  });

  it.each(['password', 'PassWord', 'iloveyou', '12345678', 'qwertyuiop', 'trustno1'])(
    'is not a common one such as %s',
    (password) => {
      expect(problemOf(password)).toMatch(/common/);
    },
  );

  it.each([
    'qwerty123456789',
    '1qaz2wsx3edc4rfv',
    'passwordpassword',
    'Password12345678',
    'Jennifer-Michael',
    'trustno1 !! iloveyou',
  ])('nor a long common one: %s', (password) => {
    expect(problemOf(password, '15')).toMatch(/common/);
  });

  it.each([
    'zzzzzzzzzzzzzzzz',
    'abcabcabcabcabcabc',
    'xk7!xk7!xk7!xk7!',
    'sunshinesunshinesunshine',
    'abcdefghijklmnopqr',
    '6543210987654321098',
  ])('is no repetition or sequence such as %s', (password) => {
    expect(problemOf(password, '15')).toMatch(/common|repetition or a sequence/);
  });

  it.each([
    'Grace.Hopper2026',
    'ghopper@bank.test',
    'ghopper-ghopper-1',
    'florin florin florin',
    'florin.grace.hopper',
  ])('is not made of what others know of its owner: %s', (password) => {
    expect(problemOf(password, '15')).toMatch(/little more than your username/);
  });

  it.each([
    'correct horse battery staple',
    'aaaaaaaaaaaaaaab',
    'only lower case letters',
    'grace.hopper likes long walks',
    'भारत की राजधानी दिल्ली',
    ' spaces around count too ',
  ])('may be anything else: %s', (password) => {
    expect(problemOf(password, '15')).toBeNull();
  });
});
