import { startApi, type ApiUser, type TestApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { deposit, postOne, systemAccount } from '../support/postings';

describe('audit', () => {
  let bank: TestBank;
  let api: TestApi;
  let admin: ApiUser;
  let auditor: ApiUser;
  let customer: ApiUser;

  beforeAll(async () => {
    bank = await createTestBank();
    api = await startApi(bank);
    admin = await api.staff('admin');
    auditor = await api.staff('auditor');
    customer = await api.customer();
  });
  afterAll(async () => {
    await api?.close();
    await bank?.close();
  });

  const get = (path: string, user: ApiUser = auditor) => api.http.get(path).set(user.headers);

  /** An audit row for each of `count` frozen accounts. */
  async function freezeAccounts(count: number): Promise<string[]> {
    const accounts: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const account = await bank.openAccount(customer.user_id);
      await bank.owner.call('sp_set_account_status', [account, 'frozen']);
      accounts.push(account);
    }
    return accounts;
  }

  describe.each([
    '/audit/logs',
    '/audit/login-activity',
    '/audit/integrity',
    '/audit/trial-balance',
    '/audit/balance-sheet',
  ])('%s', (path) => {
    it('answers auditors and administrators, with or without a slash at the end', async () => {
      expect((await get(path)).status).toBe(200);
      expect((await get(path, admin)).status).toBe(200);
      expect((await get(`${path}/`)).status).toBe(200);
    });

    it('is closed to customers and to whoever is not logged in', async () => {
      expect((await get(path, customer)).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
      expect((await api.http.get(path)).body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    });
  });

  describe('GET /audit/logs', () => {
    it('gives who changed what as JSON objects', async () => {
      const [account] = await freezeAccounts(1);
      const { body } = await get(`/audit/logs?table_name=accounts&record_id=${account}&action=UPDATE`);
      expect(body.items).toHaveLength(1);
      expect(body.items[0]).toMatchObject({
        audit_id: expect.stringMatching(/^\d+$/),
        table_name: 'accounts',
        record_id: account,
        action: 'UPDATE',
        old_values: { status: 'active', held_minor: 0 },
        new_values: { status: 'frozen', held_minor: 0 },
        actor_user_id: null,
        actor_username: null,
        ip_address: null,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      });
      expect(body.items[0].new_values).not.toHaveProperty('reason');
      expect(body.items[0].actor_db_user).toMatch(/_owner@/);
      expect(body.next_cursor).toBeNull();
    });

    it('names the actor, the address and the request of a change through the API', async () => {
      const subject = await api.customer();
      const change = await api.http
        .patch(`/admin/users/${subject.user_id}/kyc`)
        .set(admin.headers)
        .send({ kyc_status: 'rejected' });
      const { body } = await get(`/audit/logs?actor_user_id=${admin.user_id}&record_id=${subject.user_id}`);
      expect(body.items).toMatchObject([
        {
          table_name: 'users',
          old_values: { kyc_status: 'verified' },
          new_values: { kyc_status: 'rejected' },
          actor_user_id: admin.user_id,
          actor_username: admin.username,
          ip_address: '127.0.0.1',
          request_id: change.headers['x-request-id'],
        },
      ]);
    });

    it('filters by time, a day included', async () => {
      await freezeAccounts(1);
      const [row] = await bank.owner.query<{ day: string; later: string }>(
        `SELECT DATE_FORMAT(MAX(created_at), '%Y-%m-%d') AS day, DATE_FORMAT(MAX(created_at) + INTERVAL 1 DAY, '%Y-%m-%d') AS later
         FROM system_audit_logs`,
      );
      const { day = '', later = '' } = row ?? {};
      expect((await get(`/audit/logs?from=${day}&to=${day}`)).body.items.length).toBeGreaterThan(0);
      expect((await get(`/audit/logs?from=${later}`)).body.items).toEqual([]);
      expect((await get('/audit/logs?to=2001-01-01T00:00:00Z')).body.items).toEqual([]);
    });

    it('keeps its pages right while rows are added', async () => {
      const accounts = await freezeAccounts(5);
      const path = '/audit/logs?table_name=accounts&action=UPDATE&limit=2';
      const first = (await get(path)).body;
      await freezeAccounts(3);
      const second = (await get(`${path}&cursor=${first.next_cursor}`)).body;
      const seen = [...first.items, ...second.items].map((item: { record_id: string }) => item.record_id);
      expect(seen).toEqual([...accounts].reverse().slice(0, 4));
    });

    it('refuses cursors that were changed, or made for other filters or another list', async () => {
      await freezeAccounts(2);
      const { next_cursor } = (await get('/audit/logs?table_name=accounts&limit=1')).body;
      const refused = { status: 400, code: 'INVALID_CURSOR' };
      const tampered = `${next_cursor.startsWith('A') ? 'B' : 'A'}${next_cursor.slice(1)}`;
      expect((await get(`/audit/logs?table_name=accounts&limit=1&cursor=${tampered}`)).body).toMatchObject(
        refused,
      );
      expect((await get(`/audit/logs?table_name=users&cursor=${next_cursor}`)).body).toMatchObject(refused);
      expect((await get(`/audit/login-activity?cursor=${next_cursor}`)).body).toMatchObject(refused);
      expect((await get('/audit/logs?cursor=nonsense')).body).toMatchObject(refused);
    });

    it.each([
      'record_id=x',
      'actor_user_id=-1',
      'from=yesterday',
      'limit=0',
      'limit=201',
      'action=update',
      'x=1',
    ])('refuses %s', async (query) => {
      const { body } = await get(`/audit/logs?${query}`);
      expect(body).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
      expect(body.errors[0].field).toBe(query.split('=')[0]);
    });
  });

  describe('GET /audit/login-activity', () => {
    it('gives attempts newest first, filtered and paged', async () => {
      const visitor = await api.customer({ username: 'visitor.one' });
      const attempts: [string | null, string, boolean, string, string][] = [
        [visitor.user_id, 'visitor.one', false, 'WRONG_PASSWORD', '203.0.113.7'],
        [visitor.user_id, 'visitor.one', true, 'OK', '203.0.113.7'],
        [null, 'nobody', false, 'NO_SUCH_USER', '198.51.100.1'],
      ];
      for (const attempt of attempts) {
        await bank.owner.execute(
          'INSERT INTO login_activity (user_id, username, succeeded, reason, ip_address, user_agent) VALUES (?, ?, ?, ?, ?, NULL)',
          attempt,
        );
      }
      const { body } = await get(`/audit/login-activity?user_id=${visitor.user_id}`);
      expect(body.items).toMatchObject([
        {
          succeeded: true,
          reason: 'OK',
          username: 'visitor.one',
          ip_address: '203.0.113.7',
          user_agent: null,
        },
        { succeeded: false, reason: 'WRONG_PASSWORD', user_id: visitor.user_id },
      ]);
      const failed = (await get('/audit/login-activity?succeeded=false&limit=1')).body;
      expect(failed.items).toMatchObject([{ user_id: null, username: 'nobody' }]);
      const more = (await get(`/audit/login-activity?succeeded=false&limit=1&cursor=${failed.next_cursor}`))
        .body;
      expect(more.items).toMatchObject([{ username: 'visitor.one' }]);
      expect((await get('/audit/login-activity?username=nobody')).body.items).toHaveLength(1);
      expect((await get('/audit/login-activity?ip_address=198.51.100.1')).body.items).toHaveLength(1);
      expect((await get(`/audit/login-activity?ip_address=${encodeURIComponent('☃😀')}`)).body.items).toEqual(
        [],
      );
    });
  });

  describe('the books', () => {
    it('balance in every currency, with the decimals of each', async () => {
      await bank.openAccount(customer.user_id, { balance: 12_550n });
      await bank.openAccount(customer.user_id, { currency: 'JPY', balance: 700n });
      await bank.openAccount(customer.user_id, { currency: 'KWD', balance: 1_234n, type: 'savings' });
      const trial = (await get('/audit/trial-balance')).body;
      expect(trial).toMatchObject({ balanced: true, as_of: expect.stringMatching(/Z$/) });
      expect(trial.totals).toContainEqual({
        currency: 'KWD',
        debit_total: '1.234',
        credit_total: '1.234',
        balanced: true,
      });
      expect(trial.totals).toContainEqual({
        currency: 'JPY',
        debit_total: '700',
        credit_total: '700',
        balanced: true,
      });
      expect(trial.items).toContainEqual({
        gl_code: '2100',
        account_type: 'savings',
        name: 'Customer deposits: savings',
        category: 'liability',
        currency: 'KWD',
        accounts_count: 1,
        debit_total: '0.000',
        credit_total: '1.234',
      });

      const sheet = (await get('/audit/balance-sheet')).body;
      expect(sheet.balanced).toBe(true);
      expect(sheet.items).toContainEqual({
        currency: 'JPY',
        assets: '700',
        liabilities: '700',
        equity: '0',
        balanced: true,
      });
    });

    it('are healthy, and say what is wrong when they are not', async () => {
      const sound = (await get('/audit/integrity')).body;
      expect(sound).toMatchObject({ healthy: true, problems_count: 0, problems: [] });
      expect(sound.duration_ms).toBeGreaterThanOrEqual(0);

      const account = await bank.openAccount(customer.user_id, { balance: 5_000n });
      const outcome = await postOne(bank.pool, deposit(account, 100n));
      // Only an owner who first takes the triggers away can do this.
      await bank.owner.execute('UPDATE accounts SET balance_minor = balance_minor + 7 WHERE account_id = ?', [
        account,
      ]);
      const broken = (await get('/audit/integrity')).body;
      expect(broken).toMatchObject({ healthy: false, problems_count: 1 });
      expect(broken.problems).toEqual([
        {
          problem: 'balance_differs_from_entries',
          transaction_id: null,
          reference_id: expect.stringMatching(/^XF\d\dFLRN\d{12}$/),
          account_id: account,
          currency: 'USD',
          net_sum: '0.07',
          entries_count: 2,
        },
      ]);
      const trial = (await get('/audit/trial-balance')).body;
      expect(trial.balanced).toBe(false);
      expect((await get('/audit/balance-sheet')).body.balanced).toBe(false);
      await bank.owner.execute('UPDATE accounts SET balance_minor = balance_minor - 7 WHERE account_id = ?', [
        account,
      ]);

      await bank.owner.execute(
        'INSERT INTO ledger_entries (transaction_id, leg, account_id, account_seq, amount_minor, balance_after_minor, available_after_minor, effective_at, posted_at) SELECT transaction_id, 9, ?, 999999, -5, 0, 0, effective_at, posted_at FROM transactions WHERE transaction_id = ?',
        [await systemAccount(bank.owner, 'suspense'), outcome.transaction_id],
      );
      const unbalanced = (await get('/audit/integrity')).body;
      expect(unbalanced.problems).toContainEqual(
        expect.objectContaining({
          problem: 'unbalanced_transaction',
          transaction_id: outcome.transaction_id,
          reference_id: outcome.reference_id,
          currency: 'USD',
          net_sum: '-0.05',
          entries_count: 3,
        }),
      );
    });
  });
});
