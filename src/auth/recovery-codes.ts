import { createHash, randomInt } from 'node:crypto';

export const RECOVERY_CODES = 10;
/** Crockford's base32: no letters that look like digits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/**
 * 25 characters of 5 bits are 125. From 112 bits on, NIST SP 800-63B-4 section 3.1.2.2 lets a look-up secret be kept under a plain
 * hash: nobody tries them all.
 */
const GROUPS = 5;
const GROUP_LENGTH = 5;

/** A new code, such as `7h3kq-p2m9x-0c4vt-8w1rn-zj5ea`. */
export function newRecoveryCode(): string {
  const group = () =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

/** SHA-256 of a code, however it was typed: case, hyphens and spaces do not matter, nor o for 0 and i or l for 1. */
export function hashRecoveryCode(code: string): Buffer {
  const read = code.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');
  return createHash('sha256').update(read).digest();
}
