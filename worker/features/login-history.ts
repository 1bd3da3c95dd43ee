/** A login, or an attempt at one. */
export interface LoginEvent {
  id: number;
  /** Microseconds since 1970. */
  at_us: number;
  succeeded: boolean;
  address: string | null;
  device: string | null;
}

/** How many logins are looked back at from a transaction. */
export const LOGINS_KEPT = 64;
const TRIM_ABOVE = 3 * LOGINS_KEPT;
const DAY_US = 86_400_000_000;

/** The newest logins of one user up to a moment. */
export class LoginHistory {
  private events: LoginEvent[];
  /** Whether there are no older logins than those here. */
  private isWhole: boolean;

  /**
   * @param newest the newest LOGINS_KEPT up to read_until_us, or all there are
   * @param first_us first successful login ever; null: none yet
   */
  constructor(
    newest: readonly LoginEvent[],
    public read_until_us: number,
    public first_us: number | null,
  ) {
    this.events = [...newest].sort(inOrder);
    this.isWhole = newest.length < LOGINS_KEPT;
  }

  /** Adds what was read up to a later moment; some of it may be here already. */
  add(later: readonly LoginEvent[], until_us: number): void {
    this.read_until_us = Math.max(this.read_until_us, until_us);
    const known = new Set(this.events.map((event) => event.id));
    const fresh = later.filter((event) => !known.has(event.id));
    if (fresh.length === 0) return;
    this.events = [...this.events, ...fresh].sort(inOrder);
    for (const { succeeded, at_us } of fresh) {
      if (succeeded && (this.first_us === null || at_us < this.first_us)) this.first_us = at_us;
    }
    if (this.events.length <= TRIM_ABOVE) return;
    this.events = this.events.slice(-2 * LOGINS_KEPT);
    this.isWhole = false;
  }

  /**
   * What the logins up to a moment say; null when memory does not reach back far enough. A device or an address is new when
   * the newest login came from it, none older than 24 hours did, and there are such older ones to compare with.
   */
  viewAt(posted_us: number): View | null {
    let end = this.events.length;
    while (end > 0 && (this.events[end - 1]?.at_us ?? 0) > posted_us) end -= 1;
    if (end < LOGINS_KEPT && !this.isWhole) return null;
    const seen = this.events.slice(Math.max(0, end - LOGINS_KEPT), end);
    const ok = seen.filter((event) => event.succeeded);
    const older = ok.filter((event) => event.at_us <= posted_us - DAY_US);
    const isNew = (what: 'device' | 'address'): boolean | null => {
      const current = ok.at(-1)?.[what] ?? null;
      return current === null || older.length === 0 ? null : !older.some((event) => event[what] === current);
    };
    const failed = seen.filter((event) => !event.succeeded && event.at_us > posted_us - DAY_US);
    return {
      since_us: this.first_us !== null && this.first_us <= posted_us ? this.first_us : null,
      is_new_device: isNew('device'),
      is_new_address: isNew('address'),
      failed_logins_24h: failed.length,
    };
  }
}

interface View {
  since_us: number | null;
  is_new_device: boolean | null;
  is_new_address: boolean | null;
  failed_logins_24h: number;
}

function inOrder(a: LoginEvent, b: LoginEvent): number {
  return a.at_us - b.at_us || a.id - b.id;
}
