import { Injectable } from '@nestjs/common';
import { AccountDirectory, type AccountIdentity } from '../accounts/account-directory';
import { CurrenciesService } from '../accounts/currencies.service';
import { hasPermission } from '../auth/permissions';
import { BankError } from '../errors';
import type { Principal } from '../http/request-context';
import { MerchantsService } from '../merchants/merchants.service';
import type { PostingItem } from '../posting';
import type { MoneyCommand } from './dto/money-request.dto';
import { TransactionsRepository } from './transactions.repository';

/** A posting item without its keys, and what the PIN check needs to know of it. */
export interface Draft {
  item: Omit<PostingItem, 'key' | 'hash'>;
  exponent: number;
}

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

  /**
   * @param path prefix of field names in errors, such as "items.3."
   * @throws BankError when the request cannot become a posting item; nothing is remembered of it
   */
  async draft(principal: Principal, command: MoneyCommand, path = ''): Promise<Draft> {
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
        return this.sized(account, {
          ...who,
          ...side,
          type: command.type,
          amount,
          effective_us: microseconds(command),
        });
      }
      case 'transfer':
        return this.transfer(principal, command, who, path);
      case 'payment':
      case 'hold': {
        const { account, amount } = await this.side(principal, command, command.account_id, path);
        return this.sized(account, {
          ...who,
          type: command.type,
          debit: account.account_id,
          amount,
          channel: command.channel,
          merchant: command.merchant && (await this.merchants.idOf(command.merchant)),
          ...(command.type === 'hold'
            ? { expires_us: this.expiry(command.expires_at, path) }
            : { effective_us: microseconds(command) }),
        });
      }
      case 'capture':
        return this.capture(principal, command, who, path);
      case 'void':
        return { item: { ...who, type: 'void', hold: command.hold_id }, exponent: 0 };
      case 'reversal':
        // The route's permission covers a single reversal; in a batch the item itself must be allowed.
        if (!hasPermission(principal.role, 'ledger:post_any'))
          throw new BankError('FORBIDDEN', { detail: 'Reversals are for staff' });
        return {
          item: { ...who, owner: undefined, type: 'reversal', original: command.transaction_id },
          exponent: 0,
        };
    }
  }

  private async transfer(
    principal: Principal,
    command: Extract<MoneyCommand, { type: 'transfer' }>,
    who: Pick<PostingItem, 'owner' | 'actor' | 'description'>,
    path: string,
  ): Promise<Draft> {
    const { account: sender, amount } = await this.side(principal, command, command.sender_account_id, path);
    const credit =
      command.receiver_account_number === undefined
        ? command.receiver_account_id
        : (await this.directory.receiverByNumber(command.receiver_account_number)).account_id;
    if (credit === sender.account_id) throw new BankError('SAME_ACCOUNT');
    return this.sized(sender, {
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
    if (command.amount === undefined) return { item, exponent: 0 };
    const hold = await this.transactions.holdIdentity(
      command.hold_id,
      this.directory.ownerFor(principal) ?? null,
    );
    if (!hold) throw new BankError('HOLD_NOT_FOUND');
    return {
      item: { ...item, amount: this.currencies.parse(command.amount, hold.currency, `${path}amount`) },
      exponent: 0,
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
      throw new BankError('CURRENCY_MISMATCH', { detail: `The account is kept in ${account.currency}` });
    }
    return { account, amount: this.currencies.parse(command.amount, account.currency, `${path}amount`) };
  }

  private sized(account: AccountIdentity, item: Draft['item']): Draft {
    return {
      item: { ...item, currency: account.currency },
      exponent: this.currencies.exponent(account.currency),
    };
  }

  private expiry(expiresAt: string | undefined, path: string): number | undefined {
    if (expiresAt === undefined) return undefined;
    const ms = new Date(expiresAt).getTime();
    if (ms <= Date.now()) {
      throw new BankError('VALIDATION_FAILED', {
        errors: [{ field: `${path}expires_at`, message: 'must lie in the future' }],
      });
    }
    return ms * 1000;
  }
}

function microseconds(command: DatedCommand): number | undefined {
  return command.effective_at === undefined ? undefined : new Date(command.effective_at).getTime() * 1000;
}
