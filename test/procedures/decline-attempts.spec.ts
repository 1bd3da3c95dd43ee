import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import { transfer } from '../support/postings';

describe('sp_alert_declines', () => {
  let bank: TestBank;

  beforeAll(async () => {
    bank = await createTestBank();
  });
  afterAll(() => bank.close());

  it('tells the first ten attempts that join an alert, so that a thousand do not fill the feed', async () => {
    const from = await bank.openAccount((await bank.createUser()).user_id, { balance: 1_000n });
    const to = await bank.openAccount((await bank.createUser()).user_id);
    await bank.owner.call('sp_add_risk_list_entry', ['block', 'account', to, null, 'Known mule', null]);
    await postBatch(
      bank.pool,
      Array.from({ length: 14 }, () => transfer(from, to, 1n)),
    );
    const [told] = await bank.owner.call<{ alerts: string; attempts: string }>('sp_alert_declines');
    expect({ alerts: Number(told?.[0]?.alerts), attempts: Number(told?.[0]?.attempts) }).toEqual({
      alerts: 1,
      attempts: 13,
    });
    const events = await bank.owner.query("SELECT 1 FROM case_events WHERE event = 'attempt_declined'");
    expect(events).toHaveLength(10);
    expect(await bank.owner.query('SELECT declined_id FROM declines_to_alert')).toEqual([]);
    expect(await bank.owner.query('SELECT declined_id FROM declined_transactions')).toHaveLength(14);
  });
});
