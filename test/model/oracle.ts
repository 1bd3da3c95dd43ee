import { malformed, sidesOf, type Side } from './item-rules';
import { LimitBook, type MinorPerDollar, type Payment } from './limits';
import type { Account, Answer, Declined, Hold, Item, Known, Transaction } from './types';

/** Codes that leave the key free: the same request may be sent again and be decided anew. */
const NOT_REMEMBERED = ['INVALID_ITEM', 'JOURNAL_UNBALANCED', 'IDEMPOTENCY_KEY_REUSED', 'HOLD_NOT_EXPIRED'];
/** What the bank does to put things right passes blocks and reviews, and all but captures passes a freeze. */
const PUTS_RIGHT = ['void', 'expire', 'reversal', 'journal'];

/**
 * The bank as its documents describe it (docs/design, the header of sp_post_batch): a few maps in memory, one item after another.
 * Accounts of its own are called "cash USD", "card_settlement USD", …
 */
export class Oracle {
  readonly accounts = new Map<string, Account>();
  readonly holds = new Map<string, Hold>();
  readonly transactions = new Map<string, Transaction>();
  readonly keys = new Map<string, Known>();
  readonly declined: Declined[] = [];
  readonly blockedMerchants = new Set<string>();

  readonly limits: LimitBook;

  /** The worth of a currency's minor units, for limits; undefined: the bank keeps no books in it. */
  constructor(private readonly currencies: ReadonlyMap<string, MinorPerDollar>) {
    this.limits = new LimitBook(currencies);
  }

  account(name: string): Account {
    const account = this.accounts.get(name);
    if (!account) throw new Error(`the model knows no account ${name}`);
    return account;
  }

  available(name: string): bigint {
    const { balance, held, overdraft } = this.account(name);
    return balance - held + overdraft;
  }

  /**
   * The answers to a batch. A key that stands several times in it belongs to the first item of good form; those behind it are answered
   * like that one, or refused when their hash is another. One such refusal refuses the request it stands in.
   */
  post(batch: readonly Item[]): Answer[] {
    const answers = new Map<Item, Answer>();
    const firsts = firstsOf(batch);
    const isReused = (item: Item): boolean => {
      const owner = this.keys.get(item.key) ?? firsts.get(item.key);
      return malformed(item) === null && owner !== undefined && owner.hash !== item.hash;
    };
    const isRepeat = (item: Item): boolean =>
      malformed(item) === null && !this.keys.has(item.key) && firsts.get(item.key) !== item;
    // Both are judged by what was known before the batch.
    const refused = new Set(batch.filter(isReused).map((item) => item.request));
    const repeats = new Set(batch.filter((item) => !isReused(item) && isRepeat(item)));

    for (const request of requestsOf(batch)) {
      const [head] = request as [Item];
      const fresh = request.filter((item) => !repeats.has(item));
      if (refused.has(head.request))
        for (const item of request) answers.set(item, plain('IDEMPOTENCY_KEY_REUSED'));
      else if (head.linked === 1) this.postTogether(fresh, answers);
      else for (const item of fresh) answers.set(item, this.postAlone(item));
      for (const item of request)
        if (repeats.has(item) && !refused.has(head.request))
          answers.set(item, this.likeFirst(item, answers, firsts));
    }
    return batch.map((item) => answers.get(item) as Answer);
  }

  private likeFirst(item: Item, answers: Map<Item, Answer>, firsts: Map<string, Item>): Answer {
    const known = this.keys.get(item.key);
    if (known) return replay(known);
    const first = answers.get(firsts.get(item.key) as Item);
    return plain(first?.code ?? '');
  }

  private postAlone(item: Item): Answer {
    const bad = malformed(item);
    if (bad) return plain(bad);
    const known = this.keys.get(item.key);
    if (known) return replay(known);
    const code = this.ruleBroken(item) ?? this.conflict(item);
    if (code === null) return this.accept(item);
    this.decline(item, code);
    return plain(code);
  }

