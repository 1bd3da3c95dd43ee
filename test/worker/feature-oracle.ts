import type { Queries } from '../../src/database';

/**
 * Features straight from the definitions of docs/fraud-model.md, over all there is in the bank, without a thought about speed.
 * Shares no code with worker/features.
 */
export interface BankRecords {
  transactions: Map<string, TransactionRecord>;
  entries: EntryRecord[];
  logins: LoginRecord[];
  frauds: Map<string, number>;
}

interface TransactionRecord {
  id: string;
  type: string;
  channel: string | null;
  currency: string;
  amount: number;
  is_high_value: boolean;
  merchant: string | null;
  mcc: string | null;
  country: string | null;
  card: string | null;
  actor: string | null;
  effective: number;
  posted: number;
}

interface EntryRecord {
  transaction: TransactionRecord;
  account: string;
  user: string | null;
  opened: number;
  seq: number;
  amount: number;
  balance_after: number;
}

interface LoginRecord {
  id: number;
  user: string;
  at: number;
  ok: boolean;
  device: string | null;
  address: string | null;
}

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;
const DOLLARS: Record<string, number> = { USD: 1, EUR: 1, GBP: 1, INR: 50, JPY: 100, KWD: 0.3 };

const us = (column: string): string => `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ${column})`;

export async function readRecords(queries: Queries): Promise<BankRecords> {
  const text = (value: unknown): string | null => (value === null ? null : `${value as string}`);
  const transactions = new Map<string, TransactionRecord>();
  for (const row of await queries.query<Record<string, unknown>>(
    `SELECT t.*, t.amount_minor / c.minor_per_major AS amount, m.mcc, m.country, ${us('t.effective_at')} AS effective,
       ${us('t.posted_at')} AS posted
     FROM transactions t JOIN currencies c ON c.currency = t.currency LEFT JOIN merchants m ON m.merchant_id = t.merchant_id`,
  )) {
    const id = String(row.transaction_id);
    transactions.set(id, {
      id,
      type: String(row.type),
      channel: text(row.channel),
      currency: String(row.currency),
      amount: Number(row.amount),
      is_high_value: Number(row.is_high_value) === 1,
      merchant: text(row.merchant_id),
      mcc: text(row.mcc),
      country: text(row.country),
      card: text(row.card_id),
      actor: text(row.initiated_by),
      effective: Number(row.effective),
      posted: Number(row.posted),
    });
  }
  const entries = await queries.query<Record<string, unknown>>(
    `SELECT e.*, a.user_id, ${us('a.opened_at')} AS opened, e.amount_minor / c.minor_per_major AS amount,
       e.balance_after_minor / c.minor_per_major AS balance_after
     FROM ledger_entries e JOIN accounts a ON a.account_id = e.account_id JOIN currencies c ON c.currency = a.currency`,
  );
  const logins = await queries.query<Record<string, unknown>>(
    `SELECT *, ${us('occurred_at')} AS at FROM login_activity WHERE user_id IS NOT NULL ORDER BY occurred_at, login_activity_id`,
  );
  const frauds = await queries.query<Record<string, unknown>>(
    `SELECT transaction_id, ${us('labelled_at')} AS at FROM fraud_labels WHERE is_fraud`,
  );
  return {
    transactions,
    entries: entries.map((row) => ({
      transaction: transactions.get(String(row.transaction_id as string)) as TransactionRecord,
      account: String(row.account_id as string),
      user: text(row.user_id),
      opened: Number(row.opened),
      seq: Number(row.account_seq),
      amount: Number(row.amount),
      balance_after: Number(row.balance_after),
    })),
    logins: logins.map((row) => ({
      id: Number(row.login_activity_id),
      user: String(row.user_id as string),
      at: Number(row.at),
      ok: Number(row.succeeded) === 1,
      device: text(row.user_agent),
      address: text(row.ip_address),
    })),
    frauds: new Map(frauds.map((row) => [String(row.transaction_id as string), Number(row.at)])),
  };
}

/** An entry that is looked back at, and how long ago it was by the clock that shows the faster pace. */
type Past = EntryRecord & { ago: number };

export class FeatureOracle {
  private readonly ofAccount = new Map<string, EntryRecord[]>();
  private readonly ofTransaction = new Map<TransactionRecord, EntryRecord[]>();

