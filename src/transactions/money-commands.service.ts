import { Injectable } from '@nestjs/common';
import { AccountDirectory, type AccountIdentity } from '../accounts/account-directory';
import { CurrenciesService } from '../accounts/currencies.service';
import { hasPermission } from '../auth/permissions';
import type { Outgoing } from '../auth/pin.service';
import { BankError } from '../errors';
import { microsecondsOf } from '../http/fields';
import type { Principal } from '../http/request-context';
import { type Merchant, MerchantsService } from '../merchants/merchants.service';
import type { PostingItem } from '../posting';
import type { MoneyCommand } from './dto/money-request.dto';
import { TransactionsRepository } from './transactions.repository';

/** A posting item without its keys. */
export type UnkeyedItem = Omit<PostingItem, 'key' | 'hash'>;

/** What a command asks for, before it is known that it may be posted. */
export interface Draft {
  item: UnkeyedItem;
  /** Written down only when the request goes on to be posted. */
  merchant?: Merchant | undefined;
  /** What the PIN guards. */
  outgoing?: Outgoing;
}

/** Where a command stands, for its errors, and whether its key was decided before. */
export interface DraftContext {
  /** Prefix of field names in errors, such as "items.3." */
  path: string;
  isRepeat(): Promise<boolean>;
}

/** No account has this id: what goes to an account number that nobody has is declined under it. */
const NO_ACCOUNT = '18446744073709551615';

type DatedCommand = Extract<MoneyCommand, { effective_at?: string | undefined }>;

/** Translates what clients ask into posting items: whose account, which currency, how many minor units. */
@Injectable()
export class MoneyCommandsService {
  constructor(
    private readonly directory: AccountDirectory,
    private readonly currencies: CurrenciesService,
    private readonly merchants: MerchantsService,
    private readonly transactions: TransactionsRepository,
  ) {}

  /** Reads the caller's accounts that many commands name at once, so that drafting them asks for none. */
  async lookUpAccounts(principal: Principal, commands: readonly MoneyCommand[]): Promise<void> {
    const ids = new Set(commands.map(ownAccount).filter((id) => id !== undefined));
    await Promise.allSettled([...ids].map((id) => this.directory.ownedBy(principal, id)));
  }

  /** @throws BankError when the request cannot become a posting item; nothing is remembered of it */
  async draft(principal: Principal, command: MoneyCommand, context: DraftContext): Promise<Draft> {
    const { path } = context;
    const who = {
      owner: this.directory.ownerFor(principal),
      actor: principal.user_id,
      description: command.description,
    };
    switch (command.type) {
      case 'deposit':
      case 'withdrawal': {
        const { account, amount } = await this.side(principal, command, command.account_id, path);
        const side =
          command.type === 'deposit' ? { credit: account.account_id } : { debit: account.account_id };
        const item = { ...who, ...side, type: command.type, amount, effective_us: microseconds(command) };
        return command.type === 'deposit'
          ? { item: { ...item, currency: account.currency } }
          : this.outgoing(account, amount, item);
      }
      case 'transfer':
        return this.transfer(principal, command, who, path);
      case 'payment':
      case 'hold': {
        const { account, amount } = await this.side(principal, command, command.account_id, path);
        const draft = this.outgoing(account, amount, {
          ...who,
          type: command.type,
          debit: account.account_id,
          amount,
          channel: command.channel,
          ...(command.type === 'hold'
            ? { expires_us: await expiry(command.expires_at, context) }
            : { effective_us: microseconds(command) }),
        });
        return { ...draft, merchant: command.merchant };
      }
      case 'capture':
        return this.capture(principal, command, who, path);
      case 'void':
        // What is held for a review ends with the decision, which is written down. Owners do not even see such holds.
        if (who.owner === undefined && (await this.transactions.isKeptByAlert(command.hold_id)))
          throw new BankError('HOLD_UNDER_REVIEW');
        return { item: { ...who, type: 'void', hold: command.hold_id } };
      case 'reversal':
        // The route's permission covers a single reversal; in a batch the item itself must be allowed.
        if (!hasPermission(principal.role, 'ledger:post_any'))
          throw new BankError('FORBIDDEN', { detail: 'Reversals are for staff' });
        return { item: { ...who, owner: undefined, type: 'reversal', original: command.transaction_id } };
    }
  }

