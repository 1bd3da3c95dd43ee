import pino from 'pino';
import { postBatch } from '../../src/posting';
import { type Reason, readFeatures, type TriggeredRule } from '../../src/risk';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { RuleBook } from '../../worker/scoring/rule-book';
import { Scorer } from '../../worker/scoring/scorer';
import { createTestBank, type TestBank } from '../support/bank';
import { deposit, payment, transfer } from '../support/postings';

const silent = pino({ level: 'silent' });

interface Verdict {
  risk_score: string;
  verdict: string;
  features_used: Record<string, unknown>;
  rules: TriggeredRule[];
  reasons: Reason[];
}

describe('rules of the database', () => {
  let bank: TestBank;
  let database: WorkerDatabase;
  let scorer: Scorer;
  let sender: { user_id: string; account: string };
  let receiver: { user_id: string; account: string };

  beforeAll(async () => {
    bank = await createTestBank();
    database = new WorkerDatabase(bank.urls.worker, 2, new ConnectionState('the database', silent));
    scorer = new Scorer(database, silent, { print: undefined, rules_refresh_ms: 0 });
  });
  afterAll(async () => {
    await database.close();
    await bank.close();
  });
  beforeEach(async () => {
    const open = async (full_name: string, balance: bigint) => {
      const { user_id } = await bank.createUser({ full_name });
      return { user_id, account: await bank.openAccount(user_id, { balance }) };
    };
    sender = await open('Ada Lovelace', 10_000_000n);
    receiver = await open('Ivan Vasilyevich Grozny', 0n);
    await bank.owner.execute(
      'UPDATE risk_list_entries SET removed_at = UTC_TIMESTAMP(6) WHERE removed_at IS NULL',
    );
    await bank.owner.execute('DELETE FROM sanctions_names');
    await bank.owner.execute('UPDATE risk_revisions SET revision = revision + 1');
  });

  /** At noon, so that no rule about the night applies. */
  const noon = { effective_us: Date.UTC(2026, 2, 11, 12) * 1000 };

  async function judged(item: Parameters<typeof postBatch>[1][number]): Promise<Verdict> {
    const [outcome] = await postBatch(bank.pool, [item]);
    const id = String(outcome?.transaction_id);
    await scorer.score([id]);
    const [row] = await bank.owner.query<Record<'risk_score' | 'verdict', string> & Record<string, unknown>>(
      'SELECT risk_score, verdict, features_used, rules_triggered, reasons FROM transaction_risk_scores WHERE transaction_id = ?',
      [id],
    );
    const parsed = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value);
    return {
      risk_score: row?.risk_score ?? '',
      verdict: row?.verdict ?? '',
      features_used: readFeatures(row?.features_used),
      rules: (parsed(row?.rules_triggered) ?? []) as TriggeredRule[],
      reasons: (parsed(row?.reasons) ?? []) as Reason[],
    };
  }

  const pay = (major: number, more: object = {}) =>
    transfer(sender.account, receiver.account, BigInt(major * 100), { ...noon, ...more });
  const list = (
    name: string,
    type: string,
    value: string,
    rule: string | null = null,
    hours: number | null = null,
  ) =>
    bank.owner.execute(
      `INSERT INTO risk_list_entries (list, subject_type, subject_value, rule_id, reason, expires_at)
       VALUES (?, ?, ?, (SELECT rule_id FROM risk_rules WHERE name = ?), 'test', UTC_TIMESTAMP(6) + INTERVAL ? HOUR)`,
      [name, type, value, rule, hours],
    );
  const sanction = (name: string) =>
    bank.owner.execute(
      "INSERT INTO sanctions_names (list, entry_key, name, country, loaded_at) VALUES ('OFAC', ?, ?, 'RU', UTC_TIMESTAMP(6))",
      [name, name],
    );

  it('give a floor, their version, and a reason with numbers', async () => {
    const verdict = await judged(pay(15_000));
    expect(verdict).toMatchObject({ risk_score: '0.5500', verdict: 'SUSPICIOUS' });
    expect(verdict.rules).toEqual([{ rule: 'high_value', version: 1 }]);
    expect(verdict.reasons[0]).toEqual({
      kind: 'rule',
      name: 'high_value',
      text: 'An amount of 15,000 USD, above the threshold for high values',
    });
    expect(verdict.features_used).toMatchObject({ is_blacklisted: false, sanctions_match: null });
  });

  it('follow changes: in shadow they are recorded and change nothing', async () => {
    const condition = JSON.stringify({ fact: 'amount_usd', op: 'eq', value: 77 });
    const [made] = await bank.owner.call<{ rule_id: string }>('sp_create_risk_rule', [
      'seventy_seven',
      condition,
      0.66,
      'score',
      '{amount} is {limit:amount_usd}',
      'Fraud team',
      'A test',
    ]);
    const rule_id = String(made?.[0]?.rule_id);
    const set = (status: string) =>
      bank.owner.call('sp_set_risk_rule_status', [rule_id, null, status, 'A test']);
    expect((await judged(pay(77))).rules).toEqual([]);
    await set('shadow');
    expect(await judged(pay(77))).toMatchObject({
      risk_score: '0.0000',
      rules: [{ rule: 'seventy_seven', version: 1, shadow: true }],
      reasons: [],
    });
    await set('active');
    expect(await judged(pay(77))).toMatchObject({ risk_score: '0.6600', reasons: [{ text: '77 is 77' }] });
    await bank.owner.call('sp_change_risk_rule', [
      rule_id,
      3,
      false,
      condition,
      0.9,
      'score',
      null,
      'Fraud team',
      'More',
    ]);
    expect(await judged(pay(77))).toMatchObject({
      risk_score: '0.9000',
      rules: [{ rule: 'seventy_seven', version: 2 }],
      reasons: [{ text: 'worth about 77 US dollars' }],
    });
    await set('disabled');
    expect((await judged(pay(77))).rules).toEqual([]);
  });

  it('a changed version runs in shadow beside the one in force, until it is published or dropped', async () => {
    const from = (value: number) => JSON.stringify({ fact: 'amount_usd', op: 'gte', value });
    const call = (procedure: string, ...parameters: (string | number | boolean | null)[]) =>
      bank.owner.call<{ rule_id: string; version: number }>(procedure, parameters);
    const [made] = await call(
      'sp_create_risk_rule',
      'shadowed',
      from(600),
      0.55,
      'score',
      null,
      'Tests',
      'A test',
    );
    const id = String(made?.[0]?.rule_id);
    const shadow = (revision: number, value: number, action: string) =>
      call('sp_change_risk_rule', id, revision, true, from(value), 0.9, action, null, 'Tests', 'Lower');
    await expect(shadow(1, 500, 'hold')).rejects.toThrow('RULE_NOT_ACTIVE');
    await call('sp_set_risk_rule_status', id, null, 'active', 'A test');
    await shadow(2, 500, 'hold');
    const low = await judged(pay(550));
    expect(low).toMatchObject({
      risk_score: '0.0000',
      rules: [{ rule: 'shadowed', version: 2, shadow: true, action: 'hold' }],
      reasons: [],
    });
    expect(await judged(pay(650))).toMatchObject({
      risk_score: '0.5500',
      rules: [
        { rule: 'shadowed', version: 1 },
        { rule: 'shadowed', version: 2, shadow: true, action: 'hold' },
      ],
    });
    // Another one makes room; the numbers of versions are never given twice.
    await shadow(3, 450, 'score');
    expect((await judged(pay(460))).rules).toEqual([{ rule: 'shadowed', version: 3, shadow: true }]);
    await call('sp_end_rule_shadow', id, 4, false, 'Too many');
    expect((await judged(pay(460))).rules).toEqual([]);
    await expect(call('sp_end_rule_shadow', id, 5, true, 'There is none')).rejects.toThrow(
      'RULE_HAS_NO_SHADOW',
    );
    await shadow(5, 400, 'score');
    await call('sp_set_risk_rule_status', id, null, 'disabled', 'A pause');
    expect((await judged(pay(650))).rules).toEqual([]);
    await expect(call('sp_end_rule_shadow', id, null, true, 'Too soon')).rejects.toThrow('RULE_NOT_ACTIVE');
    await call('sp_set_risk_rule_status', id, null, 'active', 'Again');
    await call('sp_end_rule_shadow', id, null, true, 'It is better');
    expect(await judged(pay(410))).toMatchObject({
      risk_score: '0.9000',
      rules: [{ rule: 'shadowed', version: 4 }],
    });
    await call('sp_set_risk_rule_status', id, null, 'disabled', 'The test is over');
  });

  it('end with the block-list, which nothing suppresses', async () => {
    await list('allow', 'account', sender.account);
    await list('block', 'user', receiver.user_id);
    const verdict = await judged(pay(15_000));
    expect(verdict).toMatchObject({ risk_score: '0.9500', verdict: 'CRITICAL' });
    expect(verdict.rules).toEqual([
      { rule: 'blacklist', version: 1, action: 'block' },
      { rule: 'high_value', version: 1 },
    ]);
    expect(verdict.reasons[0]?.text).toBe(`user ${receiver.user_id} is on the block-list`);
    expect(verdict.features_used.is_blacklisted).toBe(true);
  });

  it('know where the person logged in from', async () => {
    await bank.owner.execute(
      "INSERT INTO login_activity (user_id, username, succeeded, reason, ip_address, user_agent) VALUES (?, 'ada', 1, 'OK', '203.0.113.7', 'curl/8')",
      [sender.user_id],
    );
    await list('block', 'ip', '203.0.113.7');
    expect((await judged(pay(5, { actor: sender.user_id }))).reasons[0]?.text).toBe(
      'ip 203.0.113.7 is on the block-list',
    );
    expect((await judged(pay(6))).rules).toEqual([]);
  });

  it('rest where they are allowed or snoozed, and the verdict says by what', async () => {
    await list('snooze', 'user', sender.user_id, 'high_value', 1);
    const snoozed = await judged(pay(15_000));
    expect(snoozed).toMatchObject({ verdict: 'SAFE', rules: [{ rule: 'high_value', version: 1 }] });
    expect(snoozed.rules[0]?.suppressed_by).toMatch(/^\d+$/);
    await bank.owner.execute(
      'UPDATE risk_list_entries SET expires_at = UTC_TIMESTAMP(6) WHERE removed_at IS NULL',
    );
    await bank.owner.execute("UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'lists'");
    expect((await judged(pay(15_000))).verdict).toBe('SUSPICIOUS');
  });

  it('find names under sanctions at the counterparty, the merchant and in the text', async () => {
    await sanction('GROZNY, Ivan Vasilevich');
    await sanction('Acme Shipping Company');
    await bank.owner.execute("UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'sanctions'");
    const byName = await judged(pay(5));
    expect(byName).toMatchObject({ risk_score: '0.7000', verdict: 'SUSPICIOUS' });
    expect(byName.rules).toEqual([{ rule: 'sanctions_name', version: 1, action: 'hold' }]);
    expect(byName.reasons[0]?.text).toMatch(
      /^A name is 9\d(\.\d)? % similar to GROZNY, Ivan Vasilevich \(RU, list OFAC\)$/,
    );
    const [merchant] = [
      await bank.owner.execute(
        "INSERT INTO merchants (merchant_key, name, mcc) VALUES (UNHEX(REPEAT('ab', 16)), 'Acme Shiping Company', '4411')",
      ),
    ];
    const atMerchant = await judged(payment(sender.account, 500n, { ...noon, merchant: merchant.insertId }));
    expect(atMerchant.rules).toMatchObject([{ rule: 'sanctions_name' }]);
    const text = { ...noon, description: 'For Acme Shipping Company, invoice 9' };
    expect((await judged(deposit(sender.account, 500n, text))).rules).toMatchObject([
      { rule: 'sanctions_name' },
    ]);
    const nobody = await judged(deposit(sender.account, 500n, { ...noon, description: 'Wages of March' }));
    expect(nobody).toMatchObject({ rules: [], features_used: { sanctions_match: 0 } });
  });

  describe('that cannot be read', () => {
    it('stay as they were, or as the bank came', async () => {
      const errors: string[] = [];
      const logger = pino(
        { level: 'info' },
        { write: (line: string) => void errors.push((JSON.parse(line) as { msg: string }).msg) },
      );
      let isDown = true;
      const book = new RuleBook(
        {
          ...database,
          query: (sql, parameters) =>
            isDown ? Promise.reject(new Error('no')) : database.query(sql, parameters),
        } as WorkerDatabase,
        logger,
        0,
      );
      await book.refresh();
      await book.refresh();
      expect(book.rules.map((rule) => rule.name)).toContain('blacklist');
      expect(book.rules.every((rule) => rule.rule_id === null)).toBe(true);
      isDown = false;
      await Promise.all([book.refresh(), book.refresh()]);
      expect(book.rules.every((rule) => rule.rule_id !== null)).toBe(true);
      isDown = true;
      await book.refresh();
      expect(book.rules.every((rule) => rule.rule_id !== null)).toBe(true);
      expect(errors).toEqual([
        'rules and lists cannot be read; judging by the last ones',
        'rules and lists can be read again',
        'rules and lists cannot be read; judging by the last ones',
      ]);
    });

    it('keep their last good version, each on its own', async () => {
      const book = new RuleBook(database, silent, 0);
      await book.refresh();
      const before = book.rules.find((rule) => rule.name === 'velocity');
      await bank.owner.execute(
        `INSERT INTO risk_rule_versions (rule_id, version, condition_tree, risk_floor, owner, reason)
         SELECT rule_id, 2, '{"fact":"no_such_fact"}', 0.1, 'x', 'x' FROM risk_rules WHERE name = 'velocity'`,
      );
      await bank.owner.execute("UPDATE risk_rules SET current_version = 2 WHERE name = 'velocity'");
      await bank.owner.execute("UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'rules'");
      await book.refresh();
      expect(book.rules.find((rule) => rule.name === 'velocity')).toEqual(before);
      expect(new Set(book.rules.map((rule) => rule.name)).size).toBe(book.rules.length);
      await bank.owner.execute("UPDATE risk_rules SET current_version = 1 WHERE name = 'velocity'");
    });
  });
});
