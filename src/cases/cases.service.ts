import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../accounts/currencies.service';
import { AlertDecisionsService } from '../alerts/alert-decisions.service';
import { PRIORITIES } from '../alerts/alerts.dto';
import { AlertsRepository } from '../alerts/alerts.repository';
import { AlertsService, assigneeOf, priorityOf } from '../alerts/alerts.service';
import { eventDetail } from '../alerts/event-detail';
import { hasPermission } from '../auth/permissions';
import { type Actor, idOrNull, type Parameter, timeOrNull, toIso } from '../database';
import { BankError } from '../errors';
import { CursorSigner } from '../http/cursor';
import type { MoneyRequest, Principal } from '../http/request-context';
import type {
  AssignCaseDto,
  CaseAnswer,
  CaseDetailAnswer,
  CasesQueryDto,
  ChangeCaseStatusDto,
  CloseCaseDto,
} from './cases.dto';
import {
  type CaseEventRow,
  type CaseProcedure,
  type CaseRow,
  CasesRepository,
  type CaseTransactionRow,
} from './cases.repository';

const MOST_ALERTS = 200;
const MOST_EVENTS = 500;

@Injectable()
export class CasesService {
  constructor(
    private readonly cases: CasesRepository,
    private readonly alertRows: AlertsRepository,
    private readonly alerts: AlertsService,
    private readonly decisions: AlertDecisionsService,
    private readonly currencies: CurrenciesService,
    private readonly cursors: CursorSigner,
  ) {}

