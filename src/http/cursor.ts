import { createHmac, timingSafeEqual } from 'node:crypto';
import { BankError } from '../errors';

/** Where a list goes on: the sort key of the last row given, in the list's own terms. */
export type Position = (string | number)[];

/**
 * Cursors are signed and carry the filters they were made for: a client can neither forge a position nor mix it with other
 * filters. They hold positions, not offsets, so that they stay right while rows are added.
 */
export class CursorSigner {
  constructor(private readonly secret: string) {}

  /** @param filters everything but the cursor itself and the page size, plus whose list it is */
  sign(filters: Record<string, unknown>, position: Position): string {
    const body = Buffer.from(JSON.stringify({ f: digest(filters), p: position })).toString('base64url');
    return `${body}.${this.mac(body)}`;
  }

  /** @throws BankError INVALID_CURSOR when it was not signed here or was made for other filters. */
  read(filters: Record<string, unknown>, cursor: string): Position {
    const [body = '', mac = '', ...rest] = cursor.split('.');
    const expected = Buffer.from(this.mac(body));
    const given = Buffer.from(mac);
    if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new BankError('INVALID_CURSOR');
    const { f, p } = JSON.parse(Buffer.from(body, 'base64url').toString()) as { f: string; p: Position };
    if (f !== digest(filters)) {
      throw new BankError('INVALID_CURSOR', { detail: 'The cursor was made for other filters' });
    }
    return p;
  }

  /**
   * Where a list goes on by the cursor among its filters; empty: from its beginning.
   * @throws BankError INVALID_CURSOR
   */
  start(filters: Record<string, unknown> & { cursor?: string | undefined }): string[] {
    return filters.cursor === undefined ? [] : this.read(filters, filters.cursor).map(String);
  }

  /**
   * A page of `rows`, of which the list asked for one more than `limit`, to know whether there are more.
   * @param positionOf where the list goes on after a row
   */
  page<T>(
    rows: readonly T[],
    limit: number,
    filters: Record<string, unknown>,
    positionOf: (last: T) => Position,
  ): { items: T[]; next_cursor: string | null } {
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const hasMore = rows.length > limit && last !== undefined;
    return { items, next_cursor: hasMore ? this.sign(filters, positionOf(last)) : null };
  }

  private mac(body: string): string {
    return createHmac('sha256', this.secret).update(body).digest('base64url');
  }
}

function digest(filters: Record<string, unknown>): string {
  const sorted = Object.entries(filters)
    .filter(([name, value]) => value !== undefined && name !== 'cursor' && name !== 'limit')
    .sort(([a], [b]) => a.localeCompare(b));
  return createHmac('sha256', 'filters').update(JSON.stringify(sorted)).digest('base64url').slice(0, 16);
}
