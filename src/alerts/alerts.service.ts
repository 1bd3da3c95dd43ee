import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../accounts/currencies.service';
import { idOrNull, timeOrNull, toIso } from '../database';
import { BankError } from '../errors';
import { CursorSigner } from '../http/cursor';
import type { Principal } from '../http/request-context';
import { readFeatures } from '../risk';
import { MoneyAnswerService } from '../transactions/money-answer.service';
import { type AlertAnswer, type AlertDetailAnswer, type AlertsQueryDto, PRIORITIES } from './alerts.dto';
import { type AlertRow, AlertsRepository } from './alerts.repository';
import { type JsonColumn, parsed } from './json-column';

@Injectable()
export class AlertsService {
  constructor(
    private readonly alerts: AlertsRepository,
    private readonly answers: MoneyAnswerService,
    private readonly currencies: CurrenciesService,
    private readonly cursors: CursorSigner,
  ) {}

  /** The queue: urgent first, then the riskiest, then the oldest. */
  async list(
    principal: Principal,
    query: AlertsQueryDto,
  ): Promise<{ items: AlertAnswer[]; next_cursor: string | null }> {
    const assigned_to = assigneeOf(query.assignee, principal);
    const filters = { list: 'alerts', ...query, assignee: assigned_to };
    const rows = await this.alerts.list({
      status: query.status,
      priority: query.priority && PRIORITIES.indexOf(query.priority) + 1,
      verdict: query.verdict,
      assigned_to,
      after: this.cursors.start(filters),
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [
      last.priority,
      last.risk_score,
      String(last.alert_id),
    ]);
    return { ...page, items: page.items.map((row) => this.answer(row)) };
  }

  /** @throws BankError ALERT_NOT_FOUND */
  async get(principal: Principal, alertId: string): Promise<AlertDetailAnswer> {
    const row = await this.alerts.find(alertId);
    if (!row) throw new BankError('ALERT_NOT_FOUND');
    const [explanation, transaction, customer, hold] = await Promise.all([
      this.alerts.explanation(row),
      row.transaction_id === null ? null : this.answers.read(String(row.transaction_id), principal),
      this.customer(String(row.user_id)),
      row.hold_id === null ? undefined : this.alerts.hold(row.hold_id),
    ]);
    return {
      ...this.answer(row),
      model_version: row.model_version,
      is_degraded: Number(explanation?.is_degraded ?? 0) === 1,
      raw_score: explanation?.raw_score ?? null,
      p_value: explanation?.p_value ?? null,
      reasons: reasonsOf(explanation?.reasons),
      rules: rulesOf(explanation?.rules_triggered),
      features: readFeatures(explanation?.features_used),
      transaction,
      customer,
      hold: hold
        ? {
            hold_id: String(hold.hold_id),
            status: hold.status,
            amount: this.currencies.format(hold.amount_minor, row.currency),
          }
        : null,
      outcome: this.outcome(row),
    };
  }

  answer(row: AlertRow): AlertAnswer {
    return {
      alert_id: String(row.alert_id),
      transaction_id: idOrNull(row.transaction_id),
      declined_id: idOrNull(row.declined_id),
      reference_id: row.reference_id,
      type: row.type,
      amount: this.currencies.format(row.amount_minor, row.currency),
      currency: row.currency,
      description: row.description,
      channel: row.channel,
      merchant: row.merchant_name === null ? null : { name: row.merchant_name, mcc: row.mcc ?? '' },
      case_id: String(row.case_id),
      user_id: String(row.user_id),
      username: row.username,
      full_name: row.full_name,
      verdict: row.verdict,
      risk_score: Number(row.risk_score),
      priority: priorityOf(row.priority),
      status: row.status,
      assigned_to: idOrNull(row.assigned_to),
      assigned_to_username: row.assigned_to_username,
      alert_raised_at: toIso(row.alert_raised_at),
      due_at: toIso(row.due_at),
      is_overdue: Number(row.is_overdue) === 1,
      determination_at: timeOrNull(row.determination_at),
      label: row.label,
      actions_state: row.actions_state,
      version: row.version,
    };
  }

  private outcome(row: AlertRow): AlertDetailAnswer['outcome'] {
    if (row.status !== 'closed') return null;
    return {
      determined_by: idOrNull(row.determined_by),
      recovered:
        row.recovered_minor === null ? null : this.currencies.format(row.recovered_minor, row.currency),
      recovery_transaction_id: idOrNull(row.recovery_transaction_id),
      recovery_code: row.recovery_code,
    };
  }

  private async customer(userId: string): Promise<AlertDetailAnswer['customer']> {
    const [row, accounts] = await Promise.all([this.alerts.customer(userId), this.alerts.accountsOf(userId)]);
    if (!row) throw new BankError('USER_NOT_FOUND');
    return {
      user_id: userId,
      username: row.username,
      full_name: row.full_name,
      kyc_status: row.kyc_status,
      is_active: Number(row.is_active) === 1,
      created_at: toIso(row.created_at),
      alerts_count: Number(row.alerts_count),
      confirmed_count: Number(row.confirmed_count),
      accounts: accounts.map((account) => ({
        account_id: String(account.account_id),
        account_number: account.account_number,
        currency: account.currency,
        balance: this.currencies.format(account.balance_minor, account.currency),
        available_balance: this.currencies.format(account.available_minor, account.currency),
        status: account.status,
        debit_block: account.debit_block,
      })),
    };
  }
}

export function priorityOf(number: number): (typeof PRIORITIES)[number] {
  return PRIORITIES[number - 1] ?? 'normal';
}

/** user_id, null for nobody, undefined for anybody. */
export function assigneeOf(assignee: string | undefined, principal: Principal): string | null | undefined {
  if (assignee === 'none') return null;
  return assignee === 'me' ? principal.user_id : assignee;
}

export function reasonsOf(json: JsonColumn): AlertDetailAnswer['reasons'] {
  const list = (parsed(json) ?? []) as { kind: string; name: string; text: string; share?: number }[];
  return list.map(({ kind, name, text, share }) => ({ kind, name, text, share: share ?? null }));
}

function rulesOf(json: JsonColumn): AlertDetailAnswer['rules'] {
  const list = (parsed(json) ?? []) as (string | { rule: string; version?: number })[];
  return list.map((item) =>
    typeof item === 'string'
      ? { rule: item, version: null }
      : { rule: item.rule, version: item.version ?? null },
  );
}
