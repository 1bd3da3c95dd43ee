import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CurrenciesService } from '../accounts/currencies.service';
import { BankError } from '../errors';
import { dollarsWorth } from '../money/worth';
import {
  idempotencyKey,
  type PostingItem,
  type PostingOutcome,
  PostingQueue,
  type PostingType,
  requestHash,
} from '../posting';
import type { Prejudgement, ProposedTransaction } from '../queue';
import { EARLY_HOLD_UNTIL_US } from '../risk';
import { PrejudgementClient } from './prejudgement-client';
import { TransactionsRepository } from './transactions.repository';

/** A hold is judged when it is placed: with it somebody gets power over the money. Its capture is not asked about again. */
const JUDGED_TYPES: readonly PostingType[] = ['transfer', 'payment', 'withdrawal', 'hold'];
/** What leaves the bank for good, now or by a capture that nobody asks about: without a judgement it is refused. */
const NEVER_UNJUDGED: readonly PostingType[] = ['withdrawal', 'hold'];
const RETRY_AFTER_S = 2;
/** How long the setting is believed. */
const SETTING_TTL_MS = 5_000;
const DEFAULT_OVER_USD = 50_000;
/** Of a reserve that was left behind, after which its expiry gives the money back. */
const RESERVE_MS = 5 * 60_000;
/** A reserve with less left than this is not relied on. */
export const RESERVE_LEFT_S = 60;
const RESERVES_MAX = 20;
/** Items of one batch that workers are asked about; more could not be answered in time. */
const ASKED_MAX = 50;
/** Marks holds of the bank: their owners have no power over them. */
const BANK_CHANNEL = 'risk';

/** null: it cannot be reserved; the posting itself will say why. */
export type Reserve = { hold_id: string | null } | { outcome: PostingOutcome };

/**
 * Judges large amounts before they post: reserve, ask a worker, and post, hold or decline. Every movement goes through
 * sp_post_batch under keys that derive from the client's, so a repeat after a crash at any step has one effect: the item itself is
 * posted or declined under the client's own key, in one database transaction with the end of its reserve.
 */
@Injectable()
export class PrejudgementService implements OnModuleInit {
  private over_usd = DEFAULT_OVER_USD;
  private readAt = -Infinity;

  constructor(
    private readonly client: PrejudgementClient,
    private readonly queue: PostingQueue,
    private readonly currencies: CurrenciesService,
    private readonly transactions: TransactionsRepository,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.readSetting();
  }

  /** Whether the item is judged first. Costs a comparison; the setting is read again in the background. */
  appliesTo({ type, amount, currency }: Pick<PostingItem, 'type' | 'amount' | 'currency'>): boolean {
    if (!JUDGED_TYPES.includes(type) || amount === undefined || currency === undefined) return false;
    if (performance.now() - this.readAt > SETTING_TTL_MS) void this.readSetting();
    const worth = dollarsWorth(amount, currency, this.currencies.exponent(currency));
    return this.over_usd > 0 && worth > this.over_usd;
  }

  /**
   * Posts a single item by way of a judgement. Answers with the outcome under the item's own key.
   * @throws BankError JUDGEMENT_UNAVAILABLE; nothing is remembered of it
   */
  async post(item: PostingItem): Promise<PostingOutcome> {
    if (await this.transactions.isKeyKnown(item.key)) return this.only(await this.queue.submit([item]));
    const reserve = await this.reserve(item);
    if ('outcome' in reserve) return reserve.outcome;
    const isAsked = reserve.hold_id !== null || NEVER_UNJUDGED.includes(item.type);
    const judgement = isAsked ? await this.client.ask(proposalOf(item)) : null;
    if (judgement === null && NEVER_UNJUDGED.includes(item.type)) {
      if (reserve.hold_id !== null) await this.giveBack(item, reserve.hold_id);
      throw unavailable();
    }
    return this.settle(item, reserve.hold_id, judgement);
  }

  /**
   * Sets the money aside. A repeat finds the reserve of the request before it, or makes another one when that has come to its
   * end; when it ended with the posting, or the key is another request's, that is the outcome.
   */
  async reserve(item: PostingItem): Promise<Reserve> {
    for (let attempt = 0; attempt < RESERVES_MAX; attempt += 1) {
      const outcome = this.only(await this.queue.submit([reserveItem(item, attempt)]));
      if (outcome.code === 'IDEMPOTENCY_KEY_REUSED') return { outcome };
      if (outcome.code !== 'OK' || outcome.hold_id === null) return { hold_id: null };
      const { hold_id } = outcome;
      if (!outcome.is_replayed || (await this.transactions.isReserveUsable(hold_id, RESERVE_LEFT_S)))
        return { hold_id };
      if (await this.transactions.isKeyKnown(item.key))
        return { outcome: this.only(await this.queue.submit([item])) };
    }
    return { hold_id: null };
  }

  /** Ends the reserve and posts or declines the item, in one transaction. Without a judgement the receiver's money is held. */
  async settle(
    item: PostingItem,
    reserveId: string | null,
    judgement: Prejudgement | null,
  ): Promise<PostingOutcome> {
    const posted = decided(item, judgement);
    const isHeld = posted.length > 1;
    const freed = reserveId === null ? [] : [freeItem(item, reserveId, isHeld ? 'held' : 'judged')];
    if (isHeld) return this.settleHeld(item, freed, posted);
    // Not linked: the reserve ends whatever becomes of the item, and the item is decided also when the reserve has ended.
    return this.at(freed.length, await this.queue.submit([...freed, ...posted]));
  }

