import { Injectable } from '@nestjs/common';
import { BankError, ERRORS } from '../errors';
import type { MoneyRequest, Principal } from '../http/request-context';
import { idempotencyKey, type PostingItem, type PostingOutcome, PostingQueue, requestHash } from '../posting';
import { PinService } from '../auth/pin.service';
import type { BatchResult, MoneyAnswer } from './dto/money-answer.dto';
import type { MoneyCommand } from './dto/money-request.dto';
import { MoneyAnswerService } from './money-answer.service';
import { type Draft, MoneyCommandsService } from './money-commands.service';

interface BatchCommand {
  items: MoneyCommand[];
  linked: boolean;
  pin?: string | undefined;
}

/** Moves money: one request, one idempotency key, one effect. */
@Injectable()
export class TransactionsService {
  constructor(
    private readonly commands: MoneyCommandsService,
    private readonly answers: MoneyAnswerService,
    private readonly pins: PinService,
    private readonly queue: PostingQueue,
  ) {}

  /** @throws BankError with the code of the decline, remembered under the key */
  async post(request: MoneyRequest, command: MoneyCommand, pin?: string): Promise<MoneyAnswer> {
    const { principal } = request;
    const draft = await this.commands.draft(principal, command);
    await this.requirePin(principal, [draft], pin);
    const item: PostingItem = {
      ...draft.item,
      key: idempotencyKey(principal.user_id, request.idempotency_key),
      hash: requestHash(draft.item),
    };
    const [outcome] = await this.queue.submit([item]);
    if (!outcome) throw new Error('sp_post_batch answered nothing for an item');
    if (outcome.is_replayed) request.markReplayed();
    return this.answers.answer(asSeenByCaller(outcome), principal, item.original ?? null);
  }

  /** Up to 1,000 items, independent or all or none; one result each, in order. */
  async postMany(
    request: MoneyRequest,
    batch: BatchCommand,
  ): Promise<{ accepted: number; declined: number; items: BatchResult[] }> {
    const { principal } = request;
    const drafts = await Promise.all(
      batch.items.map((command, index) => this.draftInBatch(principal, command, index)),
    );
    await this.requirePin(principal, drafts, batch.pin);
    const hash = requestHash({ linked: batch.linked, items: drafts.map(({ item }) => item) });
    const items = drafts.map(({ item }, index): PostingItem => ({
      ...item,
      key: batchKey(principal, request.idempotency_key, index),
      hash,
    }));

    const outcomes = (await this.queue.submit(items, batch.linked)).map(asSeenByCaller);
    const reused = outcomes.find((outcome) => outcome.code === 'IDEMPOTENCY_KEY_REUSED');
    if (reused) throw new BankError('IDEMPOTENCY_KEY_REUSED');
    if (outcomes.every((outcome) => outcome.is_replayed)) request.markReplayed();
    const results = await Promise.all(
      outcomes.map((outcome, index) =>
        this.batchResult(outcome, index, principal, items[index]?.original ?? null),
      ),
    );
    const accepted = results.filter((result) => result.status === 'accepted').length;
    return { accepted, declined: results.length - accepted, items: results };
  }

  /**
   * An item whose account is not the caller's is declined by the procedure like any other, so that its fellows are decided;
   * its amount and currency do not matter then, because the owner is checked first.
   */
  private async draftInBatch(principal: Principal, command: MoneyCommand, index: number): Promise<Draft> {
    try {
      return await this.commands.draft(principal, command, `items.${index}.`);
    } catch (error) {
      if (!(error instanceof BankError)) throw error;
      const isDecline = error.code === 'ACCOUNT_NOT_FOUND' && 'account_id' in command;
      if (isDecline) return notOwned(principal, command.account_id);
      if (error.code === 'ACCOUNT_NOT_FOUND' && command.type === 'transfer')
        return notOwned(principal, command.sender_account_id);
      throw new BankError(error.code, {
        detail: `items.${index}: ${error.message}`,
        errors: error.errors ?? [{ field: `items.${index}`, message: error.message }],
      });
    }
  }

  private async batchResult(
    outcome: PostingOutcome,
    index: number,
    principal: Principal,
    reversalOf: string | null,
  ): Promise<BatchResult> {
    const { code, is_replayed: replayed } = outcome;
    if (code !== 'OK') {
      return { index, status: 'declined', replayed, code, detail: ERRORS[code].title, transaction: null };
    }
    const transaction = await this.answers.answer(outcome, principal, reversalOf);
    return { index, status: 'accepted', replayed, code, detail: null, transaction };
  }

  /** The PIN covers a request as a whole: it is asked for when any of its amounts reaches the limit. */
  private async requirePin(principal: Principal, drafts: Draft[], pin: string | undefined): Promise<void> {
    const largest = drafts
      .filter(({ item }) => item.amount !== undefined && item.type !== 'deposit' && item.type !== 'capture')
      .reduce<Draft | undefined>((a, b) => (a && scaled(a) >= scaled(b) ? a : b), undefined);
    if (largest?.item.amount === undefined) return;
    await this.pins.requirePin(principal, {
      amount_minor: largest.item.amount,
      exponent: largest.exponent,
      pin,
    });
  }
}

/** Amounts of different currencies on one scale: ten-thousandths of a major unit. */
function scaled({ item, exponent }: Draft): bigint {
  return (item.amount ?? 0n) * 10n ** BigInt(4 - exponent);
}

/** The first item shares its key with single requests, so that one key cannot serve a batch and something else. */
function batchKey(principal: Principal, key: string, index: number): string {
  return index === 0
    ? idempotencyKey(principal.user_id, key)
    : idempotencyKey(`${principal.user_id}/batch/${index}`, key);
}

function notOwned(principal: Principal, accountId: string): Draft {
  return {
    item: {
      type: 'withdrawal',
      debit: accountId,
      owner: principal.user_id,
      actor: principal.user_id,
      amount: 1n,
      currency: 'USD',
    },
    exponent: 2,
  };
}

/** Somebody else's hold is no hold of yours. */
function asSeenByCaller(outcome: PostingOutcome): PostingOutcome {
  const isHoldOperation = outcome.type === 'capture' || outcome.type === 'void';
  return isHoldOperation && outcome.code === 'ACCOUNT_NOT_FOUND'
    ? { ...outcome, code: 'HOLD_NOT_FOUND' }
    : outcome;
}
