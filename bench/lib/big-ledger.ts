import { createConnection, type Connection } from 'mysql2/promise';
import { connectionOptions } from '../../src/database/connection';
import type { Bench } from './bench';
import type { BenchBank } from './bench-bank';

const TRANSACTIONS_IN_PIECE = 25_000;
const MICROSECONDS_APART = 20;
/** One entry in fifty happened up to thirty days before it was posted. */
const BACKDATED_EVERY = 50;

/** A bank with a long history, made by INSERT … SELECT: through the posting procedure it would take minutes. */
export interface BigLedger {
  bank: BenchBank;
  entries: number;
  /** The account with the most entries, and the index of its owner. */
  account_id: string;
  account_entries: number;
  owner: number;
  /** Time it took to make. */
  seconds: number;
}

let made: BigLedger | null = null;

/** The ledger that reads and integrity checks share; made by the first that asks, gone with the servers. */
export async function bigLedger(bench: Bench): Promise<BigLedger> {
  made ??= await make(bench);
  return made;
}

async function make(bench: Bench): Promise<BigLedger> {
  const { read_entries, read_account_entries } = bench.options;
  const startedAt = performance.now();
  const bank = await bench.bank('ledger', undefined, { keep: true });
  const connection = await createConnection({
    ...connectionOptions(bank.urls.owner),
    multipleStatements: true,
  });
  const transactions = Math.ceil(read_entries / 2 / TRANSACTIONS_IN_PIECE) * TRANSACTIONS_IN_PIECE;
  const tenths = Math.round((read_account_entries / read_entries) * 20);
  await prepare(connection);
  const first = await firstFreeId(connection);
  const base = consecutive(bank.world.accounts);
  for (let done = 0; done < transactions; done += TRANSACTIONS_IN_PIECE) {
    await addPiece(connection, {
      first: first + done,
      done,
      base,
      accounts: bank.world.accounts.length,
      tenths,
    });
  }
  await connection.query('ANALYZE TABLE transactions, ledger_entries, accounts');
  await connection.end();
  bank.expected += transactions;
  const account_id = bank.world.accounts[0] ?? '';
  const [row] = await bank.owner.query<{ n: string }>(
    'SELECT last_account_seq AS n FROM accounts WHERE account_id = ?',
    [account_id],
  );
  return {
    bank,
    entries: transactions * 2,
    account_id,
    account_entries: Number(row?.n),
    owner: 0,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

async function prepare(connection: Connection): Promise<void> {
  await connection.query(`
    SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;
    CREATE TEMPORARY TABLE bench_number (n INT UNSIGNED NOT NULL PRIMARY KEY) ENGINE=InnoDB;
    CREATE TEMPORARY TABLE bench_leg (
      transaction_id BIGINT UNSIGNED NOT NULL, leg TINYINT UNSIGNED NOT NULL, account_id BIGINT UNSIGNED NOT NULL,
      amount_minor BIGINT NOT NULL, PRIMARY KEY (transaction_id, leg)
    ) ENGINE=InnoDB`);
  const numbers = Array.from({ length: TRANSACTIONS_IN_PIECE }, (_, n) => [n]);
  await connection.query('INSERT INTO bench_number (n) VALUES ?', [numbers]);
  await connection.query('SET @bench_start = UTC_TIMESTAMP(6)');
}

async function firstFreeId(connection: Connection): Promise<number> {
  const [rows] = await connection.query('SELECT MAX(transaction_id) + 1 AS id FROM transactions');
  return Number((rows as { id: string }[])[0]?.id);
}

function consecutive(accounts: readonly string[]): number {
  const base = Number(accounts[0]);
  if (accounts.some((id, index) => Number(id) !== base + index))
    throw new Error('the accounts have no consecutive ids');
  return base;
}

interface Piece {
  /** Transaction id of the piece's first, and how many the pieces before it hold. */
  first: number;
  done: number;
  /** Account id of the first account, which is the large one. */
  base: number;
  accounts: number;
  /** So many of ten transactions touch the large account. */
  tenths: number;
}

/** A piece as one posting of many items: transactions, legs, entries with running balances, balances. One commit. */
async function addPiece(
  connection: Connection,
  { first, done, base, accounts, tenths }: Piece,
): Promise<void> {
  const others = accounts - 1;
  await connection.query(
    `SET @first = ?, @done = ?, @base = ?, @others = ?, @tenths = ?, @apart = ?, @backdated = ?;
     START TRANSACTION;
     INSERT INTO transactions (transaction_id, reference_id, batch_id, batch_seq, type, currency, amount_minor, description,
       effective_at, posted_at)
     SELECT @first + n, CONCAT('FL', LPAD(CONV(1000000000 + (@done + n) DIV 1000, 10, 36), 11, '0'),
         LPAD(CONV((@done + n) MOD 1000, 10, 36), 3, '0')), 1000000000 + (@done + n) DIV 1000, (@done + n) MOD 1000, 'transfer', 'USD',
       100 + ((@done + n) * 7919) MOD 9900, 'One of a great many transfers',
       TIMESTAMPADD(HOUR, -IF((@done + n) MOD @backdated = 0, (@done + n) MOD 720, 0),
         TIMESTAMPADD(MICROSECOND, (@done + n) * @apart, @bench_start)),
       TIMESTAMPADD(MICROSECOND, (@done + n) * @apart, @bench_start)
     FROM bench_number ORDER BY n;
     DELETE FROM bench_leg;
     INSERT INTO bench_leg (transaction_id, leg, account_id, amount_minor)
     SELECT @first + n, s.leg,
       IF((@done + n) MOD 10 < @tenths AND s.leg = (@done + n) MOD 2, @base,
         @base + 1 + ((@done + n) * 7919 + IF(s.leg = 0, 0, 1 + (@done + n) MOD (@others - 1))) MOD @others),
       IF(s.leg = 0, -1, 1) * CAST(100 + ((@done + n) * 7919) MOD 9900 AS SIGNED)
     FROM bench_number CROSS JOIN (SELECT 0 AS leg UNION ALL SELECT 1) s;
     INSERT INTO ledger_entries (transaction_id, leg, account_id, account_seq, amount_minor, balance_after_minor,
       available_after_minor, effective_at, posted_at)
     SELECT w.transaction_id, w.leg, w.account_id, w.account_seq, w.amount_minor, w.balance_after_minor, w.balance_after_minor,
       t.effective_at, t.posted_at
     FROM (
       SELECT l.transaction_id, l.leg, l.account_id, l.amount_minor,
         a.last_account_seq + ROW_NUMBER() OVER (PARTITION BY l.account_id ORDER BY l.transaction_id) AS account_seq,
         a.balance_minor + SUM(l.amount_minor) OVER (PARTITION BY l.account_id ORDER BY l.transaction_id) AS balance_after_minor
       FROM bench_leg l JOIN accounts a ON a.account_id = l.account_id
     ) w JOIN transactions t ON t.transaction_id = w.transaction_id
     ORDER BY w.transaction_id, w.leg;
     UPDATE accounts a JOIN (
       SELECT account_id, SUM(amount_minor) AS total_minor, COUNT(*) AS entries FROM bench_leg GROUP BY account_id
     ) d ON d.account_id = a.account_id
     SET a.balance_minor = a.balance_minor + d.total_minor, a.last_account_seq = a.last_account_seq + d.entries,
       a.version = a.version + 1;
     COMMIT`,
    [first, done, base, others, tenths, MICROSECONDS_APART, BACKDATED_EVERY],
  );
}
