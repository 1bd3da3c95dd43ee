import { Inject, Injectable } from '@nestjs/common';
import { dictionary } from '@zxcvbn-ts/language-common';
import type { Environment } from '../config/environment';
import { ENVIRONMENT } from '../config/config.module';
import { BankError } from '../errors';

/** Whose password it is to be: what others know of them makes a poor one. */
export interface PasswordOwner {
  username: string;
  email: string;
}

/** What is shorter adds little to a password; the least that any setting allows, in code points. */
const SHORTEST = 8;
/** Of two words that make up a password. */
const SHORTEST_WORD = 3;
const BANK_NAME = 'florin';

/**
 * The rules of NIST SP 800-63B-4, section 3.1.1.2, for a password to set: a minimum length in code points, and a list of common ones
 * with what is as easily guessed. No rules about kinds of characters, and no expiry.
 */
@Injectable()
export class PasswordPolicy {
  private readonly minLength: number;
  private common: ReadonlySet<string> | undefined;

  constructor(@Inject(ENVIRONMENT) { PASSWORD_MIN_LENGTH }: Environment) {
    this.minLength = PASSWORD_MIN_LENGTH;
  }

  /** @throws BankError VALIDATION_FAILED, naming `field` */
  check(field: string, password: string, owner: PasswordOwner): void {
    const message = this.problemOf(password.normalize('NFC'), owner);
    if (message !== null) throw new BankError('VALIDATION_FAILED', { errors: [{ field, message }] });
  }

  private problemOf(password: string, owner: PasswordOwner): string | null {
    if ([...password].length < this.minLength) return `must have at least ${this.minLength} characters`;
    const plain = password.toLowerCase();
    if (this.isCommon(plain)) return 'is one of the most common passwords: choose another one';
    if (this.isRepetition(plain) || isSequence(plain)) return 'must not be a repetition or a sequence';
    if (isMadeOf(plain, owner))
      return 'must not be little more than your username, e-mail address or the name of the bank';
    return null;
  }

  /** On the list, or two of the list one after the other: few entries of any list are as long as a password must be. */
  private isCommon(plain: string): boolean {
    const words = this.list();
    if (words.has(plain)) return true;
    const letters = plain.replace(/[\s\p{P}]/gu, '');
    for (let cut = SHORTEST_WORD; cut <= letters.length - SHORTEST_WORD; cut += 1)
      if (words.has(letters.slice(0, cut)) && words.has(letters.slice(cut))) return true;
    return false;
  }

  /** Made at the first use: few processes set passwords right after their start. */
  private list(): ReadonlySet<string> {
    return (this.common ??= new Set(dictionary['passwords-common'].map((word) => word.toLowerCase())));
  }

  /** Of something short, or of something common. */
  private isRepetition(plain: string): boolean {
    // A text that is repeated is found in its own double before its end.
    const period = `${plain}${plain}`.indexOf(plain, 1);
    return period < plain.length && (period < SHORTEST || this.isCommon(plain.slice(0, period)));
  }
}

/** Neighbours all the way, such as abcdefgh or 9876543210987654. */
function isSequence(plain: string): boolean {
  const points = [...plain].map((character) => character.codePointAt(0) ?? 0);
  const isNeighbour = (by: number) =>
    points.every((point, index) => {
      const before = points[index - 1];
      if (before === undefined) return true;
      const isRound = /^[09]{2}$/.test(String.fromCodePoint(before, point)) && before !== point;
      return isRound || point - before === by;
    });
  return isNeighbour(1) || isNeighbour(-1);
}

function isMadeOf(plain: string, { username, email }: PasswordOwner): boolean {
  const [local = ''] = email.toLowerCase().split('@');
  const rest = [username.toLowerCase(), email.toLowerCase(), local, BANK_NAME]
    .filter((word) => word.length >= 3)
    .sort((a, b) => b.length - a.length)
    .reduce((text, word) => text.replaceAll(word, ''), plain);
  return rest !== plain && [...rest.replace(/[\s\p{P}]/gu, '')].length < SHORTEST;
}
