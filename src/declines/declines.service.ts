import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../accounts/currencies.service';
import { reasonsOf } from '../alerts/alerts.service';
import { parsed } from '../alerts/json-column';
import { idOrNull, toIso } from '../database';
import { CursorSigner } from '../http/cursor';
import { periodEnd, periodStart } from '../http/fields';
import type { DeclineAnswer, DeclinesQueryDto } from './declines.dto';
import { type DeclineRow, DeclinesRepository } from './declines.repository';

@Injectable()
export class DeclinesService {
  constructor(
    private readonly declines: DeclinesRepository,
    private readonly currencies: CurrenciesService,
    private readonly cursors: CursorSigner,
  ) {}

  /** Newest first. */
  async list(query: DeclinesQueryDto): Promise<{ items: DeclineAnswer[]; next_cursor: string | null }> {
    const filters = { list: 'declined-transactions', ...query };
    const [before_declined_id] = this.cursors.start(filters);
    const rows = await this.declines.list({
      account_id: query.account_id,
      user_id: query.user_id,
      code: query.code,
      rule: query.rule,
      by_fraud_engine: query.by_fraud_engine,
      from: periodStart(query.from),
      to: periodEnd(query.to),
      before_declined_id,
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [String(last.declined_id)]);
    return { ...page, items: page.items.map((row) => this.answer(row)) };
  }

  private answer(row: DeclineRow): DeclineAnswer {
    return {
      declined_id: String(row.declined_id),
      type: row.type,
      code: row.code,
      reason: row.reason,
      account: accountOf(row.account_id, row.account_number, row.user_id, row.username),
      counterparty: accountOf(
        row.counterparty_account_id,
        row.counterparty_account_number,
        row.counterparty_user_id,
        row.counterparty_username,
      ),
      amount:
        row.amount_minor === null || row.currency === null
          ? null
          : this.currencies.format(row.amount_minor, row.currency),
      currency: row.currency,
      description: row.description,
      channel: row.channel,
      merchant: row.merchant_name === null ? null : { name: row.merchant_name, mcc: row.mcc ?? '' },
      card_id: idOrNull(row.card_id),
      initiated_by: idOrNull(row.initiated_by),
      initiated_by_username: row.initiated_by_username,
      effective_at: toIso(row.effective_at),
      declined_at: toIso(row.declined_at),
      rules_triggered: (parsed(row.rules_triggered) ?? null) as string[] | null,
      risk_score: row.risk_score === null ? null : Number(row.risk_score),
      reasons: reasonsOf(row.reasons),
      alert_id: idOrNull(row.alert_id),
      case_id: idOrNull(row.case_id),
    };
  }
}

/** What was asked may name an account that does not exist. */
function accountOf(
  accountId: string | null,
  number: string | null,
  userId: string | null,
  username: string | null,
): DeclineAnswer['account'] {
  if (accountId === null || number === null) return null;
  return { account_id: String(accountId), account_number: number, user_id: idOrNull(userId), username };
}