  /**
   * All or none, so that nothing is held that was not credited, and a request that another one has overtaken holds nothing: it
   * finds the reserve gone.
   */
  private async settleHeld(
    item: PostingItem,
    freed: PostingItem[],
    posted: PostingItem[],
  ): Promise<PostingOutcome> {
    const outcomes = await this.queue.submit([...freed, ...posted], true);
    const outcome = this.at(freed.length, outcomes);
    const [reserve] = freed;
    if (outcome.code !== 'OK' && reserve?.hold !== undefined) await this.giveBack(item, reserve.hold);
    return outcome;
  }

  private async giveBack(item: PostingItem, reserveId: string): Promise<void> {
    await this.queue.submit([freeItem(item, reserveId, 'given back')]);
  }

  /**
   * The items of a batch with what is posted for each: the item as it is, refused, or followed by the hold of its money. All are asked
   * about at once, and nothing is reserved: whether the money is there is decided with the posting. What was decided before is not
   * asked about again.
   * @throws BankError VALIDATION_FAILED when there are more than can be asked about, and JUDGEMENT_UNAVAILABLE; nothing is posted
   */
  async prepare(items: readonly PostingItem[]): Promise<PostingItem[][]> {
    const large = items.filter((item) => this.appliesTo(item));
    const known = await this.transactions.knownKeys(large.map(({ key }) => key));
    const asked = large.filter(({ key }) => !known.has(key));
    if (asked.length > ASKED_MAX) throw tooMany(asked.length);
    const answers = await Promise.all(asked.map((item) => this.client.ask(proposalOf(item))));
    const judgements = new Map(asked.map((item, index) => [item, answers[index] ?? null]));
    if (asked.some((item) => NEVER_UNJUDGED.includes(item.type) && !judgements.get(item)))
      throw unavailable();
    return items.map((item) => {
      const judgement = judgements.get(item);
      return judgement === undefined ? [item] : decided(item, judgement);
    });
  }

  private async readSetting(): Promise<void> {
    this.readAt = performance.now();
    this.over_usd = await this.transactions.prejudgeOver().then(
      (text) => (text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : DEFAULT_OVER_USD),
      () => this.over_usd,
    );
  }

  private only(outcomes: PostingOutcome[]): PostingOutcome {
    return this.at(0, outcomes);
  }

  private at(place: number, outcomes: PostingOutcome[]): PostingOutcome {
    const outcome = outcomes[place];
    if (!outcome) throw new Error('sp_post_batch answered nothing for an item');
    return outcome;
  }
}

function unavailable(): BankError {
  return new BankError('JUDGEMENT_UNAVAILABLE', { retry_after_s: RETRY_AFTER_S });
}

function tooMany(count: number): BankError {
  return new BankError('VALIDATION_FAILED', {
    errors: [
      {
        field: 'items',
        message: `${count} of them are of large amounts; a batch may have ${ASKED_MAX} of these at most`,
      },
    ],
  });
}

/**
 * What is posted for an item by this judgement. Without one, what a transfer brings is held. What is to be held and leaves the bank is
 * refused; a payment is posted, because the bank settles it with the merchant days later.
 */
function decided(item: PostingItem, judgement: Prejudgement | null): PostingItem[] {
  const isRefused =
    judgement?.decision === 'decline' ||
    (judgement?.decision === 'hold' && NEVER_UNJUDGED.includes(item.type));
  if (isRefused && judgement) return [{ ...item, ...refusal(judgement) }];
  const isHeld = item.type === 'transfer' && judgement?.decision !== 'post';
  return isHeld ? [item, heldItem(item)] : [item];
}

/** The key of a step of this request, and the hash of the request, so that a key that is used anew is found out at the first step. */
function step(item: PostingItem, name: string): Pick<PostingItem, 'key' | 'hash'> {
  return { key: idempotencyKey('prejudgement', `${item.key}/${name}`), hash: requestHash([item.hash, name]) };
}

function reserveItem(item: PostingItem, attempt: number): PostingItem {
  return {
    ...step(item, `reserve/${attempt}`),
    type: 'hold',
    debit: item.debit,
    amount: item.amount,
    currency: item.currency,
    owner: item.owner,
    actor: item.actor,
    channel: BANK_CHANNEL,
    description: 'Reserved while it is looked at',
    expires_us: (Date.now() + RESERVE_MS) * 1_000,
  };
}

function freeItem(item: PostingItem, hold: string, branch: 'judged' | 'held' | 'given back'): PostingItem {
  return { ...step(item, `free/${hold}/${branch}`), type: 'void', hold, actor: item.actor };
}

function heldItem(item: PostingItem): PostingItem {
  return {
    ...step(item, 'held'),
    type: 'hold',
    debit: item.credit,
    amount: item.amount,
    currency: item.currency,
    channel: BANK_CHANNEL,
    description: 'Held until it was looked at',
    expires_us: EARLY_HOLD_UNTIL_US,
  };
}

function refusal({
  risk_score,
  rules,
  reasons,
}: Prejudgement): Pick<
  PostingItem,
  'declined_reason' | 'declined_rules' | 'declined_risk' | 'declined_reasons'
> {
  return {
    declined_reason: `risk ${risk_score.toFixed(4)}, judged before it was posted`,
    declined_rules: rules,
    declined_risk: risk_score,
    declined_reasons: reasons,
  };
}

function proposalOf(item: PostingItem): ProposedTransaction {
  return {
    // The transaction that a hold becomes.
    type: item.type === 'hold' ? 'capture' : (item.type as ProposedTransaction['type']),
    debit: item.debit ?? '',
    credit: item.credit ?? null,
    amount: String(item.amount),
    currency: item.currency ?? '',
    merchant: item.merchant ?? null,
    channel: item.channel ?? null,
    actor: item.actor ?? null,
    description: item.description ?? null,
    effective_us: item.effective_us ?? null,
  };
}