  /** All items or none: rules that need no funds are asked of all first, then funds, holds and originals in order. */
  private postTogether(items: Item[], answers: Map<Item, Answer>): void {
    const refusals = new Map<Item, string>();
    const fresh: Item[] = [];
    for (const item of items) {
      const bad = malformed(item);
      const known = bad ? undefined : this.keys.get(item.key);
      if (known) answers.set(item, replay(known));
      else fresh.push(item);
      const code = bad ?? known?.code ?? this.ruleBroken(item) ?? 'OK';
      if (code !== 'OK') refusals.set(item, code);
    }
    const undo = this.remember();
    if (refusals.size === 0) {
      for (const item of fresh) {
        const code = this.conflict(item);
        if (code !== null) {
          refusals.set(item, code);
          break;
        }
        answers.set(item, this.accept(item));
      }
    }
    if (refusals.size === 0) return;
    undo();
    const isForgotten = [...refusals.values()].some((code) => NOT_REMEMBERED.includes(code));
    for (const item of fresh) {
      const own = refusals.get(item);
      if (own || !isForgotten) this.decline(item, own ?? 'LINKED_FAILED');
      answers.set(item, plain(own ?? 'LINKED_FAILED'));
    }
  }

  /** What does not depend on the items before this one, in the documented order of the codes. */
  private ruleBroken(item: Item): string | null {
    const { type, declined_reason, declined_rules, currency, owner, when } = item;
    if (declined_reason !== undefined) return declined_rules ? 'RISK_DECLINED' : 'EXTERNALLY_DECLINED';
    if (currency !== undefined && !this.currencies.has(currency)) return 'UNKNOWN_CURRENCY';
    if (item.hold !== undefined) {
      const hold = this.holds.get(item.hold);
      // What the bank holds for a review is no hold of the customer's own, and nobody captures it.
      const isForReview = hold?.channel === 'risk' && (owner !== undefined || type === 'capture');
      if (!hold || isForReview) return 'HOLD_NOT_FOUND';
    }
    if (item.original !== undefined && !this.transactions.has(item.original)) return 'TRANSACTION_NOT_FOUND';

    const sides = this.sides(item);
    const accounts = sides.map((side) => this.accounts.get(side.account));
    const isMissing = (side: Side, account: Account | undefined): boolean =>
      !account ||
      (side.is_customer && account.owner === null) ||
      (side.is_owned && owner !== undefined && account.owner !== owner);
    if (sides.some((side, index) => isMissing(side, accounts[index]))) return 'ACCOUNT_NOT_FOUND';
    if (accounts.some((account) => account?.status === 'closed')) return 'ACCOUNT_CLOSED';
    const passesFreeze = PUTS_RIGHT.includes(type) || isBanksOwnHold(item);
    if (accounts.some((account) => account?.status === 'frozen') && !passesFreeze) return 'ACCOUNT_FROZEN';
    if (accounts.some((account) => account?.currency !== this.currencyOf(item))) return 'CURRENCY_MISMATCH';
    const blocked = this.blockOf(item, sides);
    if (blocked) return blocked;
    if (when === 'far') return 'EFFECTIVE_IN_FUTURE';
    if (when === 'closed') return 'PERIOD_CLOSED';
    if (type === 'reversal' && this.transactions.get(item.original ?? '')?.type === 'reversal')
      return 'NOT_REVERSIBLE';
    return null;
  }

  private blockOf(item: Item, sides: Side[]): string | null {
    if (PUTS_RIGHT.includes(item.type) || isBanksOwnHold(item)) return null;
    const merchant = item.merchant ?? this.holds.get(item.hold ?? '')?.merchant;
    if (merchant !== undefined && this.blockedMerchants.has(merchant)) return 'BLOCKED';
    if (sides.some((side) => this.account(side.account).blocked)) return 'BLOCKED';
    const takes = sides.filter((side) => side.amount < 0n || side.held > 0n);
    return takes.some((side) => this.account(side.account).under_review) ? 'ACCOUNT_UNDER_REVIEW' : null;
  }

