import type { Queries } from '../../src/database';
import { computeFeatures, type Behaviour, type Features, HISTORY_DAYS, HISTORY_ENTRIES } from './features';

/** A posted transaction with its features. */
export interface ScorableTransaction {
  transaction_id: string;
  currency: string;
  /** Decimals of the currency. */
  exponent: number;
  amount_minor: bigint;
  is_high_value: boolean;
  /** Whether a customer's account takes part: only such transactions teach the model. */
  has_sender: boolean;
  features: Features;
}

interface FactRow {
  transaction_id: string;
  currency: string;
  exponent: number;
  minor_per_major: string;
  amount_minor: string;
  is_high_value: number;
  effective_at: string;
  posted_at: string;
  /** When the person who asked for it had first logged in; null: loaded history, a card network's or the bank's own movement. */
  person_since: string | null;
  account_id: string | null;
  account_seq: string | null;
  entry_minor: string | null;
  balance_after_minor: string | null;
  last_account_seq: string | null;
}

interface PaceRow {
  place: string;
  transactions_1h: string;
  last_posted_at: string | null;
}

interface BehaviourRow {
  place: string;
  direction: string;
  transactions: string;
  transactions_1h: string;
  last_at: string;
  mean_minor: string;
}

const FACTS_SQL = `
  SELECT t.transaction_id, t.currency, c.exponent, c.minor_per_major, t.amount_minor, t.is_high_value, t.effective_at,
    t.posted_at, IF(t.card_id IS NULL, (SELECT l.occurred_at FROM login_activity l
      WHERE l.user_id = t.initiated_by AND l.succeeded AND l.occurred_at <= t.posted_at ORDER BY l.occurred_at LIMIT 1), NULL)
      AS person_since,
    e.account_id, e.account_seq, e.amount_minor AS entry_minor, e.balance_after_minor, a.last_account_seq
  FROM transactions t
  JOIN currencies c ON c.currency = t.currency
  LEFT JOIN (ledger_entries e JOIN accounts a ON a.account_id = e.account_id AND a.user_id IS NOT NULL)
    ON e.transaction_id = t.transaction_id
  WHERE t.transaction_id IN (?)`;

/**
 * One branch a transaction, with its own bounds as literals: only so do both engines read just the window from the index, in
 * place of the account's whole life.
 */
const AGGREGATES = `? AS place, COUNT(*) AS transactions, SUM(effective_at > ?) AS transactions_1h, MAX(effective_at) AS last_at,
  AVG(ABS(amount_minor)) AS mean_minor`;
const WINDOW = `ledger_entries FORCE INDEX (ix_ledger_entries_effective)
  WHERE account_id = ? AND effective_at >= ? AND effective_at <= ? AND NOT (effective_at = ? AND account_seq >= ?)`;
const BEHAVIOUR_SQL = `(SELECT ${AGGREGATES} FROM ${WINDOW} AND SIGN(amount_minor) = ?)`;
/** The limit keeps the price of a busy account the same as that of a quiet one, which does better without it. */
const BUSY_BEHAVIOUR_SQL = `
  (SELECT ${AGGREGATES} FROM (
    SELECT effective_at, amount_minor FROM ${WINDOW} ORDER BY effective_at DESC, account_seq DESC LIMIT ${HISTORY_ENTRIES}
  ) history WHERE SIGN(amount_minor) = ?)`;

/** On the bank's clock, the entries right before this one by their numbers: times that a client chose cannot hide them. */
const PACE_SQL = `(SELECT ? AS place, COUNT(*) AS transactions_1h, MAX(posted_at) AS last_posted_at
  FROM ledger_entries FORCE INDEX (uq_ledger_entries_account_seq)
  WHERE account_id = ? AND account_seq >= ? AND account_seq < ? AND posted_at > ? AND posted_at >= ? AND SIGN(amount_minor) = ?)`;
/** Each costs a look at its row, and the rules ask for ten. */
const PACE_ENTRIES = 50;

const HOUR_MS = 3_600_000;

/** Reads what is needed to judge transactions: two or three queries a group, whatever its size. */
export class FeatureReader {
  constructor(private readonly queries: Queries) {}

  /** The transactions that exist, in ascending order, each as it was before itself. */
  async read(transactionIds: readonly string[]): Promise<ScorableTransaction[]> {
    if (transactionIds.length === 0) return [];
    const rows = await this.queries.query<FactRow>(FACTS_SQL, [transactionIds as unknown as string]);
    const facts = senderFacts(rows);
    const behaviours = await this.readBehaviours(facts);
    const paces = await this.readPaces(facts);
    return facts.map((fact, place) =>
      toScorable(fact, withPace(behaviours.get(place) ?? null, fact, paces.get(place))),
    );
  }

  private async readBehaviours(facts: readonly FactRow[]): Promise<Map<number, Behaviour>> {
    const rows = await this.readBranches<BehaviourRow>(facts, (fact, place) =>
      fact.account_id === null ? [] : [branchOf(fact, place)],
    );
    return new Map(rows.map((row) => [Number(row.place), toBehaviour(row, facts[Number(row.place)])]));
  }

  private async readPaces(facts: readonly FactRow[]): Promise<Map<number, PaceRow>> {
    const rows = await this.readBranches<PaceRow>(facts, (fact, place) =>
      fact.account_id === null || fact.person_since === null ? [] : [paceBranchOf(fact, place)],
    );
    return new Map(rows.map((row) => [Number(row.place), row]));
  }

