import type { BatchItem } from '../../src/posting';

/**
 * What sp_post_batch ought to answer, said plainly: one item after another, in memory, with nothing clever. Ids are those the
 * bank gave, told with `learn` once a batch is answered.
 */
export interface OracleAccount {
  userId: string | null;
  currency: string;
  status: 'active' | 'frozen' | 'closed';
  balance: bigint;
  held: bigint;
  overdraft: bigint;
}

interface OracleHold {
  account: string;
  currency: string;
  amount: bigint;
  isActive: boolean;
  hasExpired: boolean;
}

interface OracleTransaction {
  currency: string;
  isReversal: boolean;
  isReversed: boolean;
  moves: Move[];
}

/** What an item does to one account: signed amount, and change of what is held. */
interface Move {
  account: string;
  amount: bigint;
  held: bigint;
}

export interface Answer {
  code: string;
  is_replayed: boolean;
  /** Available funds of each account touched, right after the item, in the order of its legs. */
  available: bigint[];
}

const NOT_REMEMBERED = ['INVALID_ITEM', 'JOURNAL_UNBALANCED', 'IDEMPOTENCY_KEY_REUSED', 'HOLD_NOT_EXPIRED'];
const FOR_FROZEN = ['reversal', 'journal', 'void', 'expire'];
const MAX = 1_000_000_000_000n;

export class Oracle {
  readonly accounts = new Map<string, OracleAccount>();
  private readonly holds = new Map<string, OracleHold>();
  private readonly transactions = new Map<string, OracleTransaction>();
  private readonly keys = new Map<string, { hash: string; code: string }>();

  constructor(
    private readonly systemAccounts: (code: string, currency: string) => string | undefined,
    private readonly nowUs: () => number,
  ) {}

  available(account: string): bigint {
    const { balance, held, overdraft } = this.get(account);
    return balance - held + overdraft;
  }

  /** The answers to a batch. `learn` must be told the ids of what was accepted before the next one. */
  post(batch: readonly BatchItem[]): Answer[] {
    const answers: Answer[] = Array.from({ length: batch.length }, () => ({
      code: '',
      is_replayed: false,
      available: [],
    }));
    const wholeRequests = this.refuseReusedKeys(batch);
    for (const places of requestsOf(batch)) {
      const first = batch[places[0] ?? 0];
      if (first?.request && wholeRequests.has(first.request)) {
        for (const place of places)
          answers[place] = { code: 'IDEMPOTENCY_KEY_REUSED', is_replayed: false, available: [] };
      } else if (first?.linked === 1) this.postLinked(batch, places, answers);
      else for (const place of places) answers[place] = this.postItem(batch[place] as BatchItem);
    }
    return answers;
  }

  /** The ids that the bank gave to what an item made. */
  learn(item: BatchItem, holdId: string | null, transactionId: string | null): void {
    if (item.type === 'hold' && holdId !== null) {
      this.holds.set(holdId, {
        account: item.debit ?? '',
        currency: item.currency ?? '',
        amount: item.amount ?? 0n,
        isActive: true,
        hasExpired: item.expires_us !== undefined && item.expires_us <= this.nowUs(),
      });
    }
    if (transactionId !== null) {
      const moves = this.movesOf(item).filter((move) => move.amount !== 0n);
      this.transactions.set(transactionId, {
        currency: this.currencyOf(item),
        isReversal: item.type === 'reversal',
        isReversed: false,
        moves,
      });
    }
  }

  /** A key that is known, or stands earlier in the batch, with another hash: its whole request is refused. */
  private refuseReusedKeys(batch: readonly BatchItem[]): Set<number> {
    const seen = new Map<string, string>();
    const requests = new Set<number>();
    for (const item of batch) {
      // The legs of a journal are looked at only when its key has not been seen in the batch.
      if (item.type !== 'journal' && this.isMalformed(item)) continue;
      const isBad = this.malformed(item) !== null && !seen.has(item.key);
      const before = (isBad ? undefined : this.keys.get(item.key)?.hash) ?? seen.get(item.key);
      if (before !== undefined && before !== item.hash && item.request) requests.add(item.request);
      if (!seen.has(item.key)) seen.set(item.key, item.hash);
    }
    return requests;
  }

  private postItem(item: BatchItem): Answer {
    const refusal = this.malformed(item);
    if (refusal) return { code: refusal, is_replayed: false, available: [] };
    const known = this.keys.get(item.key);
    if (known) {
      if (known.hash !== item.hash)
        return { code: 'IDEMPOTENCY_KEY_REUSED', is_replayed: false, available: [] };
      return { code: known.code, is_replayed: true, available: [] };
    }
    const code = this.ruleBroken(item) ?? this.conflict(item) ?? 'OK';
    this.remember(item, code);
    return { code, is_replayed: false, available: code === 'OK' ? this.apply(item) : [] };
  }

