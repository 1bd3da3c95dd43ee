import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Failure } from './failure.mjs';

/** DER of an Ed25519 private key is this and its 32 bytes (RFC 8410); a public one ends with its 32 bytes. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The key that the worker signs the chain of seals with: the caller's, or the one that the bank keeps; and the public halves of both,
 * for the API to publish and for verify-chain to hold signatures against.
 * @param {string} kept 32 bytes in base64url
 */
export function sealKeys(kept, environment = process.env) {
  const { SEAL_SIGNING_KEY, SEAL_SIGNING_KEY_FILE, SEAL_PUBLIC_KEYS } = environment;
  const signingKey = SEAL_SIGNING_KEY || readKeyFile(SEAL_SIGNING_KEY_FILE) || kept;
  const publicKeys = [...new Set([signingKey, kept].map(publicKeyOf))].join(',');
  return { SEAL_SIGNING_KEY: signingKey, SEAL_PUBLIC_KEYS: SEAL_PUBLIC_KEYS || publicKeys };
}

function readKeyFile(path) {
  if (!path) return null;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`SEAL_SIGNING_KEY_FILE: cannot be read (${error.code}).`);
  }
}

function publicKeyOf(text) {
  try {
    const key = text.trim().startsWith('-----BEGIN')
      ? createPrivateKey(text.trim())
      : createPrivateKey({
          key: Buffer.concat([PRIVATE_PREFIX, Buffer.from(text.trim(), 'base64')]),
          format: 'der',
          type: 'pkcs8',
        });
    if (key.asymmetricKeyType !== 'ed25519') throw new Error();
    return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  } catch {
    throw new Failure('SEAL_SIGNING_KEY: must be an Ed25519 key in PEM, or 32 bytes in base64');
  }
}
