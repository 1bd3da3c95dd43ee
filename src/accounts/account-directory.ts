import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { hasPermission } from '../auth/permissions';
import { BankError } from '../errors';
import type { Principal } from '../http/request-context';
import { isAccountNumber, normaliseAccountNumber } from './account-number';
import { type AccountRow, AccountsRepository } from './accounts.repository';

/** What never changes about an account. */
export interface AccountIdentity {
  account_id: string;
  currency: string;
}

const CACHE_SIZE = 100_000;

/**
 * Whose account is whose: the one place where ownership is decided before anything is read or asked for. Somebody else's
 * account and one that does not exist take the same query and get the same answer. (The posting procedure checks the owner
 * again, under the account's lock.)
 */
@Injectable()
export class AccountDirectory {
  private readonly owned = new LRUCache<string, AccountIdentity>({ max: CACHE_SIZE });
  private readonly byNumber = new LRUCache<string, AccountIdentity>({ max: CACHE_SIZE });

  constructor(private readonly accounts: AccountsRepository) {}

  /** user_id that must own what `principal` moves money from; undefined for staff who may post for anyone. */
  ownerFor(principal: Principal): string | undefined {
    return hasPermission(principal.role, 'ledger:post_any') ? undefined : principal.user_id;
  }

  /** The account as it is now. @throws BankError ACCOUNT_NOT_FOUND */
  async read(principal: Principal, accountId: string): Promise<AccountRow> {
    const owner = hasPermission(principal.role, 'accounts:read_all') ? null : principal.user_id;
    const account = await this.accounts.find(accountId, owner);
    if (!account) throw new BankError('ACCOUNT_NOT_FOUND');
    return account;
  }

  /** The account to move money from or to, of the caller. Only hits are remembered: a miss costs the same each time. */
  async ownedBy(principal: Principal, accountId: string): Promise<AccountIdentity> {
    const owner = this.ownerFor(principal);
    const cacheKey = `${owner ?? '*'} ${accountId}`;
    const known = this.owned.get(cacheKey);
    if (known) return known;
    const account = await this.accounts.find(accountId, owner ?? null);
    if (!account || account.user_id === null) throw new BankError('ACCOUNT_NOT_FOUND');
    const identity = { account_id: String(account.account_id), currency: account.currency };
    this.owned.set(cacheKey, identity);
    return identity;
  }

  /** A receiver by number; undefined when no customer's account has it. @throws BankError INVALID_ACCOUNT_NUMBER naming `field` */
  async receiverByNumber(text: string, field: string): Promise<AccountIdentity | undefined> {
    if (!isAccountNumber(text)) {
      throw new BankError('INVALID_ACCOUNT_NUMBER', {
        errors: [{ field, message: 'the check digits do not fit' }],
      });
    }
    const accountNumber = normaliseAccountNumber(text);
    const known = this.byNumber.get(accountNumber);
    if (known) return known;
    const account = await this.accounts.findByNumber(accountNumber);
    if (!account) return undefined;
    const identity = { account_id: String(account.account_id), currency: account.currency };
    this.byNumber.set(accountNumber, identity);
    return identity;
  }
}