  private postLinked(batch: readonly BatchItem[], places: number[], answers: Answer[]): void {
    const items = places.map((place) => batch[place] as BatchItem);
    if (items.every((item) => this.keys.has(item.key))) {
      for (const [index, place] of places.entries())
        answers[place] = this.postItem(items[index] as BatchItem);
      return;
    }
    const codes = items.map((item) => this.malformed(item) ?? this.ruleBroken(item) ?? '');
    const available = items.map((): bigint[] => []);
    const undo = this.snapshot();
    for (const [index, item] of items.entries()) {
      if (codes.some((code) => code !== '' && code !== 'OK')) break;
      codes[index] = this.conflict(item) ?? 'OK';
      if (codes[index] === 'OK') available[index] = this.apply(item);
    }
    if (codes.some((code) => code !== 'OK')) {
      undo();
      for (const [index, code] of codes.entries())
        if (code === '' || code === 'OK') codes[index] = 'LINKED_FAILED';
      available.fill([]);
    }
    const isForgotten = codes.some((code) => NOT_REMEMBERED.includes(code));
    for (const [index, place] of places.entries()) {
      if (!isForgotten || codes[index] !== 'LINKED_FAILED')
        this.remember(items[index] as BatchItem, codes[index] ?? '');
      answers[place] = { code: codes[index] ?? '', is_replayed: false, available: available[index] ?? [] };
    }
  }

  private remember(item: BatchItem, code: string): void {
    if (!NOT_REMEMBERED.includes(code)) this.keys.set(item.key, { hash: item.hash, code });
  }

  private isMalformed(item: BatchItem): boolean {
    const { type, amount, debit, credit, legs } = item;
    if (amount !== undefined && (amount <= 0n || amount > MAX)) return true;
    if (type === 'transfer') return debit === credit;
    if (type !== 'journal') return false;
    const accounts = new Set(legs?.map((leg) => leg.account));
    return !legs || legs.length < 2 || accounts.size !== legs.length || legs.some((leg) => leg.amount === 0n);
  }

  private malformed(item: BatchItem): string | null {
    if (this.isMalformed(item)) return 'INVALID_ITEM';
    const sum = (item.legs ?? []).reduce((total, leg) => total + leg.amount, 0n);
    return item.type === 'journal' && sum !== 0n ? 'JOURNAL_UNBALANCED' : null;
  }

  /** Rules that do not depend on the items before this one. */
  private ruleBroken(item: BatchItem): string | null {
    if (item.declined_reason !== undefined) return 'EXTERNALLY_DECLINED';
    if (item.currency !== undefined && this.systemAccounts('cash', item.currency) === undefined)
      return 'UNKNOWN_CURRENCY';
    if (item.hold !== undefined && !this.holds.has(item.hold)) return 'HOLD_NOT_FOUND';
    if (item.original !== undefined && !this.transactions.has(item.original)) return 'TRANSACTION_NOT_FOUND';
    const moves = this.movesOf(item);
    const accounts = moves.map((move) => this.accounts.get(move.account));
    const customers = this.customerSides(item);
    for (const [index, account] of accounts.entries()) {
      const isCustomerSide = customers.includes(moves[index]?.account ?? '');
      if (!account || (isCustomerSide && account.userId === null)) return 'ACCOUNT_NOT_FOUND';
      if (
        item.owner !== undefined &&
        this.ownerSides(item).includes(moves[index]?.account ?? '') &&
        account.userId !== item.owner
      ) {
        return 'ACCOUNT_NOT_FOUND';
      }
    }
    if (accounts.some((account) => account?.status === 'closed')) return 'ACCOUNT_CLOSED';
    if (!FOR_FROZEN.includes(item.type) && accounts.some((account) => account?.status === 'frozen'))
      return 'ACCOUNT_FROZEN';
    if (accounts.some((account) => account?.currency !== this.currencyOf(item))) return 'CURRENCY_MISMATCH';
    if (item.effective_us !== undefined && item.effective_us > this.nowUs() + 5 * 60_000_000)
      return 'EFFECTIVE_IN_FUTURE';
    if (item.type === 'reversal' && this.transactions.get(item.original ?? '')?.isReversal)
      return 'NOT_REVERSIBLE';
    return null;
  }

