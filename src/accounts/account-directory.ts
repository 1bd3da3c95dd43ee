import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { hasPermission } from '../auth/permissions';
import { BankError } from '../errors';
import type { Principal } from '../http/request-context';
import { AccountIdentitiesRepository, type AccountIdentityRow } from './account-identities.repository';
import { isAccountNumber, normaliseAccountNumber } from './account-number';
import { type AccountRow, AccountsRepository } from './accounts.repository';
import { GatheredLookup } from './gathered-lookup';

/** What never changes about an account. */
export interface AccountIdentity {
  account_id: string;
  currency: string;
}

const CACHE_SIZE = 30_000;

/**
 * Whose account is whose: the one place where ownership is decided before anything is read or asked for. Somebody else's
 * account and one that does not exist take the same query and get the same answer. (The posting procedure checks the owner
 * again, under the account's lock.)
 */
@Injectable()
export class AccountDirectory {
  private readonly byId = new LRUCache<string, AccountIdentityRow>({ max: CACHE_SIZE });
  private readonly byNumber = new LRUCache<string, AccountIdentityRow>({ max: CACHE_SIZE });
  private readonly idLookup: GatheredLookup<AccountIdentityRow>;
  private readonly numberLookup: GatheredLookup<AccountIdentityRow>;

  constructor(
    private readonly accounts: AccountsRepository,
    identities: AccountIdentitiesRepository,
  ) {
    this.idLookup = new GatheredLookup((ids) => identities.byId(ids));
    this.numberLookup = new GatheredLookup((numbers) => identities.byNumber(numbers));
  }

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

  /**
   * The account to move money from or to, of the caller. Only hits are remembered: a miss costs the same each time, whether the
   * account is somebody else's or nobody's. @throws BankError ACCOUNT_NOT_FOUND
   */
  async ownedBy(principal: Principal, accountId: string): Promise<AccountIdentity> {
    const owner = this.ownerFor(principal);
    const isTheirs = (account: AccountIdentityRow) => owner === undefined || account.user_id === owner;
    const known = this.byId.get(accountId);
    if (known && isTheirs(known)) return known;
    const account = await this.idLookup.find(accountId);
    if (!account || !isTheirs(account)) throw new BankError('ACCOUNT_NOT_FOUND');
    this.byId.set(accountId, account);
    return account;
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
    const account = await this.numberLookup.find(accountNumber);
    if (account) this.byNumber.set(accountNumber, account);
    return account;
  }
}
