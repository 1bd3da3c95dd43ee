import { randomBytes } from 'node:crypto';
import { Keyring, parseDataKeys, UnreadableCiphertext } from './keyring';

const key = () => randomBytes(32);
const [old, current] = [
  { id: 'k1', key: key() },
  { id: 'k2', key: key() },
];

describe('a keyring', () => {
  const ring = new Keyring([current, old]);
  const place = 'user_totp.secret:42';

  it('opens what it closed, whatever the bytes, and never makes the same twice', () => {
    for (const value of [Buffer.alloc(0), Buffer.from('secret'), Buffer.from('ü🏦'), randomBytes(1000)]) {
      const ciphertext = ring.encrypt(value, place);
      expect(ring.decrypt(ciphertext, place)).toEqual(value);
      expect(ring.encrypt(value, place)).not.toBe(ciphertext);
      expect(ciphertext).toMatch(/^k2:[\w-]+$/);
    }
  });

  it('opens what an older key closed, and says that it is due for the current one', () => {
    const ciphertext = new Keyring([old]).encrypt('secret', place);
    expect(ring.decrypt(ciphertext, place).toString()).toBe('secret');
    expect(ring.isCurrent(ciphertext)).toBe(false);
    expect(ring.isCurrent(ring.encrypt('secret', place))).toBe(true);
  });

  it('refuses a ciphertext at another place', () => {
    expect(() => ring.decrypt(ring.encrypt('secret', place), 'user_totp.secret:43')).toThrow(
      UnreadableCiphertext,
    );
  });

  it('refuses every ciphertext of which one bit was changed', () => {
    const [id, text] = ring.encrypt('secret', place).split(':');
    const bytes = Buffer.from(String(text), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => ring.decrypt(`${id}:${changed.toString('base64url')}`, place)).toThrow(
        UnreadableCiphertext,
      );
    }
    expect(() => ring.decrypt(`k1:${text}`, place)).toThrow(UnreadableCiphertext);
  });

  it.each(['', 'k2:', 'k2:AAAA', 'no colon', 'k9:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'])(
    'refuses %j',
    (text) => {
      expect(() => ring.decrypt(text, place)).toThrow(UnreadableCiphertext);
    },
  );

  it('is nothing without a key', () => {
    expect(() => new Keyring([])).toThrow('at least one key');
  });
});

describe('keys of the environment', () => {
  const bytes = key();

  it.each([
    ['base64', bytes.toString('base64')],
    ['base64url', bytes.toString('base64url')],
    ['hex', bytes.toString('hex')],
  ])('may be written in %s', (_name, text) => {
    expect(parseDataKeys(text)).toEqual([{ id: 'k1', key: bytes }]);
    expect(parseDataKeys(`k2:${text}, k1:${key().toString('hex')}`)[0]).toEqual({ id: 'k2', key: bytes });
  });

  it.each([
    ['', 'entry 1: a key is 32 bytes'],
    ['k1:hunter2', 'entry 1: a key is 32 bytes'],
    [`k1:${bytes.toString('hex')},K 2:${bytes.toString('hex')}`, 'entry 2: an id has'],
    [`${bytes.toString('hex')},k1:${bytes.toString('hex')}`, 'an id of its own'],
    [`k1:${bytes.toString('hex')}00`, 'entry 1: a key is 32 bytes'],
  ])('are refused by rule (%#)', (text, rule) => {
    expect(() => parseDataKeys(text)).toThrow(rule);
  });
});
