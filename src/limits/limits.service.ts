import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../accounts/currencies.service';
import { type Actor, idOrNull, toIso } from '../database';
import { BankError, type LimitInfo } from '../errors';
import { formatAmount, parseDecimal } from '../money/amount';
import type { PostingOutcome } from '../posting';
import type { ClassLimitsAnswer, CustomerLimitsAnswer, LimitsInput, OwnLimitsAnswer } from './limits.dto';
import {
  type ClassLimitsRow,
  type CurrencyWorthRow,
  type CustomerLimitsRow,
  LimitsRepository,
  type LimitValues,
} from './limits.repository';

const DETAILS: Record<string, (info: LimitInfo) => string> = {
  LIMIT_PER_TRANSACTION: ({ limit, currency }) => `Your limit for one transaction is ${limit} ${currency}`,
  LIMIT_PER_DAY: ({ limit, left, currency }) =>
    `Your limit a day is ${limit} ${currency}, of which ${left} ${currency} were left`,
  LIMIT_PER_COUNTERPARTY: ({ limit, left, currency }) =>
    `Your limit a day for one receiver is ${limit} ${currency}, of which ${left} ${currency} were left`,
};

/** Limits of customers as they are shown and changed. What they decide, the posting procedure decides. */
@Injectable()
export class LimitsService {
  constructor(
    private readonly limits: LimitsRepository,
    private readonly currencies: CurrenciesService,
  ) {}

  async classes(): Promise<{ items: ClassLimitsAnswer[]; next_cursor: null }> {
    return { items: (await this.limits.classes()).map(classAnswer), next_cursor: null };
  }

  /** @throws BankError CUSTOMER_LIMITS_NOT_FOUND, VERSION_CONFLICT */
  async setClass(
    actor: Actor,
    of: { role: string; kyc_status: string; revision: number },
    { reason, ...values }: LimitsInput,
  ): Promise<ClassLimitsAnswer> {
    await this.limits.setClass(actor, of, toCents(values), reason);
    const row = (await this.limits.classes()).find(
      ({ role, kyc_status }) => role === of.role && kyc_status === of.kyc_status,
    );
    if (!row) throw new BankError('CUSTOMER_LIMITS_NOT_FOUND');
    return classAnswer(row);
  }

  /** What the customer may still send today. @throws BankError USER_NOT_FOUND */
  async own(userId: string): Promise<OwnLimitsAnswer> {
    const { resets_at, items } = await this.ofUser(userId);
    return { resets_at, items };
  }

  /** @throws BankError USER_NOT_FOUND */
  async ofUser(userId: string): Promise<CustomerLimitsAnswer> {
    const [row, currencies] = await Promise.all([
      this.limits.ofUser(userId),
      this.limits.currenciesOf(userId),
    ]);
    if (!row) throw new BankError('USER_NOT_FOUND');
    return {
      user_id: userId,
      role: row.role,
      kyc_status: row.kyc_status,
      own_revision: Number(row.own_revision),
      ...inDollars(row),
      resets_at: nextMidnight(),
      items: currencies.map((currency) => this.inCurrency(row, currency)),
    };
  }

  /** `values` null: those of his role and KYC status again. @throws BankError USER_NOT_FOUND, VERSION_CONFLICT */
  async setUser(
    actor: Actor,
    of: { user_id: string; revision: number },
    values: Omit<LimitsInput, 'reason'> | null,
    reason: string,
  ): Promise<CustomerLimitsAnswer> {
    await this.limits.setUser(actor, of, values && toCents(values), reason);
    return this.ofUser(of.user_id);
  }

  /**
   * What to tell of an item that a limit declined, the same each time: undefined of any other.
   * @param key the item's, in its stored form
   */
  async explain(
    outcome: Pick<PostingOutcome, 'code'>,
    key: string,
  ): Promise<{ detail: string; limit: LimitInfo } | undefined> {
    const describe = DETAILS[outcome.code];
    const row = describe && (await this.limits.declineOf(key));
    if (!describe || !row) return undefined;
    const format = (minor: string) => this.currencies.format(minor, row.currency);
    const limit = { limit: format(row.limit_minor), left: format(row.left_minor), currency: row.currency };
    return { detail: describe(limit), limit };
  }

  private inCurrency(row: CustomerLimitsRow, { currency, minor_per_dollar }: CurrencyWorthRow) {
    const perDollar = BigInt(minor_per_dollar.replace('.', ''));
    const format = (worth: bigint) => this.currencies.format((worth * perDollar) / 100_000_000n, currency);
    const limit = (cents: string | null) => (cents === null ? null : format(BigInt(cents) * 100n));
    const used = BigInt(row.used_worth);
    const perDay = row.per_day_usd_cents === null ? null : BigInt(row.per_day_usd_cents) * 100n;
    return {
      currency,
      per_transaction: limit(row.per_transaction_usd_cents),
      per_day: limit(row.per_day_usd_cents),
      per_counterparty: limit(row.per_counterparty_usd_cents),
      used_today: format(used),
      left_today: perDay === null ? null : format(perDay > used ? perDay - used : 0n),
    };
  }
}

function nextMidnight(): string {
  const midnight = new Date();
  midnight.setUTCHours(24, 0, 0, 0);
  return midnight.toISOString().replace('Z', '000Z');
}

function toCents(values: Omit<LimitsInput, 'reason'>): LimitValues {
  const cents = (dollars: string | null) => (dollars === null ? null : String(parseDecimal(dollars, 2)));
  return {
    per_transaction_usd_cents: cents(values.per_transaction_usd),
    per_day_usd_cents: cents(values.per_day_usd),
    per_counterparty_usd_cents: cents(values.per_counterparty_usd),
  };
}

function inDollars(row: LimitValues) {
  const dollars = (cents: string | null) => (cents === null ? null : formatAmount(cents, 2));
  return {
    per_transaction_usd: dollars(row.per_transaction_usd_cents),
    per_day_usd: dollars(row.per_day_usd_cents),
    per_counterparty_usd: dollars(row.per_counterparty_usd_cents),
  };
}

function classAnswer(row: ClassLimitsRow): ClassLimitsAnswer {
  return {
    role: row.role,
    kyc_status: row.kyc_status,
    ...inDollars(row),
    revision: Number(row.revision),
    updated_by: idOrNull(row.updated_by),
    updated_at: toIso(row.updated_at),
  };
}