  /** Urgent first, then what is due first. */
  async list(
    principal: Principal,
    query: CasesQueryDto,
  ): Promise<{ items: CaseAnswer[]; next_cursor: string | null }> {
    const assigned_to = assigneeOf(query.assignee, principal);
    const filters = { list: 'cases', ...query, assignee: assigned_to };
    const rows = await this.cases.list({
      status: query.status,
      label: query.label,
      priority: query.priority && PRIORITIES.indexOf(query.priority) + 1,
      assigned_to,
      user_id: query.user_id,
      after: this.cursors.start(filters),
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [
      last.priority,
      last.due_at,
      String(last.case_id),
    ]);
    return { ...page, items: page.items.map((row) => this.answer(row)) };
  }

  /** @throws BankError CASE_NOT_FOUND */
  async get(caseId: string): Promise<CaseDetailAnswer> {
    const row = await this.cases.find(caseId);
    if (!row) throw new BankError('CASE_NOT_FOUND');
    const [alerts, transactions, newest] = await Promise.all([
      this.alertRows.ofCase(caseId, MOST_ALERTS),
      this.cases.transactions(caseId, MOST_ALERTS),
      this.cases.events(caseId, MOST_EVENTS),
    ]);
    const events = newest.reverse();
    return {
      ...this.answer(row),
      alerts: alerts.map((alert) => this.alerts.answer(alert)),
      transactions: transactions.map((transaction) => this.transaction(transaction)),
      notes: events.filter((event) => event.event === 'note').map((event) => this.note(event)),
      history: events.map((event) => this.event(event)),
    };
  }

  /** @throws BankError CASE_NOT_FOUND, CASE_CLOSED */
  addNote(actor: Actor, caseId: string, note: string): Promise<CaseDetailAnswer> {
    return this.change(actor, caseId, 'sp_add_case_note', [caseId, note]);
  }

  /** @throws BankError NOT_AN_ANALYST, CASE_NOT_FOUND, CASE_CLOSED, VERSION_CONFLICT */
  async assign(
    actor: Actor,
    caseId: string,
    { version, assigned_to }: AssignCaseDto,
  ): Promise<CaseDetailAnswer> {
    const role = assigned_to === null ? undefined : await this.cases.roleOf(assigned_to);
    if (assigned_to !== null && !hasPermission(role ?? '', 'risk:review'))
      throw new BankError('NOT_AN_ANALYST');
    return this.change(actor, caseId, 'sp_assign_case', [caseId, version, assigned_to]);
  }

  /** @throws BankError CASE_NOT_FOUND, CASE_CLOSED, TRANSACTION_NOT_FOUND */
  attach(actor: Actor, caseId: string, transactionId: string): Promise<CaseDetailAnswer> {
    return this.change(actor, caseId, 'sp_attach_case_transaction', [caseId, transactionId]);
  }

  /** @throws BankError CASE_NOT_FOUND, CASE_CLOSED, VERSION_CONFLICT */
  setStatus(
    actor: Actor,
    caseId: string,
    { version, status }: ChangeCaseStatusDto,
  ): Promise<CaseDetailAnswer> {
    return this.change(actor, caseId, 'sp_set_case_status', [caseId, version, status]);
  }

  /**
   * Closes the case, decides what is open of it by the same label, and carries that out.
   * @throws BankError IDEMPOTENCY_KEY_REUSED, CASE_NOT_FOUND, CASE_CLOSED, VERSION_CONFLICT
   */
  async close(
    actor: Actor,
    request: MoneyRequest,
    caseId: string,
    { version, label, note }: CloseCaseDto,
  ): Promise<CaseDetailAnswer> {
    const { key, hash } = this.decisions.keyOf(request, { close: caseId, version, label, note });
    const row = await this.cases.change(actor, 'sp_close_case', [
      caseId,
      version,
      label,
      note ?? null,
      key,
      hash,
    ]);
    if (Number(row?.is_replayed) === 1) request.markReplayed();
    await this.decisions.announce();
    await this.decisions.settleCase(caseId);
    return this.get(caseId);
  }

  private async change(
    actor: Actor,
    caseId: string,
    procedure: CaseProcedure,
    parameters: Parameter[],
  ): Promise<CaseDetailAnswer> {
    await this.cases.change(actor, procedure, parameters);
    await this.decisions.announce();
    return this.get(caseId);
  }

  private answer(row: CaseRow): CaseAnswer {
    return {
      case_id: String(row.case_id),
      user_id: String(row.user_id),
      username: row.username,
      full_name: row.full_name,
      status: row.status,
      priority: priorityOf(row.priority),
      assigned_to: idOrNull(row.assigned_to),
      assigned_to_username: row.assigned_to_username,
      alert_raised_at: toIso(row.opened_at),
      due_at: toIso(row.due_at),
      is_overdue: Number(row.is_overdue) === 1,
      determination_at: timeOrNull(row.determination_at),
      determined_by: idOrNull(row.determined_by),
      label: row.label,
      alerts_count: Number(row.alerts_count),
      open_alerts_count: Number(row.open_alerts_count),
      highest_risk_score: Number(row.highest_risk_score),
      version: row.version,
    };
  }

  private transaction(row: CaseTransactionRow): CaseDetailAnswer['transactions'][number] {
    return {
      transaction_id: String(row.transaction_id),
      reference_id: row.reference_id,
      type: row.type,
      amount: this.currencies.format(row.amount_minor, row.currency),
      currency: row.currency,
      description: row.description,
      effective_at: toIso(row.effective_at),
      verdict: row.verdict,
      risk_score: row.risk_score === null ? null : Number(row.risk_score),
      alert_id: idOrNull(row.alert_id),
      attached_by: idOrNull(row.attached_by),
      attached_at: timeOrNull(row.attached_at),
    };
  }

  private event(row: CaseEventRow): CaseDetailAnswer['history'][number] {
    return {
      event_id: String(row.event_id),
      event: row.event,
      alert_id: idOrNull(row.alert_id),
      transaction_id: idOrNull(row.transaction_id),
      actor_user_id: idOrNull(row.actor_user_id),
      actor_username: row.actor_username,
      detail: eventDetail(row.detail, row.currency, this.currencies),
      occurred_at: toIso(row.occurred_at),
    };
  }

  private note(row: CaseEventRow): CaseDetailAnswer['notes'][number] {
    const detail = eventDetail(row.detail, null, this.currencies);
    return {
      event_id: String(row.event_id),
      note: typeof detail?.note === 'string' ? detail.note : '',
      author_user_id: idOrNull(row.actor_user_id),
      author_username: row.actor_username,
      written_at: toIso(row.occurred_at),
    };
  }
}
