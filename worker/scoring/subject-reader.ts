import { idOrNull, type Queries } from '../../src/database';
import { canonicalAddress } from '../../src/risk';
import type { Party, Subjects } from './list-book';

interface SubjectRow {
  transaction_id: string;
  description: string | null;
  merchant_id: string | null;
  merchant_name: string | null;
  merchant_country: string | null;
  card_id: string | null;
  device: string | null;
  ip: string | null;
  account_id: string | null;
  entry_minor: string | null;
  user_id: string | null;
  full_name: string | null;
}

/** The login after which the person asked for it. */
const LAST_LOGIN = (column: string) => `(SELECT l.${column} FROM login_activity l
  WHERE l.user_id = t.initiated_by AND l.succeeded AND l.occurred_at <= t.posted_at
  ORDER BY l.occurred_at DESC LIMIT 1)`;
const subjectsSql = (withLogins: boolean) => `
  SELECT t.transaction_id, t.description, t.merchant_id, m.name AS merchant_name, m.country AS merchant_country, t.card_id,
    ${withLogins ? LAST_LOGIN('user_agent') : 'NULL'} AS device, ${withLogins ? LAST_LOGIN('ip_address') : 'NULL'} AS ip,
    e.account_id, e.amount_minor AS entry_minor, a.user_id, u.full_name
  FROM transactions t
  LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
  LEFT JOIN (ledger_entries e JOIN accounts a ON a.account_id = e.account_id JOIN users u ON u.user_id = a.user_id)
    ON e.transaction_id = t.transaction_id
  WHERE t.transaction_id IN (?)`;

/** Who and what takes part in each of the transactions: one query. @returns by transaction_id */
export async function readSubjects(
  queries: Queries,
  transactionIds: readonly string[],
  withLogins: boolean,
): Promise<Map<string, Subjects>> {
  const rows = await queries.query<SubjectRow>(subjectsSql(withLogins), [
    transactionIds as unknown as string,
  ]);
  const grouped = new Map<string, SubjectRow[]>();
  for (const row of rows) {
    const id = String(row.transaction_id);
    const before = grouped.get(id);
    if (before) before.push(row);
    else grouped.set(id, [row]);
  }
  return new Map([...grouped].map(([id, group]) => [id, toSubjects(group)]));
}

function toSubjects(rows: readonly SubjectRow[]): Subjects {
  const row = rows[0] as SubjectRow;
  const customers = rows.filter(({ account_id }) => account_id !== null);
  // As for the features: who is debited most, or else credited.
  const order = [...customers].sort((a, b) => Number(a.entry_minor) - Number(b.entry_minor));
  const isDebited = Number(order[0]?.entry_minor) < 0;
  const sender = isDebited ? order[0] : order.at(-1);
  return {
    sender: sender ? toParty(sender) : null,
    others: customers.filter((other) => other.account_id !== sender?.account_id).map(toParty),
    merchant:
      row.merchant_id === null
        ? null
        : {
            merchant_id: String(row.merchant_id),
            name: row.merchant_name ?? '',
            country: row.merchant_country,
          },
    card_id: idOrNull(row.card_id),
    device: row.device,
    ip: row.ip === null ? null : canonicalAddress(row.ip),
    description: row.description,
  };
}

function toParty(row: SubjectRow): Party {
  return {
    account_id: String(row.account_id),
    user_id: String(row.user_id),
    full_name: row.full_name ?? '',
  };
}