  /** The item to post: the one thing that is written before, a merchant nobody paid yet, is written here. */
  async complete({ item, merchant }: Draft): Promise<UnkeyedItem> {
    return merchant ? { ...item, merchant: await this.merchants.idOf(merchant) } : item;
  }

  private async transfer(
    principal: Principal,
    command: Extract<MoneyCommand, { type: 'transfer' }>,
    who: Pick<PostingItem, 'owner' | 'actor' | 'description'>,
    path: string,
  ): Promise<Draft> {
    const { account: sender, amount } = await this.side(principal, command, command.sender_account_id, path);
    const field = `${path}receiver_account_number`;
    const credit =
      command.receiver_account_number === undefined
        ? command.receiver_account_id
        : ((await this.directory.receiverByNumber(command.receiver_account_number, field))?.account_id ??
          NO_ACCOUNT);
    if (credit === sender.account_id) throw new BankError('SAME_ACCOUNT');
    return this.outgoing(sender, amount, {
      ...who,
      type: 'transfer',
      debit: sender.account_id,
      credit,
      amount,
      effective_us: microseconds(command),
    });
  }

  private async capture(
    principal: Principal,
    command: Extract<MoneyCommand, { type: 'capture' }>,
    who: Pick<PostingItem, 'owner' | 'actor' | 'description'>,
    path: string,
  ): Promise<Draft> {
    const item = { ...who, type: 'capture' as const, hold: command.hold_id };
    if (command.amount === undefined) return { item };
    const hold = await this.transactions.holdIdentity(
      command.hold_id,
      this.directory.ownerFor(principal) ?? null,
    );
    if (!hold) throw new BankError('HOLD_NOT_FOUND');
    return {
      item: { ...item, amount: this.currencies.parse(command.amount, hold.currency, `${path}amount`) },
    };
  }

  /** The caller's account and the amount in its minor units. */
  private async side(
    principal: Principal,
    command: { amount: string | number; currency?: string | undefined },
    accountId: string,
    path: string,
  ): Promise<{ account: AccountIdentity; amount: bigint }> {
    const account = await this.directory.ownedBy(principal, accountId);
    if (command.currency !== undefined && command.currency !== account.currency) {
      throw new BankError('CURRENCY_MISMATCH', {
        errors: [{ field: `${path}currency`, message: `the account is kept in ${account.currency}` }],
      });
    }
    return { account, amount: this.currencies.parse(command.amount, account.currency, `${path}amount`) };
  }

  private outgoing({ currency }: AccountIdentity, amount: bigint, item: UnkeyedItem): Draft {
    return {
      item: { ...item, currency },
      outgoing: { currency, amount_minor: amount, exponent: this.currencies.exponent(currency) },
    };
  }
}

/** The account of the caller that a command names. */
export function ownAccount(command: MoneyCommand): string | undefined {
  if (command.type === 'transfer') return command.sender_account_id;
  return 'account_id' in command ? command.account_id : undefined;
}

/** The end of a hold. It lay ahead when the hold was asked for, which a late repeat of that request must not undo. */
async function expiry(expiresAt: string | undefined, context: DraftContext): Promise<number | undefined> {
  if (expiresAt === undefined) return undefined;
  if (new Date(expiresAt).getTime() <= Date.now() && !(await context.isRepeat())) {
    throw new BankError('VALIDATION_FAILED', {
      errors: [{ field: `${context.path}expires_at`, message: 'must lie in the future' }],
    });
  }
  return microsecondsOf(expiresAt);
}

function microseconds(command: DatedCommand): number | undefined {
  return command.effective_at === undefined ? undefined : microsecondsOf(command.effective_at);
}
