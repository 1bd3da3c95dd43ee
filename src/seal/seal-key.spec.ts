import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSigningKey, parsePublicKeys, parseSigningKey } from './seal-key';

/** RFC 8032, section 7.1, test 1: the signature of nothing. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const SIGNATURE =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';

describe('keys of the seal', () => {
  it.each(['base64', 'base64url'] as const)('a seed in %s is the key of RFC 8032', (encoding) => {
    const key = parseSigningKey(` ${Buffer.from(SEED, 'hex').toString(encoding)}\n`);
    expect(key.publicKey.raw.toString('hex')).toBe(PUBLIC);
    expect(key.sign('').toString('hex')).toBe(SIGNATURE);
    expect(key.publicKey.verify('', Buffer.from(SIGNATURE, 'hex'))).toBe(true);
    expect(key.publicKey.verify('x', Buffer.from(SIGNATURE, 'hex'))).toBe(false);
    expect(key.publicKey.verify('', Buffer.from(SIGNATURE, 'hex').subarray(1))).toBe(false);
  });

  it('PEM is taken as openssl writes it, and as the public half writes itself', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = parseSigningKey(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    const [same, other] = parsePublicKeys(
      `${key.publicKey.pem}\n${Buffer.from(PUBLIC, 'hex').toString('base64')}`,
    );
    expect([same?.key_id, other?.raw.toString('hex')]).toEqual([key.publicKey.key_id, PUBLIC]);
    expect(key.publicKey.key_id).toMatch(/^[0-9a-f]{16}$/);
    expect(parsePublicKeys(' ,\n')).toEqual([]);
  });

  it.each([
    ['too short', randomBytes(31).toString('base64')],
    ['words', 'correct horse battery staple'],
    ['a broken PEM', '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----'],
    [
      'another kind of key',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ format: 'pem', type: 'pkcs8' })
        .toString(),
    ],
  ])('a key that is none is refused, and never shown: %s', (_, text) => {
    const refused = () => loadSigningKey({ SEAL_SIGNING_KEY: text });
    expect(refused).toThrow(/^SEAL_SIGNING_KEY: must be an Ed25519 key/);
    expect(refused).not.toThrow(text);
    expect(() => parsePublicKeys(text)).toThrow(/^must be (an )?Ed25519/);
  });

  it('is read from a file, or from nowhere', () => {
    const folder = mkdtempSync(join(tmpdir(), 'florin-key-'));
    const file = join(folder, 'seal.pem');
    writeFileSync(file, Buffer.from(SEED, 'hex').toString('base64'));
    expect(loadSigningKey({ SEAL_SIGNING_KEY_FILE: file })?.publicKey.raw.toString('hex')).toBe(PUBLIC);
    rmSync(folder, { recursive: true });
    expect(() => loadSigningKey({ SEAL_SIGNING_KEY_FILE: file })).toThrow(/^SEAL_SIGNING_KEY_FILE: ENOENT/);
    expect(loadSigningKey({})).toBeNull();
  });
});
