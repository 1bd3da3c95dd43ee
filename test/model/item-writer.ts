import { flawOf } from './flaws';
import type { History, RequestChoice, Step } from './history';
import type { Oracle } from './oracle';
import type { Item, Leg, Type } from './types';

const MOST_MINOR = 1_000_000_000_000n;
const WITH_CURRENCY: Type[] = ['deposit', 'refund', 'withdrawal', 'payment', 'transfer', 'hold', 'journal'];

/**
 * Turns the choices of a history into items, against what the model holds when the batch is sent. `seat` stands before the names of
 * what is the history's own.
 */
export class ItemWriter {
  private readonly requests: Item[][] = [];
  private count = 0;

  constructor(
    private readonly oracle: Oracle,
    private readonly seat: string,
    private readonly accounts: History['accounts'],
  ) {}

  /** Its requests are numbered from `firstRequest` on. */
  batch(choices: readonly RequestChoice[], firstRequest: number): Item[] {
    const batch: Item[] = [];
    for (const [index, choice] of choices.entries()) {
      const items = this.request(choice, batch).map((item) => ({ ...item, request: firstRequest + index }));
      batch.push(...items);
      this.requests.push(items);
    }
    return batch;
  }

  private request(choice: RequestChoice, batch: readonly Item[]): Item[] {
    if (choice.kind === 'new')
      return choice.steps.map((step) => ({ ...this.item(step), linked: choice.linked ? 1 : 0 }));
    if (choice.kind === 'item again') {
      const past = this.requests.flat();
      const item = past[choice.pick % Math.max(past.length, 1)];
      if (!item) return [this.item(choice.step)];
      const again: Item = choice.isOther ? this.otherUnder(item, choice.step) : item;
      return [{ ...again, linked: 0 }];
    }
    const items = this.requests[choice.pick % Math.max(this.requests.length, 1)];
    if (!items) return [this.item(choice.step)];
    const [head] = items as [Item];
    if (choice.change === 'all other')
      return items.map((item) => ({ ...this.otherUnder(item, choice.step), linked: head.linked }));
    if (choice.change === 'one other')
      return items.map((item, index) =>
        index === choice.step.pick % items.length
          ? { ...this.otherUnder(item, choice.step), linked: head.linked }
          : item,
      );
    // A client cannot send half of a linked request and then a longer one under the same keys at once: the queue keeps its order.
    const isInBatch = items.some((item) => batch.some((other) => other.key === item.key));
    if (choice.change === 'one more' && !isInBatch)
      return [...items, { ...this.item(choice.step), linked: head.linked }];
    return items;
  }

  /** Something else under the key of `item`. */
  private otherUnder(item: Item, step: Step): Item {
    return { ...this.item(step), key: item.key };
  }

  private item(step: Step): Item {
    const { twist } = step;
    const type = this.typeOf(step);
    this.count += 1;
    const item: Item = {
      key: `${this.seat}k${this.count}`,
      hash: `${this.seat}q${this.count}`,
      type,
      actor: this.user(0),
      request: 0,
      linked: 0,
      style: step.style,
    };
    this.fillSides(item, { ...step, type });
    const customer = this.customerOf(item);
    if (step.owner !== 'none' && !['reversal', 'journal'].includes(type)) {
      const owner = this.oracle.accounts.get(customer)?.owner ?? this.user(0);
      item.owner = step.owner === 'right' ? owner : owner === this.user(0) ? this.user(1) : this.user(0);
    }
    if (WITH_CURRENCY.includes(type)) item.currency = this.oracle.accounts.get(customer)?.currency ?? 'USD';
    if (!['void', 'expire', 'reversal', 'journal'].includes(type)) this.fillAmount(item, step, customer);
    if (twist.kind === 'flaw') item.flaw = flawOf(item, twist.pick);
    else this.fillTwist(item, step);
    return item;
  }

  /** Where there is no hold or transaction yet to speak of, one is made. */
  private typeOf({ type, twist }: Step): Type {
    if (twist.kind === 'nothing there') return type;
    if (['capture', 'void', 'expire'].includes(type) && this.holds().length === 0) return 'hold';
    return type === 'reversal' && this.transactions().length === 0 ? 'deposit' : type;
  }

