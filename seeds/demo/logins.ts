import { randomInt } from 'node:crypto';
import { hash } from 'bcrypt';
import type { Queries } from '../../src/database';
import { DEMO_CUSTOMERS, DEMO_STAFF } from './people';

const BCRYPT_ROUNDS = 12;

/** Each takes a thread of the pool for a fifth of a second or more: one thread stays free. */
const HASHES_AT_ONCE = 3;

/** Without letters and digits that are mistaken for one another. */
const PASSWORD_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

export interface DemoLogin {
  username: string;
  role: string;
  password: string;
  pin: string | null;
  password_hash: string;
  pin_hash: string | null;
}

/** New random passwords and PINs for everybody in the demo bank, with their hashes. */
export async function makeLogins(): Promise<DemoLogin[]> {
  const waiting = [...DEMO_CUSTOMERS, ...DEMO_STAFF].entries();
  const logins: DemoLogin[] = [];
  const work = async () => {
    // The workers share one iterator, so that each login is made once.
    for (const [index, { username, role, has_pin }] of waiting) {
      const password = newPassword();
      const pin = has_pin ? String(randomInt(1_000_000)).padStart(6, '0') : null;
      logins[index] = {
        username,
        role,
        password,
        pin,
        password_hash: await hash(password, BCRYPT_ROUNDS),
        pin_hash: pin === null ? null : await hash(pin, BCRYPT_ROUNDS),
      };
    }
  };
  await Promise.all(Array.from({ length: HASHES_AT_ONCE }, work));
  return logins;
}

/** Four groups of four, about 79 bits. */
function newPassword(): string {
  const group = () =>
    Array.from({ length: 4 }, () => PASSWORD_LETTERS.charAt(randomInt(PASSWORD_LETTERS.length))).join('');
  return [group(), group(), group(), group()].join('-');
}

export async function saveLogins(queries: Queries, logins: readonly DemoLogin[]): Promise<void> {
  for (const { username, password_hash, pin_hash } of logins) {
    await queries.execute(
      `UPDATE user_credentials c JOIN users u ON u.user_id = c.user_id
       SET c.password_hash = ?, c.pin_hash = ?, c.password_changed_at = UTC_TIMESTAMP(6)
       WHERE u.username = ?`,
      [password_hash, pin_hash, username],
    );
  }
}

/** The table for the operator. */
export function loginTable(logins: readonly DemoLogin[]): string {
  const rows = [
    ['username', 'role', 'password', 'PIN'],
    ...logins.map(({ username, role, password, pin }) => [username, role, password, pin ?? 'none']),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  return ['Logins of the demo bank, shown this once: write them down.', '', ...lines, ''].join('\n');
}
