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
  account_id: string | null;
  account_seq: string | null;
  entry_minor: string | null;
  balance_after_minor: string | null;
  last_account_seq: string | null;
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

const HOUR_MS = 3_600_000;

/** Reads what is needed to judge transactions: two queries a group, whatever its size. */
export class FeatureReader {
  constructor(private readonly queries: Queries) {}

  /** The transactions that exist, in ascending order, each as it was before itself. */
  async read(transactionIds: readonly string[]): Promise<ScorableTransaction[]> {
    if (transactionIds.length === 0) return [];
    const rows = await this.queries.query<FactRow>(FACTS_SQL, [transactionIds as unknown as string]);
    const facts = senderFacts(rows);
    const behaviours = await this.readBehaviours(facts);
    return facts.map((fact, place) => toScorable(fact, behaviours.get(place) ?? null));
  }

  private async readBehaviours(facts: readonly FactRow[]): Promise<Map<number, Behaviour>> {
    const branches = facts.flatMap((fact, place) =>
      fact.account_id === null ? [] : [branchOf(fact, place)],
    );
    if (branches.length === 0) return new Map();
    const rows = await this.queries.query<BehaviourRow>(
      branches.map((branch) => branch.sql).join(' UNION ALL '),
      branches.flatMap((branch) => branch.parameters),
    );
    return new Map(rows.map((row) => [Number(row.place), toBehaviour(row, facts[Number(row.place)])]));
  }
}

function branchOf(fact: FactRow, place: number): { sql: string; parameters: (string | number)[] } {
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
    Number(fact.entry_minor) < 0 ? -1 : 1,
  ];
  return { sql: isBusy ? BUSY_BEHAVIOUR_SQL : BEHAVIOUR_SQL, parameters };
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
  const leaves = fact.entry_minor !== null && Number(fact.entry_minor) < 0;
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
