import type { Queries } from '../database';
import {
  idempotencyKey,
  type PostingCode,
  type PostingItem,
  type PostingQueue,
  requestHash,
} from '../posting';
import { AlertLedger, type AlertToAct, type KnownAnswer } from './alert-ledger';

/** What came back of a confirmed fraud. */
export interface Recovery {
  /** Minor units. */
  recovered_minor: bigint;
  transaction_id: string | null;
  /** OK: all of it; otherwise why not. */
  code: PostingCode;
}

/** How often funds may go between looking and posting before we make do with what we have. */
const MAX_ATTEMPTS = 20;
/** The last day that a hold can have: it ends with a decision. */
const REVIEWED_US = Date.UTC(2199, 11, 31) * 1000;
/** Channels that mark the bank's own answers to an alert: owners have no power over such holds, such journals raise no alert. */
const HOLD_CHANNEL = 'risk';
const RECOVERY_CHANNEL = 'recovery';

const SHORT: KnownAnswer = { code: 'INSUFFICIENT_FUNDS', transaction_id: null, hold_id: null };
/** Refusals that say: look again, something moved in between. */
const LOOK_AGAIN: readonly PostingCode[] = ['INSUFFICIENT_FUNDS', 'LINKED_FAILED'];
/** Outcomes of a recovery after which nothing needs to stay held. */
const OVER: readonly PostingCode[] = ['OK', 'INSUFFICIENT_FUNDS', 'ALREADY_REVERSED'];

/**
 * What follows from an alert, and from its decision. Every step may be repeated by anyone at any time and has one effect: postings
 * go under keys that derive from the transaction and the number of the attempt, of which only the last can have succeeded, and the
 * procedures look at the alert's state. So a crash loses nothing, and several workers and the API may be at one alert at once.
 */
export class AlertActions {
  private readonly ledger: AlertLedger;

  constructor(
    private readonly queries: Queries,
    private readonly postings: PostingQueue,
  ) {
    this.ledger = new AlertLedger(queries);
  }

  /** Does what the alert's state calls for. Answers whether there was anything to do. */
  async advance(alertId: string): Promise<boolean> {
    const alert = await this.ledger.alert(alertId);
    if (!alert || alert.actions_state === 'none' || alert.actions_state === 'done') return false;
    if (alert.actions_state === 'pending') await this.finish(alert, await this.hold(alert));
    else await this.settle(alert, await this.undo(alert));
    return true;
  }

  /** Holds what is still there of the money: once, and never more than was credited. What was held with the posting is that hold. */
  async hold(alert: AlertToAct): Promise<KnownAnswer> {
    const early = isHoldable(alert) ? await this.ledger.earlyHold(alert) : undefined;
    if (early) return early;
    for (let attempt = 0; isHoldable(alert) && attempt < MAX_ATTEMPTS; attempt += 1) {
      const item = holdItem(alert, attempt);
      const known = await this.ledger.answerTo(item.key);
      const own = await this.ledger.ownFundsOf(item.debit);
      const amount = own < alert.credited_minor ? own : alert.credited_minor;
      if (!known && amount <= 0n) break;
      const answer = known ?? (await this.post({ ...item, amount, expires_us: REVIEWED_US }));
      if (!LOOK_AGAIN.includes(answer.code)) return answer;
    }
    return SHORT;
  }

  /** Blocks the sender and writes down what was held; nothing when the alert was decided in between. */
  async finish(alert: AlertToAct, { code, hold_id }: KnownAnswer): Promise<void> {
    await this.queries.call('sp_finish_alert_actions', [
      alert.alert_id,
      code === 'OK' ? hold_id : null,
      code,
    ]);
  }

  /** The postings of a decision: the hold is given back, or goes into the reversal. */
  async undo(alert: AlertToAct): Promise<Recovery | null> {
    const holdId = await this.lastHold(alert);
    const recovery = alert.is_reversal_wanted ? await this.recover(alert, holdId) : null;
    // Money that is there and cannot go back stays held, for a person to see.
    if (holdId !== null && (recovery === null || OVER.includes(recovery.code)))
      await this.release(alert, holdId);
    return recovery;
  }

  /** Lifts the block, freezes after a confirmed fraud, and ends the alert's consequences. */
  async settle(alert: AlertToAct, recovery: Recovery | null): Promise<void> {
    await this.queries.call('sp_settle_alert', [
      alert.alert_id,
      recovery?.recovered_minor ?? null,
      recovery?.transaction_id ?? null,
      recovery?.code ?? null,
    ]);
  }