  constructor(private readonly records: BankRecords) {
    for (const entry of records.entries) {
      this.ofAccount.set(entry.account, [...(this.ofAccount.get(entry.account) ?? []), entry]);
      const legs = this.ofTransaction.get(entry.transaction) ?? [];
      this.ofTransaction.set(entry.transaction, [...legs, entry]);
    }
  }

  featuresOf(id: string): Record<string, unknown> {
    const now = this.records.transactions.get(id) as TransactionRecord;
    const legs = (this.ofTransaction.get(now) ?? []).filter((entry) => entry.user !== null);
    const debited = legs.filter((leg) => leg.amount < 0).sort((a, b) => a.amount - b.amount);
    const credited = legs.filter((leg) => leg.amount > 0).sort((a, b) => b.amount - a.amount);
    const sender = debited[0] ?? credited[0] ?? null;
    const receiver = now.type === 'transfer' ? (credited.find((leg) => leg !== sender) ?? null) : null;
    const usd = DOLLARS[now.currency] ?? 1;
    const date = new Date(Math.floor(now.effective / 1000));
    return {
      type: now.type,
      channel: now.channel,
      currency: now.currency,
      mcc: now.mcc,
      merchant_country: now.country,
      amount: now.amount,
      amount_usd: now.amount / usd,
      log_amount: Math.log(1 + now.amount / usd),
      hour_of_day: date.getUTCHours(),
      day_of_week: date.getUTCDay() === 0 ? 7 : date.getUTCDay(),
      is_high_value: now.is_high_value,
      ...this.ofSender(sender, usd),
      senders_24h: receiver && this.distinctOfDay(this.pastOf(receiver), receiver),
      counterparty_fraud_rate: this.fraudRate(now, receiver),
      ...this.ofLogins(now, sender),
    };
  }

