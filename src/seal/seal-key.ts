import {
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { readFileSync } from 'node:fs';

/** DER of an Ed25519 key is one of these and its 32 bytes (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The public half of a sealing key. */
export class SealPublicKey {
  /** First 16 hex digits of the SHA-256 of the 32 bytes. */
  readonly key_id: string;
  private readonly key: KeyObject;

  /** @throws when `raw` is not 32 bytes */
  constructor(readonly raw: Buffer) {
    this.key_id = hash('sha256', raw, 'hex').slice(0, 16);
    this.key = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' });
  }

  get pem(): string {
    return this.key.export({ format: 'pem', type: 'spki' }).toString();
  }

  verify(statement: string, signature: Buffer): boolean {
    return signature.length === 64 && verifyBytes(null, Buffer.from(statement), this.key, signature);
  }
}

/** A key that seals. */
export class SealSigningKey {
  readonly publicKey: SealPublicKey;

  constructor(private readonly key: KeyObject) {
    this.publicKey = new SealPublicKey(rawPublicKey(createPublicKey(key)));
  }

  /** 64 bytes. */
  sign(statement: string): Buffer {
    return signBytes(null, Buffer.from(statement), this.key);
  }
}

/**
 * A signing key from its text: PKCS #8 in PEM, as `openssl genpkey -algorithm ed25519` writes it, or 32 bytes in base64 or base64url.
 * @throws Error that never holds the text
 */
export function parseSigningKey(text: string): SealSigningKey {
  const trimmed = text.trim();
  const isPem = trimmed.startsWith('-----BEGIN');
  const seed = isPem ? Buffer.alloc(0) : Buffer.from(trimmed, 'base64');
  if (!isPem && seed.length !== 32) throw new Error('must be an Ed25519 key in PEM, or 32 bytes in base64');
  let key: KeyObject;
  try {
    key = isPem
      ? createPrivateKey(trimmed)
      : createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  } catch {
    throw new Error('must be an Ed25519 key in PEM, or 32 bytes in base64');
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('must be an Ed25519 key');
  return new SealSigningKey(key);
}

/**
 * Public keys from a text: any number of PEM blocks, or 32 bytes each in base64, apart by commas or white space.
 * @throws Error when one is no Ed25519 key
 */
export function parsePublicKeys(text: string): SealPublicKey[] {
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
  const rest = text.replace(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g, ' ');
  const words = rest.split(/[\s,]+/).filter((word) => word !== '');
  return [
    ...blocks.map((pem) => new SealPublicKey(rawPublicKey(pemKey(pem)))),
    ...words.map((word) => {
      const raw = Buffer.from(word, 'base64');
      if (raw.length !== 32)
        throw new Error('must be Ed25519 public keys in PEM, or 32 bytes each in base64');
      return new SealPublicKey(raw);
    }),
  ];
}

/** The key of SEAL_SIGNING_KEY, or of the file that SEAL_SIGNING_KEY_FILE names; null when neither is set. */
export function loadSigningKey(settings: {
  SEAL_SIGNING_KEY?: string | undefined;
  SEAL_SIGNING_KEY_FILE?: string | undefined;
}): SealSigningKey | null {
  const { SEAL_SIGNING_KEY, SEAL_SIGNING_KEY_FILE } = settings;
  const name = SEAL_SIGNING_KEY ? 'SEAL_SIGNING_KEY' : 'SEAL_SIGNING_KEY_FILE';
  try {
    if (SEAL_SIGNING_KEY) return parseSigningKey(SEAL_SIGNING_KEY);
    return SEAL_SIGNING_KEY_FILE ? parseSigningKey(readFileSync(SEAL_SIGNING_KEY_FILE, 'utf8')) : null;
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

function pemKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw new Error('must be Ed25519 public keys in PEM, or 32 bytes each in base64', { cause: error });
  }
}

function rawPublicKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('must be an Ed25519 key');
  return key.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length);
}
