import { idempotencyKey, requestHash } from './posting-item';

describe('keys and hashes of posting items', () => {
  it('are 32 hex digits', () => {
    expect(idempotencyKey('user:5', '🏦'.repeat(255))).toMatch(/^[0-9a-f]{32}$/);
    expect(requestHash({ amount: 5n })).toMatch(/^[0-9a-f]{32}$/);
  });

  it('the same key of different users is not the same', () => {
    expect(idempotencyKey('user:1', 'k')).toBe(idempotencyKey('user:1', 'k'));
    expect(idempotencyKey('user:1', 'k')).not.toBe(idempotencyKey('user:2', 'k'));
    expect(idempotencyKey('a', 'bc')).not.toBe(idempotencyKey('ab', 'c'));
  });

  it('a request differs in every part', () => {
    const request = { type: 'transfer', amount: 5n, description: null };
    expect(requestHash({ ...request })).toBe(requestHash(request));
    for (const change of [{ type: 'payment' }, { amount: 6n }, { description: '' }]) {
      expect(requestHash({ ...request, ...change })).not.toBe(requestHash(request));
    }
  });
});