  private ofSender(sender: EntryRecord | null, usd: number): Record<string, unknown> {
    const names = [
      ...[
        'amount_over_30d_mean',
        'amount_robust_z',
        'share_of_balance',
        'drains_account',
        'seconds_since_last',
      ],
      ...[
        'sender_transactions_10m',
        'sender_transactions_1h',
        'sender_transactions_24h',
        'sender_transactions_7d',
        'sender_amount_usd_1h',
      ],
      ...['sender_amount_usd_24h', 'sender_amount_usd_7d', 'count_24h_over_30d', 'amount_24h_over_30d'],
      ...['hour_rarity', 'weekday_rarity', 'is_new_counterparty', 'counterparties_24h', 'account_age_days'],
      ...['days_dormant', 'pass_through_24h', 'channel_rarity', 'mcc_rarity', 'is_country_change'],
      ...['cash_deposits_near_limit_7d', 'round_thousands_7d'],
    ];
    if (!sender) return Object.fromEntries(names.map((name) => [name, null]));
    const now = sender.transaction;
    const past = this.pastOf(sender);
    const alike = past.filter((entry) => Math.sign(entry.amount) === Math.sign(sender.amount));
    const within = (time: number): Past[] => alike.filter((entry) => entry.ago < time);
    const sum = (entries: EntryRecord[]): number =>
      entries.reduce((total, entry) => total + Math.abs(entry.amount), 0);
    const month = within(30 * DAY);
    const days = Math.max(1, Math.max(0, ...month.map((entry) => entry.ago)) / DAY);
    const balance = sender.balance_after - sender.amount;
    const share = sender.amount < 0 && balance > 0 ? -sender.amount / balance : null;
    const hourOf = (at: number): number => new Date(Math.floor(at / 1000)).getUTCHours();
    const weekdayOf = (at: number): number => new Date(Math.floor(at / 1000)).getUTCDay();
    const hours = Array<number>(24).fill(0);
    const weekdays = Array<number>(7).fill(0);
    for (const { transaction } of alike) {
      const hour = hourOf(transaction.effective);
      for (const [at, weight] of [
        [hour, 1],
        [(hour + 1) % 24, 0.5],
        [(hour + 23) % 24, 0.5],
      ] as const)
        hours[at] = (hours[at] ?? 0) + weight;
      weekdays[weekdayOf(transaction.effective)]! += 1;
    }
    const country = past.find((entry) => entry.transaction.country !== null)?.transaction.country ?? null;
    const counterparty = this.counterpartyOf(sender);
    const day = past.filter((entry) => entry.ago < DAY);
    const came = sum(day.filter((entry) => entry.amount > 0));
    const went = sum(day.filter((entry) => entry.amount < 0)) - Math.min(0, sender.amount);
    const nearLimit = (entry: EntryRecord): boolean =>
      entry.transaction.type === 'deposit' && entry.amount / usd >= 8_000 && entry.amount / usd <= 10_000;
    const round = (entry: EntryRecord): boolean =>
      Math.abs(entry.amount) % 1_000 === 0 && Math.abs(entry.amount) / usd >= 1_000;
    const week = past.filter((entry) => entry.ago < 7 * DAY);
    return {
      amount_over_30d_mean: month.length > 0 ? Math.abs(sender.amount) / (sum(month) / month.length) : null,
      amount_robust_z: robustZ(
        month.map((entry) => Math.abs(entry.amount)),
        Math.abs(sender.amount),
      ),
      share_of_balance: share === null ? null : Math.min(10, share),
      drains_account: share === null ? null : share >= 0.95,
      sender_transactions_10m: within(HOUR / 6).length,
      sender_transactions_1h: within(HOUR).length,
      sender_transactions_24h: within(DAY).length,
      sender_transactions_7d: within(7 * DAY).length,
      sender_amount_usd_1h: sum(within(HOUR)) / usd,
      sender_amount_usd_24h: sum(within(DAY)) / usd,
      sender_amount_usd_7d: sum(within(7 * DAY)) / usd,
      count_24h_over_30d: month.length > 0 ? within(DAY).length / (month.length / days) : null,
      amount_24h_over_30d: month.length > 0 ? sum(within(DAY)) / (sum(month) / days) : null,
      seconds_since_last: month.length > 0 ? Math.min(...month.map((entry) => entry.ago)) / 1e6 : null,
      days_dormant: past.length > 0 ? Math.min(...past.map((entry) => entry.ago)) / DAY : null,
      hour_rarity: alike.length > 0 ? rarity(hours, hours[hourOf(now.effective)]) : null,
      weekday_rarity: alike.length > 0 ? rarity(weekdays, weekdays[weekdayOf(now.effective)]) : null,
      channel_rarity: rarityAmong(
        alike.map((entry) => entry.transaction.channel),
        now.channel,
      ),
      mcc_rarity: rarityAmong(
        alike.map((entry) => entry.transaction.mcc),
        now.mcc,
      ),
      is_country_change: country === null || now.country === null ? null : country !== now.country,
      is_new_counterparty:
        counterparty === null ? null : !past.some((entry) => this.counterpartyOf(entry) === counterparty),
      counterparties_24h: this.distinctOfDay(past, sender),
      account_age_days: now.effective >= sender.opened ? (now.effective - sender.opened) / DAY : null,
      pass_through_24h: sender.amount < 0 && came > 0 ? Math.min(went / came, came / went) : null,
      cash_deposits_near_limit_7d: nearLimit(sender) ? 1 + week.filter(nearLimit).length : 0,
      round_thousands_7d: round(sender) ? 1 + within(7 * DAY).filter(round).length : 0,
    };
  }

  /** Newest number first. */
  private pastOf(own: EntryRecord): Past[] {
    const now = own.transaction;
    const first =
      now.card !== null || now.actor === null ? undefined : this.firstLogin(now.actor, now.posted);
    return (this.ofAccount.get(own.account) ?? [])
      .filter((entry) => entry.seq < own.seq && entry.seq >= own.seq - 64)
      .sort((a, b) => b.seq - a.seq)
      .map((entry) => {
        const { effective, posted } = entry.transaction;
        const byEffective = effective <= now.effective ? now.effective - effective : Infinity;
        const byPosted = first !== undefined && posted >= first ? now.posted - posted : Infinity;
        return { ...entry, ago: Math.min(byEffective, byPosted) };
      })
      .filter((entry) => entry.ago < Infinity);
  }

  private firstLogin(user: string, until: number): number | undefined {
    return this.records.logins.find((login) => login.user === user && login.ok && login.at <= until)?.at;
  }

  private counterpartyOf(entry: EntryRecord): string | null {
    const { type, merchant } = entry.transaction;
    if (type !== 'transfer') return merchant === null ? null : `merchant ${merchant}`;
    const other = this.ofTransaction
      .get(entry.transaction)
      ?.find((candidate) => candidate.account !== entry.account);
    return `account ${other?.account}`;
  }

