import { newTotpSecret, otpauthUri, stepOf } from './totp-codes';

/** The secret of RFC 6238, appendix B, in base32. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('one-time codes', () => {
  // The appendix has eight digits; six are the last of them.
  it.each([
    [59, '287082', 1],
    [1_111_111_109, '081804', 37_037_036],
    [1_111_111_111, '050471', 37_037_037],
    [1_234_567_890, '005924', 41_152_263],
    [2_000_000_000, '279037', 66_666_666],
    [20_000_000_000, '353130', 666_666_666],
  ])('are those of RFC 6238 at %d s', (seconds, code, step) => {
    expect(stepOf(code, SECRET, seconds * 1000)).toBe(step);
  });

  it('are taken in the step before and after their own, as what they are', () => {
    expect([29_999, 30_000, 89_999, 90_000].map((ms) => stepOf('287082', SECRET, ms))).toEqual([
      1,
      1,
      1,
      null,
    ]);
    expect(stepOf('287083', SECRET, 59_000)).toBeNull();
  });

  it('have secrets of 160 bits, and a key URI for any username', () => {
    const secret = newTotpSecret();
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(newTotpSecret()).not.toBe(secret);
    const [path = '', query] = otpauthUri('a.b&c=d?e#f', secret).split('?');
    expect(decodeURIComponent(path)).toBe('otpauth://totp/Florin:a.b&c=d?e#f');
    const parameters = new URLSearchParams(query);
    expect([parameters.get('secret'), parameters.get('issuer')]).toEqual([secret, 'Florin']);
  });
});
