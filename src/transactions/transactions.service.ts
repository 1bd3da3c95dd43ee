import { Injectable } from '@nestjs/common';
import { BankError, ERRORS } from '../errors';
import type { MoneyRequest, Principal } from '../http/request-context';
import { idempotencyKey, type PostingItem, type PostingOutcome, PostingQueue, requestHash } from '../posting';
import { hasPermission } from '../auth/permissions';
import { PinService } from '../auth/pin.service';
import { LimitsService } from '../limits/limits.service';
import type { BatchResult, MoneyAnswer } from './dto/money-answer.dto';
import type { MoneyCommand } from './dto/money-request.dto';
import { inChunks } from './in-chunks';
import { MoneyAnswerService } from './money-answer.service';
import {
  type Draft,
  type DraftContext,
  MoneyCommandsService,
  ownAccount,
  type UnkeyedItem,
} from './money-commands.service';
import { PrejudgementService } from './prejudgement.service';
import { TransactionsRepository } from './transactions.repository';

interface BatchCommand {
  items: MoneyCommand[];
  linked: boolean;
  pin?: string | undefined;
}

const RISK_CODES: ReadonlySet<string> = new Set(['BLOCKED', 'ACCOUNT_UNDER_REVIEW', 'RISK_DECLINED']);

/** Moves money: one request, one idempotency key, one effect. */
@Injectable()
export class TransactionsService {
  constructor(
    private readonly commands: MoneyCommandsService,
    private readonly answers: MoneyAnswerService,
    private readonly pins: PinService,
    private readonly queue: PostingQueue,
    private readonly transactions: TransactionsRepository,
    private readonly prejudgement: PrejudgementService,
    private readonly limits: LimitsService,
  ) {}

  /**
   * Amounts over a setting are judged before they post. @throws BankError with the code of the decline, remembered under the key
   */
  async post(request: MoneyRequest, command: MoneyCommand, pin?: string): Promise<MoneyAnswer> {
    const { principal } = request;
    const draft = await this.commands.draft(principal, command, {
      path: '',
      isRepeat: () => this.transactions.isKeyKnown(batchKey(principal, request.idempotency_key, 0)),
    });
    await this.requirePin(principal, [draft], pin);
    const item = await this.commands.complete(draft);
    if (!this.prejudgement.appliesTo(item)) return this.postOne(request, item);
    return this.answer(request, item, await this.prejudgement.post(keyed(request, item)));
  }

  /** Posts what is ready to be posted. @throws BankError with the code of the decline, remembered under the key */
  async postOne(request: MoneyRequest, item: UnkeyedItem): Promise<MoneyAnswer> {
    const [outcome] = await this.queue.submit([keyed(request, item)]);
    if (!outcome) throw new Error('sp_post_batch answered nothing for an item');
    return this.answer(request, item, outcome);
  }

  private async answer(
    request: MoneyRequest,
    item: UnkeyedItem,
    outcome: PostingOutcome,
  ): Promise<MoneyAnswer> {
    if (outcome.is_replayed) request.markReplayed();
    if (isOverLimit(outcome)) await this.refuse(outcome, keyed(request, item).key);
    return this.answers.answer(
      asSeenBy(request.principal, outcome),
      request.principal,
      item.original ?? null,
    );
  }

  /** Up to 1,000 items, independent or all or none; one result each, in order. */
  async postMany(
    request: MoneyRequest,
    batch: BatchCommand,
  ): Promise<{ accepted: number; declined: number; items: BatchResult[] }> {
    const { principal } = request;
    const isRepeat = () => this.transactions.isKeyKnown(batchKey(principal, request.idempotency_key, 0));
    await this.commands.lookUpAccounts(principal, batch.items);
    const drafts = await inChunks(batch.items, (command, index) =>
      this.draftInBatch(principal, command, { path: `items.${index}.`, isRepeat }),
    );
    await this.requirePin(principal, drafts, batch.pin);
    const complete = await inChunks(drafts, (draft) => this.commands.complete(draft));
    const hash = requestHash({ linked: batch.linked, items: complete });
    const items = complete.map((item, index): PostingItem => ({
      ...item,
      key: batchKey(principal, request.idempotency_key, index),
      hash,
    }));

    const prepared = await this.prejudgement.prepare(items);
    const outcomes = (await this.submitBatch(prepared, batch.linked)).map((outcome) =>
      asSeenBy(principal, outcome),
    );
    if (outcomes.every((outcome) => outcome.is_replayed)) request.markReplayed();
    const results = await inChunks(outcomes, (outcome, index) =>
      this.batchResult(outcome, index, principal, items[index]),
    );
    const accepted = results.filter((result) => result.status === 'accepted').length;
    return { accepted, declined: results.length - accepted, items: results };
  }

