import { SEALED_COLUMNS, type SealedKind } from '../../src/seal';
import { createSealBank, dropTriggers, type SealBank } from './seal-bank';

const TABLES: Record<SealedKind, string> = {
  transaction: 'transactions',
  entry: 'ledger_entries',
  audit: 'system_audit_logs',
};
/** Keys that name a row: changed, the row is another one. */
const NAMES = new Set(['transaction_id', 'leg', 'audit_id']);

/** SQL for another value than the one that is there, whatever it is. */
function otherValue(column: string, type: string): string {
  if (type === 'json' || column === 'old_values' || column === 'new_values')
    return `IF(${column} IS NULL, '{"a": 1}', NULL)`;
  if (type === 'datetime') return `${column} + INTERVAL 1 MICROSECOND`;
  if (column === 'type') return "IF(type = 'deposit', 'refund', 'deposit')";
  if (column === 'is_high_value') return '1 - is_high_value';
  if (/char/.test(type)) return `IF(COALESCE(${column}, '') = 'X', 'Y', 'X')`;
  // Far from every other one: a unique key would refuse a neighbour's.
  return `COALESCE(${column}, 0) + 1000`;
}

describe('what the seal covers', () => {
  let bank: SealBank;
  let ids: string[];

  beforeAll(async () => {
    bank = await createSealBank();
    ids = await bank.post(3);
    await bank.seal();
    await dropTriggers(bank.root);
    // A value that a table's own check refuses would test the check.
    await bank.root.query('ALTER TABLE transactions DROP CONSTRAINT ck_transactions_type');
  });
  afterAll(() => bank?.close());

  const columnsOf = (table: string) =>
    bank.asRoot.query<{ name: string; type: string }>(
      `SELECT COLUMN_NAME AS name, DATA_TYPE AS type FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
      [table],
    );

  it.each(Object.entries(TABLES) as [SealedKind, string][])(
    'is every column of a %s: a new one in %s needs a new version of the row`s form, docs/adr/0009',
    async (kind, table) => {
      expect((await columnsOf(table)).map(({ name }) => name).sort()).toEqual(
        [...SEALED_COLUMNS[kind]].sort(),
      );
    },
  );

  it.each(Object.entries(TABLES) as [SealedKind, string][])(
    'shows any change to any column of a %s',
    async (kind, table) => {
      const key = kind === 'audit' ? 'audit_id' : 'transaction_id';
      const id = kind === 'audit' ? '1' : (ids[1] ?? '');
      for (const { name, type } of await columnsOf(table)) {
        if (NAMES.has(name)) continue;
        await bank.root.query('BEGIN');
        const [changed] = await bank.root.query(
          `UPDATE ${table} SET ${name} = ${otherValue(name, type)} WHERE ${key} = ? ${kind === 'entry' ? 'AND leg = 1' : ''}`,
          [id],
        );
        expect([name, (changed as { changedRows: number }).changedRows]).toEqual([name, 1]);
        const { findings } = await bank.verify();
        await bank.root.query('ROLLBACK');
        expect([name, findings]).toMatchObject([name, [{ problem: 'row_changed', row: { kind, id } }]]);
      }
      expect((await bank.verify()).findings).toEqual([]);
    },
  );
});
