import { applyDatabaseObjects, readDatabaseObjects } from '../../src/database/database-objects';
import { migrateBank } from '../../src/database/migrate';
import { createTestBank, type TestBank } from '../support/bank';

describe('procedures, views and triggers as they were loaded', () => {
  let bank: TestBank;

  beforeAll(async () => {
    bank = await createTestBank();
  });
  afterAll(() => bank.close());

  const problems = async () => {
    const [answer] = await bank.pool.query('CALL sp_check_objects()');
    return (answer as unknown as object[][])[0];
  };

  it('are unchanged after a migration, which may be repeated', async () => {
    expect(await problems()).toEqual([]);
    const { admin: adminUrl, owner: ownerUrl, ...users } = bank.urls;
    const lines: string[] = [];
    await migrateBank({ adminUrl, ownerUrl, users, onProgress: (line) => lines.push(line) });
    expect(lines).toEqual(expect.arrayContaining(['tables are up to date', 'procedures are up to date']));
  });

  it('what was changed, dropped or added on the server is named and repaired', async () => {
    await bank.owner.execute('DROP PROCEDURE sp_list_accounts');
    await bank.owner.execute('CREATE PROCEDURE sp_list_accounts(IN p_user_id BIGINT UNSIGNED) SELECT 1');
    await bank.owner.execute('DROP TRIGGER trg_ledger_entries_no_update');
    await bank.owner.execute('CREATE PROCEDURE sp_back_door() SELECT 1');
    await bank.owner.execute('DROP VIEW vw_trial_balance');
    await bank.owner.execute('CREATE VIEW vw_trial_balance AS SELECT 1 AS gl_code');
    await bank.owner.execute('DROP PROCEDURE sp_alert_declines');
    await bank.owner.execute('CREATE PROCEDURE sp_alert_declines() SELECT 0 AS alerts, 0 AS attempts');
    await bank.owner.execute('DROP TRIGGER trg_declined_transactions_alert');
    expect(await problems()).toEqual(
      expect.arrayContaining([
        { object_type: 'PROCEDURE', object_name: 'sp_list_accounts', problem: 'changed' },
        { object_type: 'TRIGGER', object_name: 'trg_ledger_entries_no_update', problem: 'missing' },
        { object_type: 'VIEW', object_name: 'vw_trial_balance', problem: 'changed' },
        { object_type: 'PROCEDURE', object_name: 'sp_back_door', problem: 'unknown' },
        { object_type: 'PROCEDURE', object_name: 'sp_alert_declines', problem: 'changed' },
        { object_type: 'TRIGGER', object_name: 'trg_declined_transactions_alert', problem: 'missing' },
      ]),
    );
    const applied = await applyDatabaseObjects(bank.owner, await readDatabaseObjects());
    expect(applied.sort()).toEqual([
      'sp_alert_declines',
      'sp_list_accounts',
      'trg_declined_transactions_alert',
      'trg_ledger_entries_no_update',
      'vw_trial_balance',
    ]);
    expect(await problems()).toEqual([]);
  });
});