  /**
   * The outcomes of a batch's own items; large ones may have a hold behind them. A transfer and its hold are all or none: in a batch
   * that is not, they are a request of their own. Its requests go one after the other, which keeps the order of the items, and
   * the first one tells whether the client's key is that of another request, before anything of the others is posted.
   * @throws BankError IDEMPOTENCY_KEY_REUSED
   */
  private async submitBatch(groups: PostingItem[][], linked: boolean): Promise<PostingOutcome[]> {
    const outcomes: PostingOutcome[] = [];
    for (const part of linked ? [groups] : partsOf(groups)) {
      const isAllOrNone = linked || (part[0]?.length ?? 0) > 1;
      const answers = await this.queue.submit(part.flat(), isAllOrNone);
      if (answers.some(({ code }) => code === 'IDEMPOTENCY_KEY_REUSED'))
        throw new BankError('IDEMPOTENCY_KEY_REUSED');
      for (const group of part) outcomes.push(...answers.splice(0, group.length).slice(0, 1));
    }
    return outcomes;
  }

  /**
   * An item whose account or hold is not the caller's is declined by the procedure like any other, so that its fellows are
   * decided. What makes the request itself wrong refuses all of it.
   */
  private async draftInBatch(
    principal: Principal,
    command: MoneyCommand,
    context: DraftContext,
  ): Promise<Draft> {
    try {
      return await this.commands.draft(principal, command, context);
    } catch (error) {
      if (!(error instanceof BankError)) throw error;
      if (error.code === 'ACCOUNT_NOT_FOUND' || error.code === 'HOLD_NOT_FOUND')
        return notOwned(principal, command);
      const item = context.path.slice(0, -1);
      throw new BankError(error.code, {
        detail: `${item}: ${error.message}`,
        errors: error.errors ?? [{ field: item, message: error.message }],
      });
    }
  }

  private async batchResult(
    outcome: PostingOutcome,
    index: number,
    principal: Principal,
    item: PostingItem | undefined,
  ): Promise<BatchResult> {
    const { code } = outcome;
    if (code !== 'OK') {
      const told = isOverLimit(outcome) ? await this.limits.explain(outcome, item?.key ?? '') : undefined;
      const detail = told?.detail ?? ERRORS[code].title;
      return { index, status: 'declined', code, detail, transaction: null };
    }
    const transaction = await this.answers.answer(outcome, principal, item?.original ?? null);
    return { index, status: 'accepted', code, detail: null, transaction };
  }

  /** @throws BankError with what the limit was and what was left of it */
  private async refuse({ code, is_replayed }: PostingOutcome, key: string): Promise<void> {
    const told = await this.limits.explain({ code }, key);
    if (code !== 'OK' && told) throw new BankError(code, { ...told, is_replayed });
  }

  /** The PIN covers a request as a whole. */
  private requirePin(principal: Principal, drafts: Draft[], pin: string | undefined): Promise<void> {
    const outgoing = drafts.flatMap((draft) => draft.outgoing ?? []);
    return this.pins.requirePin(principal, outgoing, pin);
  }
}

/** Neighbours without holds together, each with a hold alone. */
function partsOf(groups: readonly PostingItem[][]): PostingItem[][][] {
  const parts: PostingItem[][][] = [];
  let open: PostingItem[][] | null = null;
  for (const group of groups) {
    if (group.length > 1) {
      parts.push([group]);
      open = null;
    } else if (open) open.push(group);
    else parts.push((open = [group]));
  }
  return parts;
}

function keyed({ principal, idempotency_key }: MoneyRequest, item: UnkeyedItem): PostingItem {
  return { ...item, key: idempotencyKey(principal.user_id, idempotency_key), hash: requestHash(item) };
}

/** The first item shares its key with single requests, so that one key cannot serve a batch and something else. */
function batchKey(principal: Principal, key: string, index: number): string {
  return index === 0
    ? idempotencyKey(principal.user_id, key)
    : idempotencyKey(`${principal.user_id}/batch/${index}`, key);
}

/**
 * Stands for an item about something that is not the caller's: the procedure declines it whatever its amount and currency,
 * because it checks the owner first, also for staff, who own no customer's account or hold.
 */
function notOwned(principal: Principal, command: MoneyCommand): Draft {
  const who = { owner: principal.user_id, actor: principal.user_id, description: command.description };
  if ('hold_id' in command) return { item: { ...who, type: 'capture', hold: command.hold_id } };
  const debit = ownAccount(command);
  return { item: { ...who, type: 'withdrawal', debit, amount: 1n, currency: 'USD' } };
}

function isOverLimit({ code }: PostingOutcome): boolean {
  return code.startsWith('LIMIT_');
}

/**
 * Somebody else's hold is no hold of yours. And who is on the block-list, under review or found risky is for staff to know: with
 * different codes, a cent sent to anybody would tell, and a fraudster would see when the review begins.
 */
function asSeenBy({ role }: Principal, outcome: PostingOutcome): PostingOutcome {
  const isHoldOperation = outcome.type === 'capture' || outcome.type === 'void';
  if (isHoldOperation && outcome.code === 'ACCOUNT_NOT_FOUND') return { ...outcome, code: 'HOLD_NOT_FOUND' };
  return RISK_CODES.has(outcome.code) && !hasPermission(role, 'risk:read')
    ? { ...outcome, code: 'DECLINED_BY_BANK' }
    : outcome;
}
