import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** A key of 256 bits and the name that ciphertexts know it by. */
export interface DataKey {
  id: string;
  key: Buffer;
}

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
/** NIST SP 800-38D recommends 96 bits; random ones are safe for 2^32 values a key, far more than a column holds. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID = /^[a-z0-9][a-z0-9_-]{0,15}$/;

/** A ciphertext that this keyring cannot open: changed, moved to another place, or made with a key it does not have. */
export class UnreadableCiphertext extends Error {
  override name = 'UnreadableCiphertext';
}

/**
 * Encrypts small secrets for a column of the database: AES-256-GCM with keys from the environment. The first key encrypts, every
 * key decrypts, and a ciphertext names its key, so that keys can be replaced while the bank runs.
 *
 * A ciphertext is the text `<key id>:<base64url of nonce, tag and data>`, ASCII, at most 18 + 4/3 × (28 + length) characters. It is
 * bound to a `place`, such as `user_totp.secret:42`: copied to another row or column it cannot be opened.
 */
export class Keyring {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly current: DataKey;

  constructor(keys: readonly DataKey[]) {
    const [current] = keys;
    if (!current) throw new Error('a keyring needs at least one key');
    this.current = current;
    this.keys = new Map(keys.map(({ id, key }) => [id, key]));
  }

  encrypt(plaintext: string | Buffer, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.current.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(associatedData(this.current.id, place));
    const data = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return `${this.current.id}:${Buffer.concat([nonce, cipher.getAuthTag(), data]).toString('base64url')}`;
  }

  /** @throws UnreadableCiphertext, which says which key is missing but nothing of the value */
  decrypt(ciphertext: string, place: string): Buffer {
    const id = keyIdOf(ciphertext);
    const key = this.keys.get(id);
    if (!key) throw new UnreadableCiphertext(`DATA_KEYS has no key ${KEY_ID.test(id) ? id : 'of this name'}`);
    const bytes = Buffer.from(ciphertext.slice(id.length + 1), 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new UnreadableCiphertext('the ciphertext is too short');
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    decipher.setAAD(associatedData(id, place));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw new UnreadableCiphertext('the ciphertext was changed, or belongs elsewhere', { cause: error });
    }
  }

  /** Whether the ciphertext is under the key that encrypts now. */
  isCurrent(ciphertext: string): boolean {
    return keyIdOf(ciphertext) === this.current.id;
  }
}

/**
 * Reads `k2:<key>,k1:<key>`: the first encrypts. A key is 32 bytes in base64, base64url or hex; one without an id is `k1`.
 * Errors say which entry breaks which rule, never the key.
 */
export function parseDataKeys(text: string): DataKey[] {
  const keys = text.split(',').map((entry, index) => {
    const trimmed = entry.trim();
    const colon = trimmed.indexOf(':');
    const id = colon < 0 ? 'k1' : trimmed.slice(0, colon);
    if (!KEY_ID.test(id))
      throw new Error(`entry ${index + 1}: an id has 1 to 16 lower-case letters, digits, - or _`);
    return { id, key: keyBytes(trimmed.slice(colon + 1), index + 1) };
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    throw new Error('every key needs an id of its own');
  return keys;
}

function keyBytes(text: string, entry: number): Buffer {
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(text);
  if (!isHex && !isBase64)
    throw new Error(`entry ${entry}: a key is ${KEY_BYTES} bytes in base64, base64url or hex`);
  return Buffer.from(text, isHex ? 'hex' : 'base64');
}

function keyIdOf(ciphertext: string): string {
  const colon = ciphertext.indexOf(':');
  return colon < 0 ? '' : ciphertext.slice(0, colon);
}

function associatedData(keyId: string, place: string): Buffer {
  return Buffer.from(`${keyId}\n${place}`);
}
