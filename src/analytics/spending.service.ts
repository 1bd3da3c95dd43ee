import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../accounts/currencies.service';
import { toIso } from '../database';
import { BankError } from '../errors';
import { periodEnd, periodStart } from '../http/fields';
import type { Principal } from '../http/request-context';
import type {
  SpendingPredictionAnswer,
  SpendingSummaryAnswer,
  SpendingSummaryQueryDto,
} from './analytics.dto';
import { AnalyticsRepository, type FlowRow, type OwnAccountRow } from './analytics.repository';
import { completeMonths, monthAfter, startOfMonth } from './months';
import {
  INTERVAL_LEVEL,
  MAX_MONTHS,
  MIN_MONTHS,
  predictNextMonth,
  PREDICTION_METHOD,
} from './spending-prediction';

interface Flow {
  income: bigint;
  expenses: bigint;
  count: number;
}

type SummaryItem = SpendingSummaryAnswer['currencies'][number];

/** What customers earn and spend, and what they will probably spend next. */
@Injectable()
export class SpendingService {
  constructor(
    private readonly analytics: AnalyticsRepository,
    private readonly currencies: CurrenciesService,
  ) {}

  /** @throws BankError ACCOUNT_NOT_FOUND for an account that is not the caller's, UNKNOWN_CURRENCY */
  async summary(principal: Principal, query: SpendingSummaryQueryDto): Promise<SpendingSummaryAnswer> {
    if (query.currency !== undefined) this.currencies.exponent(query.currency);
    const own = await this.analytics.ownAccounts(principal.user_id);
    const named = own.filter(
      (account) => query.account_id === undefined || String(account.account_id) === query.account_id,
    );
    if (query.account_id !== undefined && named.length === 0) throw new BankError('ACCOUNT_NOT_FOUND');
    const selected = idsOf(named, query.currency);
    const from = periodStart(query.from);
    const to = periodEnd(query.to);
    const rows =
      selected.length === 0 ? [] : await this.analytics.flows({ own: idsOf(own), selected }, from, to);
    return {
      from: from === undefined ? null : toIso(from),
      to: to === undefined ? null : toIso(to),
      currencies: [...new Set(rows.map((row) => row.currency))].map((currency) =>
        this.summaryOf(
          currency,
          rows.filter((row) => row.currency === currency),
        ),
      ),
    };
  }

  /**
   * Next month's expenses in one currency, from the complete months since the first movement, at most MAX_MONTHS of them. The
   * month that is still running does not count; in books that ended long ago, such as imported ones, the month after the last
   * movement is predicted.
   * @throws BankError NOT_ENOUGH_HISTORY, UNKNOWN_CURRENCY
   */
  async prediction(
    principal: Principal,
    wanted: string | undefined,
    now = new Date(),
  ): Promise<SpendingPredictionAnswer> {
    if (wanted !== undefined) this.currencies.exponent(wanted);
    const own = await this.analytics.ownAccounts(principal.user_id);
    const currency = wanted ?? mostUsed(own);
    const selected = idsOf(own, currency);
    const span = selected.length === 0 ? undefined : await this.analytics.span(selected);
    const months = span ? completeMonths(span.first, span.last, now).slice(-MAX_MONTHS) : [];
    const [first] = months;
    const last = months.at(-1);
    if (currency === undefined || !first || !last || months.length < MIN_MONTHS) {
      throw new BankError('NOT_ENOUGH_HISTORY', {
        detail: `A prediction needs ${MIN_MONTHS} complete months of movements; there ${months.length === 1 ? 'is' : 'are'} ${months.length} so far`,
      });
    }
    const next = monthAfter(last);
    const rows = await this.analytics.flows(
      { own: idsOf(own), selected },
      startOfMonth(first),
      startOfMonth(next),
    );
    const spent = fold(rows, (row) => row.month);
    const expenses = months.map((month) => ({ month, minor: spent.get(month)?.expenses ?? 0n }));
    const prediction = predictNextMonth(expenses.map(({ minor }) => Number(minor)));
    const format = (minor: number | bigint) =>
      this.currencies.format(typeof minor === 'bigint' ? minor : BigInt(Math.round(minor)), currency);
    return {
      currency,
      month: next,
      predicted_next_month: format(prediction.predicted),
      interval: { low: format(prediction.low), high: format(prediction.high), level: INTERVAL_LEVEL },
      trend: prediction.trend,
      monthly_data: expenses.map(({ month, minor }) => ({ month, expenses: format(minor) })),
      method: PREDICTION_METHOD,
    };
  }

  private summaryOf(currency: string, rows: FlowRow[]): SummaryItem {
    const format = (minor: bigint) => this.currencies.format(minor, currency);
    const flows = ({ income, expenses }: Flow) => ({ income: format(income), expenses: format(expenses) });
    const total = fold(rows, () => '').get('') ?? { income: 0n, expenses: 0n, count: 0 };
    const categories = fold(rows, (row) => row.mcc ?? row.type);
    const names = new Map(rows.map((row) => [row.mcc ?? row.type, row]));
    return {
      currency,
      ...flows(total),
      net_flow: format(total.income - total.expenses),
      by_category: [...categories]
        .sort(([, a], [, b]) => Number(b.expenses - a.expenses) || Number(b.income - a.income))
        .map(([key, flow]) => ({
          category: names.get(key)?.category ?? key,
          mcc: names.get(key)?.mcc ?? null,
          ...flows(flow),
          transactions_count: flow.count,
        })),
      by_month: [...fold(rows, (row) => row.month)].map(([month, flow]) => ({
        month,
        ...flows(flow),
        net_flow: format(flow.income - flow.expenses),
      })),
    };
  }
}

/** Sums of the rows by a key, in the order in which the keys first come. */
function fold(rows: readonly FlowRow[], keyOf: (row: FlowRow) => string): Map<string, Flow> {
  const sums = new Map<string, Flow>();
  for (const row of rows) {
    const sum = sums.get(keyOf(row)) ?? { income: 0n, expenses: 0n, count: 0 };
    sum.income += BigInt(row.income_minor);
    sum.expenses += BigInt(row.expenses_minor);
    sum.count += Number(row.transactions_count);
    sums.set(keyOf(row), sum);
  }
  return sums;
}

function idsOf(accounts: readonly OwnAccountRow[], currency?: string): string[] {
  return accounts
    .filter((account) => currency === undefined || account.currency === currency)
    .map((account) => String(account.account_id));
}

function mostUsed(accounts: readonly OwnAccountRow[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { currency, entries_count } of accounts) {
    counts.set(currency, (counts.get(currency) ?? 0) + Number(entries_count));
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