  /**
   * The alert's hold, with the door shut behind it: where none is written down, a worker may be about to post one. Using the next
   * attempt's key up for a refusal makes that impossible.
   */
  private async lastHold(alert: AlertToAct): Promise<string | null> {
    if (alert.hold_id !== null) return alert.hold_id;
    // One that came with the posting may stand whatever the verdict called for.
    const early = alert.credited_minor > 0n ? await this.ledger.earlyHold(alert) : undefined;
    if (early) return early.hold_id;
    for (let attempt = 0; isHoldable(alert) && attempt < MAX_ATTEMPTS; attempt += 1) {
      const item = holdItem(alert, attempt);
      const answer =
        (await this.ledger.answerTo(item.key)) ??
        (await this.post({
          ...item,
          amount: alert.credited_minor,
          declined_reason: 'decided before it was held',
        }));
      if (!LOOK_AGAIN.includes(answer.code)) return answer.code === 'OK' ? answer.hold_id : null;
    }
    return null;
  }

  private async release(alert: AlertToAct, holdId: string): Promise<void> {
    const { code } = await this.post(voidItem(alert, holdId, `risk-release-${alert.transaction_id}`));
    // Not active: it went into the reversal, or a person gave it back.
    if (code !== 'OK' && code !== 'HOLD_NOT_ACTIVE')
      throw new Error(`hold ${holdId} of alert ${alert.alert_id} could not be released: ${code}`);
  }

  /** All of the money where it is there, what is left of it otherwise. */
  private async recover(alert: AlertToAct, holdId: string | null): Promise<Recovery> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const main = keyOf(`risk-recover-${alert.transaction_id}-${attempt}`);
      let answer = await this.ledger.answerTo(main.key);
      if (!answer) {
        const items = await this.recoveryItems(alert, holdId, attempt, main);
        if (items.length === 0) break;
        answer = await this.post(...items);
      }
      if (answer.code === 'OK') return this.recovered(alert, answer);
      if (!LOOK_AGAIN.includes(answer.code))
        return { recovered_minor: 0n, transaction_id: null, code: answer.code };
    }
    return { recovered_minor: 0n, transaction_id: null, code: SHORT.code };
  }

  /** What brings the money back, behind what frees the part that is held; nothing when there is no money. */
  private async recoveryItems(
    alert: AlertToAct,
    holdId: string | null,
    attempt: number,
    main: Key,
  ): Promise<PostingItem[]> {
    const { credit_account_id: receiver, transaction_id, reference_id, currency } = alert;
    const reversal: PostingItem = {
      ...main,
      type: 'reversal',
      original: transaction_id,
      actor: actorOf(alert),
      description: `Fraud confirmed: ${reference_id}`,
    };
    if (receiver === null) return [reversal];
    const held = await this.ledger.heldBy(holdId);
    const freed =
      holdId !== null && held > 0n ? [voidItem(alert, holdId, `risk-free-${transaction_id}-${attempt}`)] : [];
    // Own money alone: out of an overdraft it would be the bank's.
    const there = (await this.ledger.ownFundsOf(receiver)) + held;
    if (there >= alert.credited_minor) return [...freed, reversal];
    const source = await this.ledger.sourceOf(transaction_id);
    if (there <= 0n || source === undefined) return [];
    const journal: PostingItem = {
      ...main,
      type: 'journal',
      currency,
      legs: [
        { account: receiver, amount: -there },
        { account: source, amount: there },
      ],
      channel: RECOVERY_CHANNEL,
      actor: actorOf(alert),
      description: `Recovered of ${reference_id}`,
    };
    return [...freed, journal];
  }

  private async recovered(alert: AlertToAct, { transaction_id }: KnownAnswer): Promise<Recovery> {
    const recovered_minor = await this.ledger.amountOf(transaction_id);
    return {
      recovered_minor,
      transaction_id,
      code: recovered_minor < alert.amount_minor ? SHORT.code : 'OK',
    };
  }

  /** Posts the items, all or none. Answers for the last one. */
  private async post(...items: PostingItem[]): Promise<KnownAnswer> {
    const outcome = (await this.postings.submit(items, items.length > 1)).at(-1);
    if (!outcome) throw new Error('sp_post_batch answered nothing for an item');
    return { code: outcome.code, transaction_id: outcome.transaction_id, hold_id: outcome.hold_id };
  }
}

type Key = Pick<PostingItem, 'key' | 'hash'>;

/** The hash does not depend on the amount: whoever repeats an attempt, with whatever is there by then, gets its answer. */
function keyOf(name: string): Key {
  return { key: idempotencyKey('worker', name), hash: requestHash(name) };
}

function isHoldable(alert: AlertToAct): boolean {
  return alert.is_acting && alert.credit_account_id !== null && alert.credited_minor > 0n;
}

function holdItem(alert: AlertToAct, attempt: number): PostingItem & { debit: string } {
  return {
    ...keyOf(`risk-hold-${alert.transaction_id}-${attempt}`),
    type: 'hold',
    debit: alert.credit_account_id ?? '',
    currency: alert.currency,
    channel: HOLD_CHANNEL,
    description: `Held for a review of ${alert.reference_id}`,
  };
}

function voidItem(alert: AlertToAct, hold: string, name: string): PostingItem {
  return { ...keyOf(name), type: 'void', hold, actor: actorOf(alert) };
}

function actorOf(alert: AlertToAct): string | undefined {
  return alert.determined_by ?? undefined;
}
