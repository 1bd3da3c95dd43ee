import { randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ZodError } from 'zod';
import { type Actor, idOrNull, signalMessage, timeOrNull, toIso } from '../database';
import { BankError, ERRORS, type ErrorCode, isErrorCode } from '../errors';
import { CursorSigner } from '../http/cursor';
import type { BankRequest } from '../http/request-context';
import type { ActResult } from './acts/act';
import { ActRegistry } from './acts/act-registry';
import type {
  ApprovalAnswer,
  ApprovalDetailAnswer,
  ApprovalsQueryDto,
  FourEyesAnswer,
} from './approvals.dto';
import { type ApprovalRow, ApprovalsRepository } from './approvals.repository';
import { type ActName, FourEyesGate } from './four-eyes.gate';
import { FourEyesService } from './four-eyes.service';
import type { ApprovalKind } from './kinds';

type Decision = 'approved' | 'rejected' | 'cancelled';

/** Requests for approval: asked for, decided by another person, and executed once. */
@Injectable()
export class ApprovalsService implements FourEyesGate {
  private readonly logger = new Logger('Approvals');

  constructor(
    private readonly approvals: ApprovalsRepository,
    private readonly fourEyes: FourEyesService,
    private readonly acts: ActRegistry,
    private readonly cursors: CursorSigner,
  ) {}

  async ask(
    name: ActName,
    request: BankRequest,
    reply: FastifyReply,
  ): Promise<{ approval: ApprovalAnswer; is_replayed: boolean } | null> {
    const act = this.acts.get(name);
    if (act.concerns?.(request) === false) return null;
    const { kinds } = await this.fourEyes.required();
    const proposal = kinds.includes(act.kind) ? await act.propose(request, reply) : null;
    if (!proposal) return null;
    const actor = {
      user_id: request.principal?.user_id ?? null,
      ip_address: request.ip,
      request_id: request.id,
    };
    const { approval_id, is_replayed } = await this.approvals.request(actor, {
      kind: act.kind,
      act: name,
      payload: proposal.payload,
      subject_user_id: proposal.subject_user_id ?? null,
      reason: proposal.reason ?? null,
      key: proposal.key ?? null,
      hash: proposal.hash ?? null,
    });
    return { approval: answerOf(await this.read(approval_id)), is_replayed };
  }

  /** Newest first. */
  async list(query: ApprovalsQueryDto): Promise<{ items: ApprovalAnswer[]; next_cursor: string | null }> {
    const filters = { list: 'approvals', ...query };
    const [before] = query.cursor === undefined ? [] : this.cursors.read(filters, query.cursor);
    const rows = await this.approvals.list({
      status: query.status,
      kind: query.kind,
      before_approval_id: before?.toString(),
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [String(last.approval_id)]);
    return { ...page, items: page.items.map(answerOf) };
  }

  /** @throws BankError APPROVAL_NOT_FOUND */
  async get(approvalId: string): Promise<ApprovalDetailAnswer> {
    const [row, events] = await Promise.all([this.read(approvalId), this.approvals.events(approvalId)]);
    return {
      ...answerOf(row),
      events: events.map(({ event, actor_user_id, note, occurred_at }) => ({
        event: event as ApprovalDetailAnswer['events'][number]['event'],
        actor_user_id: idOrNull(actor_user_id),
        note,
        occurred_at: toIso(occurred_at),
      })),
    };
  }

  async settings(): Promise<FourEyesAnswer> {
    return {
      ...(await this.fourEyes.required()),
      reversal_over_usd: await this.acts.money.reversalOverUsd(),
    };
  }

  async setFourEyes(actor: Actor, kinds: readonly ApprovalKind[]): Promise<FourEyesAnswer> {
    await this.fourEyes.set(actor, kinds);
    return this.settings();
  }

  /**
   * What is approved is executed at once. Where that cannot be done right now it stays approved, and this request again, or any API
   * process some seconds later, goes on with it.
   * @throws BankError APPROVAL_NOT_FOUND, APPROVAL_OWN, FORBIDDEN, APPROVAL_DECIDED, APPROVAL_EXPIRED, APPROVAL_REQUESTER_GONE
   */
  async decide(
    actor: Actor,
    approvalId: string,
    decision: Decision,
    note: string | undefined,
  ): Promise<ApprovalDetailAnswer> {
    await this.approvals.decide(actor, approvalId, decision, note);
    if (decision === 'approved') await this.execute(approvalId);
    return this.get(approvalId);
  }

  /** Executes what is approved and has no result yet. May be called any number of times, also at the same time. */
  async execute(approvalId: string): Promise<void> {
    const row = await this.read(approvalId);
    if (row.finished_at !== null || (row.status !== 'approved' && row.status !== 'executed')) return;
    const maker: Actor = {
      user_id: String(row.requested_by),
      ip_address: null,
      request_id: `approval-${approvalId}`,
    };
    if (row.status === 'executed') {
      await this.approvals.finish(maker, approvalId, 'executed', { code: 'OK' });
      return;
    }
    const result = await this.attempt(row, maker);
    if (result)
      await this.approvals.finish(maker, approvalId, result.code === 'OK' ? 'executed' : 'failed', result);
  }

  /** What became of it; undefined: it was not decided, or by another attempt. */
  private async attempt(row: ApprovalRow, maker: Actor): Promise<ActResult | undefined> {
    const approval = { approval_id: String(row.approval_id), token: randomBytes(16).toString('hex') };
    const act = this.acts.find(row.act);
    // Asked for by another version of the bank.
    if (!act) return { code: 'VALIDATION_FAILED' };
    try {
      return await act.execute({ ...maker, approval }, JSON.parse(row.payload) as unknown, row);
    } catch (error) {
      const code = refusalOf(error);
      if (code === 'APPROVAL_DECIDED') return undefined;
      if (code !== undefined) return { code };
      this.logger.error(error, `approval ${approval.approval_id} was not executed, and is tried again`);
      return undefined;
    }
  }

  private async read(approvalId: string): Promise<ApprovalRow> {
    const row = await this.approvals.find(approvalId);
    if (!row) throw new BankError('APPROVAL_NOT_FOUND');
    return row;
  }
}

/** The code of what the bank refuses for good; undefined: it may go well another time. */
function refusalOf(error: unknown): ErrorCode | undefined {
  if (error instanceof ZodError) return 'VALIDATION_FAILED';
  const signal = signalMessage(error)?.split(':')[0] ?? '';
  const code = error instanceof BankError ? error.code : isErrorCode(signal) ? signal : undefined;
  return code !== undefined && !ERRORS[code].retryable ? code : undefined;
}

function answerOf(row: ApprovalRow): ApprovalAnswer {
  return {
    approval_id: String(row.approval_id),
    kind: row.kind,
    act: row.act,
    status: row.status as ApprovalAnswer['status'],
    payload: JSON.parse(row.payload) as Record<string, unknown>,
    reason: row.reason,
    requested_by: String(row.requested_by),
    requested_by_username: row.requested_by_username,
    requested_at: toIso(row.requested_at),
    expires_at: toIso(row.expires_at),
    decided_by: idOrNull(row.decided_by),
    decided_by_username: row.decided_by_username,
    decided_at: timeOrNull(row.decided_at),
    decision_note: row.decision_note,
    executed_at: timeOrNull(row.executed_at),
    result: row.result === null ? null : (JSON.parse(row.result) as Record<string, unknown>),
  };
}
