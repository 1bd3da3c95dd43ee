import type { ModelBank } from './model-bank';
import type { Oracle } from './oracle';
import type { Names } from './wire';

type Row = Record<string, string | number | null>;

/** What the database holds after a history, a line a row, in the model's words. */
export type Books = Record<string, string[]>;

export function modelBooksOf(oracle: Oracle): Books {
  const accounts = [...oracle.accounts].filter(([, account]) => account.owner !== null);
  return {
    accounts: accounts.map(([name, { status, balance, held, overdraft, entries }]) =>
      [name, status, balance, held, overdraft, entries.length].join(' '),
    ),
    entries: accounts.flatMap(([name, { entries }]) =>
      entries.map((entry, index) =>
        [name, index + 1, entry.transaction, entry.amount, entry.balance, entry.available].join(' '),
      ),
    ),
    transactions: [...oracle.transactions].map(([name, { type, currency, amount, legs, reversed_by }]) =>
      [name, type, currency, amount, legs.length, `reversed by ${reversed_by}`].join(' '),
    ),
    holds: [...oracle.holds].map(([name, hold]) =>
      [name, hold.account, hold.status, hold.amount, hold.captured].join(' '),
    ),
    keys: [...oracle.keys]
      .map(([key, { hash, code, transaction, hold }]) => [key, hash, code, transaction, hold].join(' '))
      .sort(),
    limits: oracle.limits.passed
      .filter(({ key, code }) => oracle.keys.get(key)?.code === code)
      .map(({ key, code, limit, left }) => [key, code, limit, left].join(' '))
      .sort(),
    used: [...oracle.limits.used].map(([name, { worth }]) => `${name} ${worth}`).sort(),
    declined: oracle.declined.map(({ type, code, account, actor }) => [type, code, account, actor].join(' ')),
  };
}

/** Reads the rows of this history's accounts, keys and users. */
export async function booksOf({ bank }: ModelBank, oracle: Oracle, names: Names): Promise<Books> {
  const read = (sql: string, values: readonly (string | Buffer)[]): Promise<Row[]> =>
    values.length === 0
      ? Promise.resolve([])
      : bank.owner.query<Row>(sql.replace('(?)', `(${values.map(() => '?').join(', ')})`), values);
  const accountIds = [...oracle.accounts].flatMap(([name, { owner }]) =>
    owner === null ? [] : [names.idOf('account', name)],
  );
  const ids = (kind: string, all: Iterable<string>) => [...all].map((name) => names.idOf(kind, name));
  const keys = new Map([...oracle.keys.keys()].map((key) => [names.hexOf(key), key]));
  const hashes = new Map([...oracle.keys.values()].map(({ hash }) => [names.hexOf(hash), hash]));
  const account = (row: Row) => names.nameOf('account', row.account_id);
  const transaction = (row: Row) => names.nameOf('transaction', row.transaction_id);

  const [accounts, entries, transactions, holds, known, declined, limits, used] = await Promise.all([
    read(
      `SELECT account_id, status, balance_minor, held_minor, overdraft_limit_minor, last_account_seq
       FROM accounts WHERE account_id IN (?) ORDER BY account_id`,
      accountIds,
    ),
    read(
      `SELECT account_id, account_seq, transaction_id, amount_minor, balance_after_minor, available_after_minor
       FROM ledger_entries WHERE account_id IN (?) ORDER BY account_id, account_seq`,
      accountIds,
    ),
    read(
      `SELECT t.transaction_id, t.type, t.currency, t.amount_minor, r.reversal_transaction_id,
         (SELECT COUNT(*) FROM ledger_entries e WHERE e.transaction_id = t.transaction_id) AS legs_count
       FROM transactions t LEFT JOIN reversals r ON r.original_transaction_id = t.transaction_id
       WHERE t.transaction_id IN (?) ORDER BY t.transaction_id`,
      ids('transaction', oracle.transactions.keys()),
    ),
    read(
      'SELECT hold_id, account_id, status, amount_minor, captured_minor FROM holds WHERE account_id IN (?) ORDER BY hold_id',
      accountIds,
    ),
    read(
      `SELECT LOWER(HEX(idempotency_key)) AS k, LOWER(HEX(request_hash)) AS h, code, transaction_id, hold_id
       FROM idempotency_keys WHERE idempotency_key IN (?)`,
      [...keys.keys()].map((key) => Buffer.from(key, 'hex')),
    ),
    read(
      'SELECT type, code, account_id, initiated_by FROM declined_transactions WHERE initiated_by IN (?) ORDER BY declined_id',
      names.idsOf('user'),
    ),
    read(
      'SELECT LOWER(HEX(idempotency_key)) AS k, code, limit_minor, left_minor FROM limit_declines WHERE idempotency_key IN (?)',
      [...keys.keys()].map((key) => Buffer.from(key, 'hex')),
    ),
    read(
      'SELECT user_id, party_kind, party_id, used_worth FROM limit_usage WHERE user_id IN (?) AND used_worth > 0',
      names.idsOf('user'),
    ),
  ]);
  const text = (row: Row, ...fields: string[]) => fields.map((field) => row[field]).join(' ');
  return {
    accounts: accounts.map(
      (row) =>
        `${account(row)} ${text(row, 'status', 'balance_minor', 'held_minor', 'overdraft_limit_minor', 'last_account_seq')}`,
    ),
    entries: entries.map(
      (row) =>
        `${account(row)} ${String(row.account_seq)} ${transaction(row)} ${text(row, 'amount_minor', 'balance_after_minor', 'available_after_minor')}`,
    ),
    transactions: transactions.map(
      (row) =>
        `${transaction(row)} ${text(row, 'type', 'currency', 'amount_minor', 'legs_count')} reversed by ${names.nameOf('transaction', row.reversal_transaction_id)}`,
    ),
    holds: holds.map(
      (row) =>
        `${names.nameOf('hold', row.hold_id)} ${account(row)} ${text(row, 'status', 'amount_minor', 'captured_minor')}`,
    ),
    keys: known
      .map((row) =>
        [
          keys.get(String(row.k)),
          hashes.get(String(row.h)),
          row.code,
          transaction(row),
          names.nameOf('hold', row.hold_id),
        ].join(' '),
      )
      .sort(),
    limits: limits
      .map((row) => `${keys.get(String(row.k))} ${text(row, 'code', 'limit_minor', 'left_minor')}`)
      .sort(),
    used: used
      .map((row) =>
        [
          names.nameOf('user', row.user_id),
          ...(row.party_kind === '' ? [] : ['to', names.nameOf(String(row.party_kind), row.party_id)]),
          row.used_worth,
        ].join(' '),
      )
      .sort(),
    declined: declined.map((row) =>
      [row.type, row.code, account(row), names.nameOf('user', row.initiated_by)].join(' '),
    ),
  };
}