  /** What depends on the items before this one: holds and originals that were taken, and funds. */
  private conflict(item: Item): string | null {
    const hold = this.holds.get(item.hold ?? '');
    if (hold) {
      if (hold.status !== 'active' || (item.type === 'capture' && hold.has_expired)) return 'HOLD_NOT_ACTIVE';
      if (item.type === 'expire' && !hold.has_expired) return 'HOLD_NOT_EXPIRED';
      if (item.type === 'capture' && (item.amount ?? 0n) > hold.amount) return 'CAPTURE_EXCEEDS_HOLD';
    }
    if (item.type === 'reversal' && this.transactions.get(item.original ?? '')?.reversed_by)
      return 'ALREADY_REVERSED';
    const isShort = (side: Side): boolean => {
      const asked = side.amount - side.held;
      return (
        asked < 0n && this.account(side.account).owner !== null && this.available(side.account) + asked < 0n
      );
    };
    const payment = this.paymentOf(item);
    const passed = payment && this.limits.passedBy(payment, item.key);
    if (passed) return passed;
    return this.sides(item).some(isShort) ? 'INSUFFICIENT_FUNDS' : null;
  }

  /** What limits are for: what a customer himself sends to others, or sets aside for them. */
  private paymentOf({
    type,
    owner,
    debit,
    credit,
    amount,
    currency,
    channel,
    merchant,
  }: Item): Payment | null {
    const isHold = type === 'hold' && channel !== 'risk';
    if (owner === undefined || (!isHold && !['withdrawal', 'transfer', 'payment'].includes(type)))
      return null;
    const receiver = type === 'transfer' ? this.account(credit ?? '').owner : null;
    if (receiver === owner || this.account(debit ?? '').owner !== owner) return null;
    const party = receiver ?? (type === 'transfer' ? null : (merchant ?? null));
    return { user: owner, party, amount: amount ?? 0n, currency: currency ?? '' };
  }

  private accept(item: Item): Answer {
    const sides = this.sides(item);
    const transaction = ['hold', 'void', 'expire'].includes(item.type) ? null : `t${this.transactions.size}`;
    const legs = sides.map((side) => {
      const account = this.account(side.account);
      account.balance += side.amount;
      account.held += side.held;
      const after = { balance: account.balance, available: this.available(side.account) };
      if (transaction !== null)
        account.entries = [...account.entries, { transaction, amount: side.amount, ...after }];
      return { account: side.account, is_entry: side.amount !== 0n, amount: side.amount, ...after };
    });
    const amount = this.amountOf(item, sides);
    const hold = item.type === 'hold' ? this.addHold(item) : this.endHold(item, amount);
    if (transaction !== null) {
      this.transactions.set(transaction, {
        type: item.type,
        currency: this.currencyOf(item),
        amount,
        legs: sides.map((side) => ({ account: side.account, amount: side.amount })),
        reversed_by: null,
      });
      const original = this.transactions.get(item.original ?? '');
      if (original) original.reversed_by = transaction;
    }
    const payment = this.paymentOf(item);
    if (payment) this.limits.count(payment);
    this.keys.set(item.key, { hash: item.hash, code: 'OK', transaction, hold });
    return { ...plain('OK'), transaction, hold, amount, currency: this.currencyOf(item), legs };
  }

  private addHold(item: Item): string {
    const name = `h${this.holds.size}`;
    this.holds.set(name, {
      account: item.debit ?? '',
      amount: item.amount ?? 0n,
      captured: 0n,
      status: 'active',
      has_expired: item.expires === 'gone',
      merchant: item.merchant,
      channel: item.channel,
    });
    return name;
  }

