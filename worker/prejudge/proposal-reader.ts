import type { Queries } from '../../src/database';
import type { ProposedTransaction } from '../../src/queue';
import { canonicalAddress } from '../../src/risk';
import { databaseTimeOf } from '../features/microseconds';
import { factsOf, type FactRow, type TransactionFacts } from '../features/transaction-facts';
import type { Party, Subjects } from '../scoring/list-book';

/** What is not posted has no number. */
const NOT_POSTED = '0';

interface AccountRow {
  account_id: string;
  user_id: string;
  full_name: string;
  opened_at: string;
  balance_minor: string;
  last_account_seq: string;
  exponent: number;
  minor_per_major: string;
  high_value_minor: string;
}

interface MerchantRow {
  name: string;
  mcc: string;
  country: string | null;
}

interface LoginRow {
  user_agent: string | null;
  ip_address: string | null;
}

/** A proposed transaction as features and lists see one that is posted: as the next entry of each customer's account. */
export async function readProposal(
  queries: Queries,
  proposed: ProposedTransaction,
): Promise<{ facts: TransactionFacts; subjects: Subjects }> {
  const [accounts, merchants, logins] = await Promise.all([
    queries.query<AccountRow>(ACCOUNTS_SQL, [proposed.debit, proposed.credit ?? proposed.debit]),
    proposed.merchant === null
      ? []
      : queries.query<MerchantRow>('SELECT name, mcc, country FROM merchants WHERE merchant_id = ?', [
          proposed.merchant,
        ]),
    proposed.actor === null ? [] : queries.query<LoginRow>(LAST_LOGIN_SQL, [proposed.actor]),
  ]);
  const merchant = merchants[0] ?? null;
  const rows = accounts.map((account) => toFactRow(account, proposed, merchant));
  const [facts] = factsOf(rows);
  if (!facts) throw new Error(`no account of a customer takes part: ${proposed.debit}`);
  return { facts, subjects: toSubjects(accounts, proposed, merchant, logins[0] ?? null) };
}

const ACCOUNTS_SQL = `
  SELECT a.account_id, a.user_id, u.full_name, a.opened_at, a.balance_minor, a.last_account_seq, c.exponent, c.minor_per_major,
    c.high_value_minor
  FROM accounts a JOIN users u ON u.user_id = a.user_id JOIN currencies c ON c.currency = a.currency
  WHERE a.account_id IN (?, ?)`;
const LAST_LOGIN_SQL = `
  SELECT user_agent, ip_address FROM login_activity WHERE user_id = ? AND succeeded ORDER BY occurred_at DESC LIMIT 1`;

function toFactRow(
  account: AccountRow,
  proposed: ProposedTransaction,
  merchant: MerchantRow | null,
): FactRow {
  const amount = BigInt(proposed.amount);
  const entry = isDebited(account, proposed) ? -amount : amount;
  const posted_at = databaseTimeOf(Date.now() * 1_000);
  return {
    transaction_id: NOT_POSTED,
    type: proposed.type,
    channel: proposed.channel,
    currency: proposed.currency,
    exponent: account.exponent,
    minor_per_major: account.minor_per_major,
    amount_minor: proposed.amount,
    is_high_value: amount > BigInt(account.high_value_minor) ? 1 : 0,
    merchant_id: proposed.merchant,
    mcc: merchant?.mcc ?? null,
    merchant_country: merchant?.country ?? null,
    card_id: null,
    initiated_by: proposed.actor,
    effective_at: proposed.effective_us === null ? posted_at : databaseTimeOf(proposed.effective_us),
    posted_at,
    account_id: account.account_id,
    account_seq: String(BigInt(account.last_account_seq) + 1n),
    entry_minor: String(entry),
    balance_after_minor: String(BigInt(account.balance_minor) + entry),
    user_id: account.user_id,
    opened_at: account.opened_at,
  };
}

function toSubjects(
  accounts: readonly AccountRow[],
  proposed: ProposedTransaction,
  merchant: MerchantRow | null,
  login: LoginRow | null,
): Subjects {
  const sender = accounts.find((account) => isDebited(account, proposed));
  return {
    sender: sender ? toParty(sender) : null,
    others: accounts.filter((account) => account !== sender).map(toParty),
    merchant:
      merchant && proposed.merchant !== null
        ? { merchant_id: proposed.merchant, name: merchant.name, country: merchant.country }
        : null,
    card_id: null,
    device: login?.user_agent ?? null,
    ip: login?.ip_address ? canonicalAddress(login.ip_address) : null,
    description: proposed.description,
  };
}

function isDebited(account: AccountRow, { debit }: ProposedTransaction): boolean {
  return String(account.account_id) === debit;
}

function toParty({ account_id, user_id, full_name }: AccountRow): Party {
  return { account_id: String(account_id), user_id: String(user_id), full_name };
}
