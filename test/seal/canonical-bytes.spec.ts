import { createConnection } from 'mysql2/promise';
import { connectionOptions, type Queries } from '../../src/database';
import { sealedRecords } from '../../src/seal';
import { createTestBank, type TestBank } from '../support/bank';

/** The same whichever server and whatever session runs this: a constant that changes here breaks every chain that exists. */
const DIGESTS = {
  transaction: '9e791db576a257e64c67dc8389b7642e0313615f187a4962a69b29c5462ea2eb',
  entry: '0c8645d5b7467fe340e862154acb12ce42f581a3a5b030aec10a2f5fc11caeff',
  audit: 'aed7db2a3bbcf2dbe04cd48dc615b0a503e045696dcce4644e609fc3b08b0a52',
};

describe('the canonical bytes of a row', () => {
  let bank: TestBank;
  const LAST = '1000';

  beforeAll(async () => {
    bank = await createTestBank();
    await bank.owner.execute(
      `INSERT INTO transactions (transaction_id, reference_id, batch_id, batch_seq, type, currency, amount_minor, is_high_value, description,
         channel, merchant_id, card_id, hold_id, initiated_by, effective_at, posted_at)
       VALUES (900, 'FL00000000000001', 18446744073709551000, 7, 'transfer', 'USD', 9007199254740993, 1, 'Käse 😀 ''\\n1:x''  ', NULL, 5, NULL,
         NULL, 12, '1900-01-01 00:00:00', '2026-03-29 02:30:00.000001')`,
    );
    await bank.owner.execute(
      `INSERT INTO ledger_entries VALUES (900, 1, 18446744073709551001, 3, -9007199254740993, -1, 0, '1900-01-01 00:00:00',
         '2026-03-29 02:30:00.000001')`,
    );
    await bank.owner.execute(
      `INSERT INTO system_audit_logs (audit_id, table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
         request_id, created_at)
       VALUES (900, 'accounts', 42, 'UPDATE', NULL, '{"zoo": 9007199254740993, "é": "\\\\u00fc", "a": [1.50, true, null, {"y": 1e2, "x": -0.0}]}',
         NULL, 'root@localhost', '203.0.113.7', 'r-1', '2026-03-29 02:30:00')`,
    );
  });
  afterAll(() => bank?.close());

  async function digests(queries: Pick<Queries, 'query'>): Promise<string[]> {
    const range = { after: '899', until: LAST };
    const records: Buffer[] = [];
    for await (const batch of sealedRecords(queries, range, range)) records.push(batch);
    const all = Buffer.concat(records).toString('hex');
    return all.match(/.{84}/g)?.map((record) => record.slice(20)) ?? [];
  }

  it('does not depend on the server', async () => {
    expect(await digests(bank.owner)).toEqual(Object.values(DIGESTS));
  });

  it('does not depend on time zone, sql_mode or collation of the session', async () => {
    const connection = await createConnection(connectionOptions(bank.urls.admin));
    await connection.query(
      "SET time_zone = '+05:30', sql_mode = 'ANSI_QUOTES', collation_connection = 'latin1_german1_ci'",
    );
    const queries = {
      query: async <T extends object>(sql: string, parameters: readonly unknown[] = []) =>
        (await connection.query(sql, [...parameters]))[0] as T[],
    };
    expect(await digests(queries)).toEqual(Object.values(DIGESTS));
    await connection.end();
  });
});
