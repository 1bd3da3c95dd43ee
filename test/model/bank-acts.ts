import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../../src/database';
import type { BankAct } from './history';
import type { Oracle } from './oracle';
import type { Names } from './wire';

interface Block {
  entryId: string;
  accounts: string[];
  isOver: boolean;
}

/** What staff does between batches to one history's accounts, in the bank and in the model. */
export class BankActs {
  private readonly blocks: Block[] = [];
  /** How often limits of a user's own were set. */
  private readonly revisions = new Map<string, number>();

  constructor(
    private readonly owner: Database,
    private readonly oracle: Oracle,
    private readonly names: Names,
    private readonly accountAt: (place: number) => string,
  ) {}

  async act(act: BankAct): Promise<void> {
    switch (act.kind) {
      case 'status':
        return this.setStatus(this.accountAt(act.account), act.status);
      case 'overdraft':
        return this.setOverdraft(this.accountAt(act.account), BigInt(act.limit));
      case 'review':
        return this.review(this.accountAt(act.account));
      case 'limits':
        return this.setLimits(act);
      case 'block':
        return this.block(this.accountAt(act.account), act.subject);
      default:
        return this.endBlock(act.pick, act.how);
    }
  }

  private async setStatus(name: string, status: 'active' | 'frozen' | 'closed'): Promise<void> {
    const account = this.oracle.account(name);
    const isEmpty = account.balance === 0n && account.held === 0n;
    if (account.status === 'closed' || (status === 'closed' && !isEmpty)) return;
    account.status = status;
    await this.owner.call('sp_set_account_status', [this.names.idOf('account', name), status]);
  }

  /** A limit below what is drawn is refused by a trigger. */
  private async setOverdraft(name: string, limit: bigint): Promise<void> {
    const account = this.oracle.account(name);
    const drawn = account.held - account.balance;
    account.overdraft = drawn > limit ? drawn : limit;
    await this.owner.execute('UPDATE accounts SET overdraft_limit_minor = ? WHERE account_id = ?', [
      account.overdraft,
      this.names.idOf('account', name),
    ]);
  }

  private async review(name: string): Promise<void> {
    // A block is the stronger mark.
    if (this.blocks.some((block) => block.accounts.includes(name))) return;
    this.oracle.account(name).under_review = true;
    await this.owner.execute("UPDATE accounts SET debit_block = 'review' WHERE account_id = ?", [
      this.names.idOf('account', name),
    ]);
  }

  private async setLimits(act: Extract<BankAct, { kind: 'limits' }>): Promise<void> {
    const user = this.oracle.account(this.accountAt(act.account)).owner ?? '';
    const { own, transaction, day, party } = act;
    const isFirst = !this.revisions.has(user);
    if (!own && isFirst) return;
    this.oracle.limits.set(user, own ? { transaction, day, party } : null);
    await this.owner.call('sp_set_user_limits', [
      this.names.idOf('user', user),
      this.revisions.get(user) ?? 0,
      ...[own, transaction, day, party],
      'Asked for',
    ]);
    if (own) this.revisions.set(user, (this.revisions.get(user) ?? 0) + 1);
    else this.revisions.delete(user);
  }

  private async block(name: string, subject: 'account' | 'user'): Promise<void> {
    const owner = this.oracle.account(name).owner ?? '';
    const theirs = [...this.oracle.accounts].flatMap(([other, account]) =>
      account.owner === owner ? [other] : [],
    );
    const accounts = subject === 'account' ? [name] : theirs;
    // A subject has one entry at a time. A user's with a single account is taken for the account's: which is enough.
    if (this.blocks.some((block) => isDeepStrictEqual(block.accounts, accounts))) return;
    const value = subject === 'account' ? this.names.idOf('account', name) : this.names.idOf('user', owner);
    const [rows] = await this.owner.call<{ list_entry_id: string }>('sp_add_risk_list_entry', [
      ...['block', subject, value],
      null,
      'Known to the police',
      null,
    ]);
    this.blocks.push({ entryId: String(rows?.[0]?.list_entry_id), accounts, isOver: false });
    this.judge();
  }

  private async endBlock(pick: number, how: 'removed' | 'ran out'): Promise<void> {
    const block = this.blocks[pick % Math.max(this.blocks.length, 1)];
    if (!block) return;
    if (how === 'removed') {
      await this.owner.call('sp_remove_risk_list_entry', [block.entryId, 'A mistake']);
      this.blocks.splice(this.blocks.indexOf(block), 1);
    } else {
      await this.owner.execute(
        'UPDATE risk_list_entries SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE list_entry_id = ?',
        [block.entryId],
      );
      block.isOver = true;
    }
    this.judge();
  }

  private judge(): void {
    for (const { accounts } of this.blocks)
      for (const name of accounts) this.oracle.account(name).under_review = false;
    for (const [name, account] of this.oracle.accounts) {
      if (account.owner === null || !this.isMine(account.owner)) continue;
      account.blocked = this.blocks.some((block) => !block.isOver && block.accounts.includes(name));
    }
  }

  private isMine(owner: string): boolean {
    return this.oracle.account(this.accountAt(0)).owner?.slice(0, 2) === owner.slice(0, 2);
  }
}