  private async readBranches<T extends object>(
    facts: readonly FactRow[],
    branchesOf: (fact: FactRow, place: number) => Branch[],
  ): Promise<T[]> {
    const branches = facts.flatMap(branchesOf);
    if (branches.length === 0) return [];
    return this.queries.query<T>(
      branches.map((branch) => branch.sql).join(' UNION ALL '),
      branches.flatMap((branch) => branch.parameters),
    );
  }
}

interface Branch {
  sql: string;
  parameters: (string | number)[];
}

function branchOf(fact: FactRow, place: number): Branch {
  const at = fact.effective_at;
  const isBusy = Number(fact.last_account_seq) > HISTORY_ENTRIES;
  const parameters = [
    place,
    shifted(at, -HOUR_MS),
    fact.account_id ?? '',
    shifted(at, -HISTORY_DAYS * 24 * HOUR_MS),
    at,
    at,
    fact.account_seq ?? '',
    directionOf(fact),
  ];
  return { sql: isBusy ? BUSY_BEHAVIOUR_SQL : BEHAVIOUR_SQL, parameters };
}

/** What was posted before the person's first login was loaded, maybe years of it in a second: no burst. */
function paceBranchOf(fact: FactRow, place: number): Branch {
  const seq = BigInt(fact.account_seq ?? 0);
  const first = seq > BigInt(PACE_ENTRIES) ? seq - BigInt(PACE_ENTRIES) : 1n;
  const parameters = [
    place,
    fact.account_id ?? '',
    first.toString(),
    seq.toString(),
    shifted(fact.posted_at, -HOUR_MS),
    fact.person_since ?? '',
    directionOf(fact),
  ];
  return { sql: PACE_SQL, parameters };
}

function directionOf(fact: FactRow): -1 | 1 {
  return Number(fact.entry_minor) < 0 ? -1 : 1;
}

/**
 * A person may say when something happened, and so could spread a burst over days. Of both clocks the one that shows the faster
 * pace counts.
 */
function withPace(behaviour: Behaviour | null, fact: FactRow, pace: PaceRow | undefined): Behaviour | null {
  if (!behaviour || !pace?.last_posted_at) return behaviour;
  const sinceLast_ms = milliseconds(fact.posted_at) - milliseconds(pace.last_posted_at);
  return {
    ...behaviour,
    transactions_1h: Math.max(behaviour.transactions_1h, Number(pace.transactions_1h)),
    last_at_ms: Math.max(behaviour.last_at_ms ?? -Infinity, milliseconds(fact.effective_at) - sinceLast_ms),
  };
}

/**
 * One row a transaction: the sender's. Money comes from the customer whose account is debited (the most, when there are
 * several); with none, as in deposits and refunds, the credited customer stands in; with no customer at all the account is null.
 */
function senderFacts(rows: readonly FactRow[]): FactRow[] {
  const chosen = new Map<string, FactRow>();
  for (const row of rows) {
    const before = chosen.get(row.transaction_id);
    if (!before || isSenderRather(row, before)) chosen.set(row.transaction_id, row);
  }
  return [...chosen.values()].sort((a, b) => (BigInt(a.transaction_id) < BigInt(b.transaction_id) ? -1 : 1));
}

function isSenderRather(row: FactRow, before: FactRow): boolean {
  const amount = Number(row.entry_minor);
  const amountBefore = Number(before.entry_minor);
  return amountBefore < 0 ? amount < amountBefore : amount < 0 || amount > amountBefore;
}

function toScorable(fact: FactRow, behaviour: Behaviour | null): ScorableTransaction {
  const minorPerMajor = Number(fact.minor_per_major);
  const leaves = fact.entry_minor !== null && directionOf(fact) < 0;
  const balanceBefore = Number(fact.balance_after_minor) - Number(fact.entry_minor);
  return {
    transaction_id: String(fact.transaction_id),
    currency: fact.currency,
    exponent: Number(fact.exponent),
    amount_minor: BigInt(fact.amount_minor),
    is_high_value: Number(fact.is_high_value) === 1,
    has_sender: fact.account_id !== null,
    features: computeFeatures({
      amount: Number(fact.amount_minor) / minorPerMajor,
      currency: fact.currency,
      effective_at_ms: milliseconds(fact.effective_at),
      balance_before: leaves ? balanceBefore / minorPerMajor : null,
      behaviour,
    }),
  };
}

function toBehaviour(row: BehaviourRow, fact: FactRow | undefined): Behaviour {
  const hasHistory = Number(row.transactions) > 0;
  return {
    transactions_1h: hasHistory ? Number(row.transactions_1h) : 0,
    last_at_ms: hasHistory ? milliseconds(row.last_at) : null,
    mean_amount: hasHistory ? Number(row.mean_minor) / Number(fact?.minor_per_major ?? 1) : null,
  };
}

/** A DATETIME(6) in UTC to milliseconds since 1970, microseconds as the fraction. */
function milliseconds(databaseTime: string): number {
  const micros = /\.\d{3}(\d{3})$/.exec(databaseTime)?.[1] ?? '0';
  return Date.parse(`${databaseTime.slice(0, 23).replace(' ', 'T')}Z`) + Number(micros) / 1000;
}

function shifted(databaseTime: string, by_ms: number): string {
  return new Date(milliseconds(databaseTime) + by_ms).toISOString().replace('T', ' ').replace('Z', '');
}