  private fillSides(item: Item, step: Step): void {
    const { type, from, to, near, pick } = step;
    const debit = this.accountAt(from);
    const currency = this.oracle.account(debit).currency;
    const fellows = near ? this.names((account) => account.currency === currency) : this.names(() => true);
    const others = fellows.filter((name) => name !== debit);
    const credit = others[to % Math.max(others.length, 1)] ?? debit;
    if (['withdrawal', 'payment', 'hold', 'transfer'].includes(type)) item.debit = debit;
    if (['deposit', 'refund'].includes(type)) item.credit = debit;
    if (type === 'transfer') item.credit = credit;
    // Newer ones are likelier: they are mostly still open.
    const newest = (names: string[]) =>
      names.at(-1 - (pick % Math.max(Math.min(names.length, 1 + (pick % 7)), 1)));
    if (['capture', 'void', 'expire'].includes(type)) item.hold = newest(this.holds()) ?? 'no hold';
    if (type === 'reversal') item.original = newest(this.transactions()) ?? 'no transaction';
    if (type === 'journal') item.legs = this.legs(debit, credit, step);
  }

  private fillAmount(item: Item, { amount }: Step, customer: string): void {
    const held = this.oracle.holds.get(item.hold ?? '')?.amount;
    // Without an amount the whole hold is captured.
    if (item.type === 'capture' && amount.kind === 'most') return;
    if (amount.kind === 'small') item.amount = BigInt(amount.minor);
    else if (amount.kind === 'most') item.amount = MOST_MINOR;
    else {
      const all = held ?? (this.oracle.accounts.has(customer) ? this.oracle.available(customer) : 0n);
      const minor = all + BigInt(amount.more);
      item.amount = minor < 1n ? 1n : minor;
    }
  }

  private fillTwist(item: Item, { twist }: Step): void {
    if (twist.kind === 'currency' && item.currency !== undefined)
      item.currency = twist.currency === 'other' ? (item.currency === 'USD' ? 'EUR' : 'USD') : twist.currency;
    if (twist.kind === 'when') item.when = twist.when;
    if (twist.kind === 'expires' && item.type === 'hold') item.expires = twist.expires;
    if (twist.kind === 'declined') {
      item.declined_reason = 'Refused elsewhere';
      if (twist.byRules) item.declined_rules = ['velocity'];
    }
    if (twist.kind === 'merchant') item.merchant = twist.merchant;
    if (twist.kind === 'channel') item.channel = twist.channel;
    if (twist.kind === 'description') item.description = twist.description;
    if (twist.kind === 'side' && item[twist.side] !== undefined)
      item[twist.side] = twist.account === 'bank' ? `cash ${item.currency}` : 'nobody';
    if (twist.kind === 'nothing there') {
      if (item.hold !== undefined) item.hold = 'no hold';
      if (item.original !== undefined) item.original = 'no transaction';
    }
  }

  private legs(debit: string, credit: string, { amount, twist }: Step): Leg[] {
    const minor = amount.kind === 'small' ? BigInt(amount.minor) : amount.kind === 'most' ? MOST_MINOR : 7n;
    const { currency } = this.oracle.account(debit);
    const suspense = { account: `suspense ${currency}`, amount: 0n };
    const legs: Leg[] = [
      { account: debit, amount: -minor },
      { account: credit === debit ? suspense.account : credit, amount: minor },
    ];
    if (twist.kind !== 'legs') return legs;
    const strangers = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        account: `nobody ${index}`,
        amount: index % 2 ? 1n : -1n,
      }));
    switch (twist.legs) {
      case 'unbalanced':
        return [...legs.slice(0, 1), { ...(legs[1] as Leg), amount: minor + 1n }];
      case 'one':
        return legs.slice(0, 1);
      case 'none':
        return [];
      case 'zero':
        return [...legs, { ...suspense, account: `equity ${currency}` }];
      case 'twice':
        return [legs[0] as Leg, { account: debit, amount: minor }];
      case 'many':
        return strangers(100);
      case 'too many':
        return strangers(102);
      default:
        return legs.map((leg) => ({
          ...leg,
          amount: leg.amount * 3n + (leg.amount < 0n ? -MOST_MINOR : MOST_MINOR),
        }));
    }
  }

  /** The customer's account that an item is about. */
  private customerOf(item: Item): string {
    const hold = this.oracle.holds.get(item.hold ?? '');
    return hold?.account ?? item.legs?.[0]?.account ?? item.debit ?? item.credit ?? '';
  }

  /** Holds on the history's own accounts, oldest first. */
  private holds(): string[] {
    return [...this.oracle.holds].flatMap(([name, { account }]) =>
      account.startsWith(this.seat) ? [name] : [],
    );
  }

  private transactions(): string[] {
    return [...this.oracle.transactions].flatMap(([name, { legs }]) =>
      legs.some(({ account }) => account.startsWith(this.seat)) ? [name] : [],
    );
  }

  private user(index: number): string {
    return `${this.seat}u${index}`;
  }

  private accountAt(place: number): string {
    return `${this.seat}a${place % this.accounts.length}`;
  }

  private names(wanted: (account: { currency: string }) => boolean): string[] {
    return this.accounts
      .map((_, index) => this.accountAt(index))
      .filter((name) => wanted(this.oracle.account(name)));
  }
}