  private endHold(item: Item, amount: bigint): string | null {
    const hold = this.holds.get(item.hold ?? '');
    if (!hold) return null;
    hold.status = item.type === 'capture' ? 'captured' : item.type === 'void' ? 'voided' : 'expired';
    if (item.type === 'capture') hold.captured = amount;
    return item.hold ?? null;
  }

  private decline(item: Item, code: string): void {
    if (NOT_REMEMBERED.includes(code)) return;
    this.keys.set(item.key, { hash: item.hash, code, transaction: null, hold: null });
    const hold = this.holds.get(item.hold ?? '');
    const channel = item.channel ?? (item.type === 'void' ? hold?.channel : undefined);
    // The bank's own holds and releases are nobody's request; a customer who asks for such a release is listed.
    const isBanksOwn = item.type === 'hold' || (item.type === 'void' && item.owner === undefined);
    if (channel === 'risk' && isBanksOwn) return;
    const asking = hold?.account ?? (['deposit', 'refund'].includes(item.type) ? item.credit : item.debit);
    const account = this.accounts.get(asking ?? '');
    const isTheirs = account && (item.owner === undefined || account.owner === item.owner);
    this.declined.push({
      type: item.type,
      code,
      account: isTheirs ? (asking ?? null) : null,
      actor: item.actor,
    });
  }

  private sides(item: Item): Side[] {
    return sidesOf(
      item,
      this.holds.get(item.hold ?? ''),
      this.transactions.get(item.original ?? ''),
      (name) => this.accounts.get(name),
    );
  }

  /** Operations on holds and reversals take the currency of what they refer to. */
  private currencyOf(item: Item): string {
    const hold = this.holds.get(item.hold ?? '');
    const original = this.transactions.get(item.original ?? '');
    return (hold ? this.account(hold.account).currency : original?.currency) ?? item.currency ?? '';
  }

  private amountOf(item: Item, sides: Side[]): bigint {
    const hold = this.holds.get(item.hold ?? '');
    if (item.type === 'capture') return item.amount ?? hold?.amount ?? 0n;
    if (item.type === 'journal')
      return sides.reduce((sum, { amount }) => (amount > 0n ? sum + amount : sum), 0n);
    return hold?.amount ?? this.transactions.get(item.original ?? '')?.amount ?? item.amount ?? 0n;
  }

  /** Remembers everything as it is now; what it answers puts it back. */
  private remember(): () => void {
    const maps = [this.accounts, this.holds, this.transactions, this.keys, this.limits.used] as Map<
      string,
      object
    >[];
    const copies = maps.map((map) => [...map].map(([name, state]) => [name, { ...state }] as const));
    return () => {
      for (const [index, map] of maps.entries()) {
        map.clear();
        for (const [name, state] of copies[index] ?? []) map.set(name, state);
      }
    };
  }
}

/** What the bank holds for a review, on nobody's request. */
function isBanksOwnHold({ type, owner, channel }: Item): boolean {
  return type === 'hold' && owner === undefined && channel === 'risk';
}

function plain(code: string): Answer {
  return { code, is_replayed: false, transaction: null, hold: null, amount: null, currency: null, legs: [] };
}

function replay({ code, transaction, hold }: Known): Answer {
  return { ...plain(code), is_replayed: true, transaction, hold };
}

/** The first item of good form of each key. */
function firstsOf(batch: readonly Item[]): Map<string, Item> {
  const firsts = new Map<string, Item>();
  for (const item of batch) if (malformed(item) === null && !firsts.has(item.key)) firsts.set(item.key, item);
  return firsts;
}

/** The items of each request, whose items stand together. */
function requestsOf(batch: readonly Item[]): Item[][] {
  const requests = new Map<number, Item[]>();
  for (const item of batch) requests.set(item.request, [...(requests.get(item.request) ?? []), item]);
  return [...requests.values()];
}
