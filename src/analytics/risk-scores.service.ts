import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../accounts/currencies.service';
import { toIso } from '../database';
import { CursorSigner } from '../http/cursor';
import type { Principal } from '../http/request-context';
import type { RiskScoreAnswer, RiskScoresQueryDto } from './analytics.dto';
import { AnalyticsRepository, type RiskScoreRow } from './analytics.repository';

@Injectable()
export class RiskScoresService {
  constructor(
    private readonly analytics: AnalyticsRepository,
    private readonly currencies: CurrenciesService,
    private readonly cursors: CursorSigner,
  ) {}

  /** Verdicts on the caller's own transactions, newest first. Scores and verdicts only: features would teach a fraudster. */
  async page(
    principal: Principal,
    query: RiskScoresQueryDto,
  ): Promise<{ items: RiskScoreAnswer[]; next_cursor: string | null }> {
    const filters = { list: 'analytics/risk-scores', user_id: principal.user_id };
    const [before] = query.cursor === undefined ? [] : this.cursors.read(filters, query.cursor);
    const accounts = await this.analytics.ownAccounts(principal.user_id);
    if (accounts.length === 0) return { items: [], next_cursor: null };
    const rows = await this.analytics.riskScores(
      principal.user_id,
      accounts.map((account) => String(account.account_id)),
      before?.toString(),
      query.limit + 1,
    );
    const page = this.cursors.page(rows, query.limit, filters, (last) => [last.transaction_id]);
    return { ...page, items: page.items.map((row) => this.answer(row)) };
  }

  private answer(row: RiskScoreRow): RiskScoreAnswer {
    return {
      transaction_id: String(row.transaction_id),
      type: row.type,
      amount: this.currencies.format(row.amount_minor, row.currency),
      currency: row.currency,
      risk_score: Number(row.risk_score),
      verdict: row.verdict,
      model_version: row.model_version,
      scored_at: toIso(row.scored_at),
      effective_at: toIso(row.effective_at),
    };
  }
}