  private distinctOfDay(past: readonly Past[], own: EntryRecord): number {
    const alike = past.filter(
      (entry) => entry.ago < DAY && Math.sign(entry.amount) === Math.sign(own.amount),
    );
    const names = [own, ...alike].map((entry) => this.counterpartyOf(entry)).filter((name) => name !== null);
    return new Set(names).size;
  }

  private fraudRate(now: TransactionRecord, receiver: EntryRecord | null): number | null {
    const { frauds } = this.records;
    if (![...frauds.values()].some((at) => at < now.posted)) return null;
    const daysAgo = ({ effective }: TransactionRecord): number => (now.effective - effective) / DAY;
    const recent = (one: TransactionRecord, days: number): boolean =>
      daysAgo(one) >= 0 && daysAgo(one) < days;
    const confirmedAt = ({ id }: TransactionRecord): number => frauds.get(id) ?? Infinity;
    const isFraud = (one: TransactionRecord): boolean => confirmedAt(one) < now.posted;
    const smoothed = (confirmed: number, all: number): number =>
      confirmed > 0 ? (confirmed + 20 * 0.001) / (Math.max(all, confirmed) + 20) : 0.001;
    if (receiver) {
      const received = (this.ofAccount.get(receiver.account) ?? []).filter(
        (entry) =>
          entry.seq < receiver.seq &&
          entry.seq >= receiver.seq - 64 &&
          entry.amount > 0 &&
          this.counterpartyOf(entry) !== null &&
          recent(entry.transaction, 90),
      );
      return smoothed(received.filter((entry) => isFraud(entry.transaction)).length, received.length);
    }
    if (now.merchant === null) return null;
    const mondayOf = (at: number): number => {
      const day = new Date(at / 1000);
      return Date.UTC(
        day.getUTCFullYear(),
        day.getUTCMonth(),
        day.getUTCDate() - ((day.getUTCDay() + 6) % 7),
      );
    };
    const all = [...this.records.transactions.values()].filter(({ merchant }) => merchant === now.merchant);
    const first = mondayOf(now.effective - 14 * DAY);
    const last = mondayOf(now.effective);
    return smoothed(
      all.filter(
        (one) =>
          isFraud(one) && (recent(one, 14) || (recent(one, 90) && now.posted - confirmedAt(one) < 7 * DAY)),
      ).length,
      all.filter(({ effective }) => mondayOf(effective) >= first && mondayOf(effective) <= last).length,
    );
  }

  private ofLogins(now: TransactionRecord, sender: EntryRecord | null): Record<string, unknown> {
    const none = { is_new_device: null, is_new_address: null, failed_logins_24h: null };
    if (now.actor === null || now.card !== null || sender?.user !== now.actor) return none;
    const logins = this.records.logins
      .filter((login) => login.user === now.actor && login.at <= now.posted)
      .slice(-64);
    const ok = logins.filter((login) => login.ok);
    const older = ok.filter((login) => login.at <= now.posted - DAY);
    const isNew = (what: 'device' | 'address'): boolean | null => {
      const current = ok.at(-1)?.[what] ?? null;
      return current === null || older.length === 0 ? null : older.every((login) => login[what] !== current);
    };
    return {
      is_new_device: isNew('device'),
      is_new_address: isNew('address'),
      failed_logins_24h: logins.filter((login) => !login.ok && login.at > now.posted - DAY).length,
    };
  }
}

function robustZ(amounts: readonly number[], amount: number): number | null {
  if (amounts.length < 5) return null;
  const median = (numbers: readonly number[]): number => {
    const sorted = [...numbers].sort((a, b) => a - b);
    const upper = sorted[Math.floor(sorted.length / 2)] as number;
    return sorted.length % 2 === 1 ? upper : (upper + (sorted[sorted.length / 2 - 1] as number)) / 2;
  };
  const middle = median(amounts);
  const deviation = 1.4826 * median(amounts.map((other) => Math.abs(other - middle)));
  return Math.min(1_000, Math.max(-1_000, (amount - middle) / Math.max(deviation, 0.05 * middle)));
}

function rarity(counts: readonly number[], own: number | undefined): number {
  return 1 - ((own ?? 0) + 1) / (Math.max(...counts) + 1);
}

function rarityAmong(values: readonly (string | null)[], own: string | null): number | null {
  const known = values.filter((value) => value !== null);
  if (own === null || known.length === 0) return null;
  const counts = new Map<string, number>();
  for (const value of known) counts.set(value, (counts.get(value) ?? 0) + 1);
  return rarity([...counts.values()], counts.get(own));
}
