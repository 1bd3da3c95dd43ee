import { LRUCache } from 'lru-cache';
import type { Parameter, Queries } from '../../src/database';
import type { LoginView } from './features';
import { LOGINS_KEPT, LoginHistory, type LoginEvent } from './login-history';
import { databaseTimeOf, microsecondsOf } from './microseconds';

/** Whose logins are wanted, as of when, microseconds since 1970. */
export interface LoginRequest {
  user_id: string;
  posted_us: number;
}

/** What is known of a person at that moment. */
export interface PersonView extends LoginView {
  /** First successful login, microseconds since 1970; null: none by then. */
  since_us: number | null;
}

interface LoginRow {
  login_activity_id: string;
  user_id: string;
  occurred_at: string;
  succeeded: number | string;
  ip_address: string | null;
  user_agent: string | null;
}

const COLUMNS = 'login_activity_id, user_id, occurred_at, succeeded, ip_address, user_agent';
const NEWEST_SQL = `(SELECT ${COLUMNS} FROM login_activity WHERE user_id = ? AND occurred_at <= ?
  ORDER BY occurred_at DESC, login_activity_id DESC LIMIT ${LOGINS_KEPT})`;
const FIRST_SQL = `SELECT u.user_id, (SELECT l.occurred_at FROM login_activity l
  WHERE l.user_id = u.user_id AND l.succeeded ORDER BY l.occurred_at LIMIT 1) AS first_at FROM users u WHERE u.user_id IN (?)`;
const LATER_SQL = '(user_id = ? AND occurred_at > ? AND occurred_at <= ?)';

/** A login's time is set a moment before it can be seen. */
const OVERLAP_US = 10_000_000;
/** More at once than this, somebody tries passwords: the newest are read anew. */
const MAX_LATER_ROWS = 2_000;
const MAX_USERS = 20_000;

/** Logins of the people who ask for transactions, for a group at once; kept in memory, where they catch up by time. */
export class LoginReader {
  private readonly users = new LRUCache<string, LoginHistory>({ max: MAX_USERS });
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly queries: Queries) {}

  /** What is known of each request's person, in order. Groups that are under way at the same time take turns. */
  read(requests: readonly LoginRequest[]): Promise<PersonView[]> {
    const mine = this.turn.then(() => this.readInTurn(requests));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async readInTurn(requests: readonly LoginRequest[]): Promise<PersonView[]> {
    const until = new Map<string, number>();
    for (const { user_id, posted_us } of requests) {
      until.set(user_id, Math.max(posted_us, until.get(user_id) ?? 0));
    }
    await this.catchUp(until);
    await this.readUnknown([...until].filter(([user]) => !this.users.has(user)));
    const views = requests.map(
      ({ user_id, posted_us }) => this.users.get(user_id)?.viewAt(posted_us) ?? null,
    );
    return this.readEarlier(requests, views);
  }

  private async catchUp(until: ReadonlyMap<string, number>): Promise<void> {
    const behind = [...until].flatMap(([user, to]) => {
      const history = this.users.get(user);
      return history && history.read_until_us < to ? [{ user, to, history }] : [];
    });
    if (behind.length === 0) return;
    const rows = await this.queries.query<LoginRow>(
      `SELECT ${COLUMNS} FROM login_activity WHERE ${behind.map(() => LATER_SQL).join(' OR ')} LIMIT ${MAX_LATER_ROWS}`,
      behind.flatMap(({ user, to, history }): Parameter[] => [
        user,
        databaseTimeOf(history.read_until_us - OVERLAP_US),
        databaseTimeOf(to),
      ]),
    );
    if (rows.length === MAX_LATER_ROWS) {
      for (const { user } of behind) this.users.delete(user);
      return;
    }
    const events = byUser(rows);
    for (const { user, to, history } of behind) history.add(events.get(user) ?? [], to);
  }

  private async readUnknown(unknown: readonly [string, number][]): Promise<void> {
    if (unknown.length === 0) return;
    const firsts = await this.queries.query<{ user_id: string; first_at: string | null }>(FIRST_SQL, [
      unknown.map(([user]) => user) as unknown as string,
    ]);
    const first = new Map(firsts.map((row) => [String(row.user_id), row.first_at]));
    const events = await this.readNewest(unknown);
    unknown.forEach(([user, to], index) => {
      const since = first.get(user);
      this.users.set(user, new LoginHistory(events[index] ?? [], to, since ? microsecondsOf(since) : null));
    });
  }

  /** What was asked for longer ago than memory reaches back: judged again, or read to learn from. */
  private async readEarlier(
    requests: readonly LoginRequest[],
    views: readonly (PersonView | null)[],
  ): Promise<PersonView[]> {
    const places = requests.flatMap((_, place) => (views[place] ? [] : [place]));
    const wanted = places.map((place): [string, number] => {
      const request = requests[place] as LoginRequest;
      return [request.user_id, request.posted_us];
    });
    const events = await this.readNewest(wanted);
    const earlier = new Map<number, PersonView>();
    places.forEach((place, index) => {
      const [user, at] = wanted[index] as [string, number];
      const since = this.users.get(user)?.first_us ?? null;
      const view = new LoginHistory(events[index] ?? [], at, since).viewAt(at);
      if (view) earlier.set(place, view);
    });
    return requests.map((_, place) => (views[place] ?? earlier.get(place)) as PersonView);
  }

  private async readNewest(wanted: readonly [string, number][]): Promise<LoginEvent[][]> {
    if (wanted.length === 0) return [];
    const rows = await this.queries.query<LoginRow & { place: string }>(
      wanted.map(() => NEWEST_SQL.replace('SELECT ', 'SELECT ? AS place, ')).join(' UNION ALL '),
      wanted.flatMap(([user, to], place): Parameter[] => [place, user, databaseTimeOf(to)]),
    );
    const events: LoginEvent[][] = wanted.map(() => []);
    for (const row of rows) events[Number(row.place)]?.push(toEvent(row));
    return events;
  }
}

function byUser(rows: readonly LoginRow[]): Map<string, LoginEvent[]> {
  const events = new Map<string, LoginEvent[]>();
  for (const row of rows) {
    const user = String(row.user_id);
    const own = events.get(user) ?? [];
    own.push(toEvent(row));
    events.set(user, own);
  }
  return events;
}

function toEvent(row: LoginRow): LoginEvent {
  return {
    id: Number(row.login_activity_id),
    at_us: microsecondsOf(row.occurred_at),
    succeeded: Number(row.succeeded) === 1,
    address: row.ip_address,
    device: row.user_agent,
  };
}