  /** What depends on the items before this one: holds and originals that are taken, and funds. */
  private conflict(item: BatchItem): string | null {
    const hold = this.holds.get(item.hold ?? '');
    if (hold) {
      if (!hold.isActive || (item.type === 'capture' && hold.hasExpired)) return 'HOLD_NOT_ACTIVE';
      if (item.type === 'expire' && !hold.hasExpired) return 'HOLD_NOT_EXPIRED';
      if (item.type === 'capture' && (item.amount ?? hold.amount) > hold.amount)
        return 'CAPTURE_EXCEEDS_HOLD';
    }
    if (item.type === 'reversal' && this.transactions.get(item.original ?? '')?.isReversed)
      return 'ALREADY_REVERSED';
    const isShort = this.movesOf(item).some(({ account, amount, held }) => {
      const asked = amount - held;
      return this.get(account).userId !== null && asked < 0n && this.available(account) + asked < 0n;
    });
    return isShort ? 'INSUFFICIENT_FUNDS' : null;
  }

  private apply(item: BatchItem): bigint[] {
    const moves = this.movesOf(item);
    for (const { account, amount, held } of moves) {
      const state = this.get(account);
      state.balance += amount;
      state.held += held;
    }
    const hold = this.holds.get(item.hold ?? '');
    if (hold) hold.isActive = false;
    const original = this.transactions.get(item.original ?? '');
    if (original) original.isReversed = true;
    return moves.map((move) => this.available(move.account));
  }

  private movesOf(item: BatchItem): Move[] {
    const { type, amount = 0n, debit = '', credit = '', currency = '' } = item;
    const pair = (from: string, to: string, moved: bigint): Move[] => [
      { account: from, amount: -moved, held: 0n },
      { account: to, amount: moved, held: 0n },
    ];
    const system = (code: string, of: string) => this.systemAccounts(code, of) ?? '';
    const hold = this.holds.get(item.hold ?? '');
    if (type === 'deposit') return pair(system('cash', currency), credit, amount);
    if (type === 'withdrawal') return pair(debit, system('cash', currency), amount);
    if (type === 'refund') return pair(system('card_settlement', currency), credit, amount);
    if (type === 'payment') return pair(debit, system('card_settlement', currency), amount);
    if (type === 'transfer') return pair(debit, credit, amount);
    if (type === 'hold') return [{ account: debit, amount: 0n, held: amount }];
    if (type === 'journal') return (item.legs ?? []).map((leg) => ({ ...leg, held: 0n }));
    if (type === 'reversal') {
      const moves = this.transactions.get(item.original ?? '')?.moves ?? [];
      return moves.map((move) => ({ account: move.account, amount: -move.amount, held: 0n }));
    }
    if (!hold) return [];
    if (type !== 'capture') return [{ account: hold.account, amount: 0n, held: -hold.amount }];
    const [from, to] = pair(
      hold.account,
      system('card_settlement', hold.currency),
      item.amount ?? hold.amount,
    ) as [Move, Move];
    return [{ ...from, held: -hold.amount }, to];
  }

  private currencyOf(item: BatchItem): string {
    return (
      this.holds.get(item.hold ?? '')?.currency ??
      this.transactions.get(item.original ?? '')?.currency ??
      item.currency ??
      ''
    );
  }

  private customerSides(item: BatchItem): string[] {
    const { type, debit = '', credit = '' } = item;
    if (type === 'transfer') return [debit, credit];
    if (type === 'deposit' || type === 'refund') return [credit];
    if (type === 'withdrawal' || type === 'payment' || type === 'hold') return [debit];
    return [];
  }

  private ownerSides(item: BatchItem): string[] {
    if (item.type === 'transfer') return [item.debit ?? ''];
    if (item.type === 'journal') return (item.legs ?? []).map((leg) => leg.account);
    const hold = this.holds.get(item.hold ?? '');
    return hold ? [hold.account] : this.customerSides(item);
  }

  private get(account: string): OracleAccount {
    const state = this.accounts.get(account);
    if (!state) throw new Error(`the oracle knows no account ${account}`);
    return state;
  }

  /** Puts everything back as it is now. */
  private snapshot(): () => void {
    const accounts = [...this.accounts].map(([id, state]) => [id, { ...state }] as const);
    const holds = [...this.holds].map(([id, state]) => [id, { ...state }] as const);
    const transactions = [...this.transactions].map(([id, state]) => [id, { ...state }] as const);
    return () => {
      for (const [id, state] of accounts) this.accounts.set(id, state);
      for (const [id, state] of holds) this.holds.set(id, state);
      for (const [id, state] of transactions) this.transactions.set(id, state);
    };
  }
}

/** The places of each request's items; an item without a request stands alone. */
function requestsOf(batch: readonly BatchItem[]): number[][] {
  const requests: number[][] = [];
  for (const [place, item] of batch.entries()) {
    const previous = batch[place - 1];
    if (item.request && previous?.request === item.request) requests.at(-1)?.push(place);
    else requests.push([place]);
  }
  return requests;
}
