import { bcryptInput } from './password-hasher';

describe('what bcrypt is given', () => {
  it('is the text itself while bcrypt reads all of it', () => {
    expect(bcryptInput('correct horse')).toBe('correct horse');
    expect(bcryptInput('ü'.repeat(36))).toBe('ü'.repeat(36));
    expect(bcryptInput('')).toBe('');
  });

  it('does not depend on how letters are composed', () => {
    expect(bcryptInput('u\u0308ber')).toBe(bcryptInput('\u00fcber'));
    expect(bcryptInput('e\u0301'.repeat(80))).toBe(bcryptInput('\u00e9'.repeat(80)));
  });

  it('stands for every byte of what is longer, in 64 characters', () => {
    const long = 'x'.repeat(73);
    expect(bcryptInput(long)).toMatch(/^[A-Za-z0-9+/]{64}$/);
    expect(bcryptInput(`${'x'.repeat(72)}y`)).not.toBe(bcryptInput(long));
    expect(bcryptInput('ü'.repeat(37))).toHaveLength(64);
    expect(bcryptInput('before\0after')).not.toBe(bcryptInput('before\0other'));
    expect(bcryptInput('before\0after')).toHaveLength(64);
  });
});
