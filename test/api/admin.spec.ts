import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();

describe('who may do what', () => {
  const reads = [
    '/admin/users',
    '/admin/users/1',
    '/admin/accounts',
    '/admin/transactions',
    '/admin/periods',
  ];
  const changes: ['patch' | 'post', string, object][] = [
    ['patch', '/admin/users/1/role', { role: 'admin' }],
    ['patch', '/admin/users/1/kyc', { kyc_status: 'verified' }],
    ['patch', '/admin/users/1/active', { is_active: false }],
    ['patch', '/admin/accounts/1/freeze', {}],
    ['patch', '/admin/accounts/1/unfreeze', {}],
    ['patch', '/admin/accounts/1/close', {}],
    ['post', '/admin/journal-entries', {}],
    ['post', '/admin/periods/close', { until: '2020-01-01' }],
  ];

  it.each(reads)('GET %s is for the staff', async (path) => {
    expect((await staffed.get(path, staffed.auditor)).status).toBe(200);
    expect((await staffed.get(`${path}/`)).status).toBe(200);
    expect((await staffed.get(path, staffed.customer)).body).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
    });
    expect((await staffed.api.http.get(path)).body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it.each(changes)('%s %s is for administrators', async (method, path, body) => {
    for (const user of [staffed.customer, staffed.auditor]) {
      const answer = await staffed.api.http[method](path).set(user.headers).send(body);
      expect(answer.body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    }
    expect((await staffed.api.http[method](path).send(body)).body).toMatchObject({
      status: 401,
      code: 'UNAUTHENTICATED',
    });
  });
});

describe('GET /admin/users', () => {
  it('filters and finds', async () => {
    const pending = await staffed.api.customer({ kyc_status: 'pending', full_name: 'Mary 100%_Ward 😀' });
    expect((await staffed.get('/admin/users?kyc_status=pending')).body.items).toEqual([
      {
        user_id: pending.user_id,
        username: pending.username,
        email: `${pending.username}@bank.test`,
        full_name: 'Mary 100%_Ward 😀',
        date_of_birth: '1990-12-10',
        phone_number: null,
        role: 'customer',
        kyc_status: 'pending',
        is_active: true,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      },
    ]);
    const ids = async (query: string) =>
      (await staffed.get(`/admin/users?${query}`)).body.items.map(
        (item: { user_id: string }) => item.user_id,
      );
    expect(await ids('q=HOPPER')).toEqual([staffed.customer.user_id]);
    expect(await ids(`q=${encodeURIComponent('00%_w')}`)).toEqual([pending.user_id]);
    expect(await ids(`q=${encodeURIComponent('😀')}`)).toEqual([pending.user_id]);
    expect(await ids(`q=${encodeURIComponent('%')}`)).toEqual([pending.user_id]);
    expect(await ids("q=' OR 1=1 -- ")).toEqual([]);
    expect(await ids('role=auditor')).toEqual([staffed.auditor.user_id]);
    expect(await ids('is_active=false')).toEqual([]);
  });

  it('keeps its pages right while users register', async () => {
    const before = await staffed.allPages<{ user_id: string }>('/admin/users?limit=200');
    const paged = await staffed.allPages<{ user_id: string }>('/admin/users?limit=2', () =>
      staffed.bank.createUser(),
    );
    expect(paged.map((user) => user.user_id)).toEqual(before.map((user) => user.user_id));
  });

  it.each(['role=king', 'kyc_status=', 'is_active=maybe', 'q=', 'limit=1000', 'page=2'])(
    'refuses %s',
    async (query) => {
      const { body } = await staffed.get(`/admin/users?${query}`);
      expect(body).toMatchObject({
        status: 400,
        code: 'VALIDATION_FAILED',
        errors: [{ field: query.split('=')[0] }],
      });
    },
  );

  it('refuses cursors that were changed or made for other filters', async () => {
    const { next_cursor } = (await staffed.get('/admin/users?limit=1')).body;
    const refused = { status: 400, code: 'INVALID_CURSOR' };
    expect((await staffed.get(`/admin/users?limit=1&cursor=${next_cursor}0`)).body).toMatchObject(refused);
    expect((await staffed.get(`/admin/users?role=customer&cursor=${next_cursor}`)).body).toMatchObject(
      refused,
    );
    expect((await staffed.get(`/admin/accounts?cursor=${next_cursor}`)).body).toMatchObject(refused);
  });
});

describe('GET /admin/users/{id}', () => {
  it('gives accounts, customer profile and last logins', async () => {
    const user = await staffed.api.customer();
    const account = await staffed.bank.openAccount(user.user_id, { balance: 12_550n });
    await staffed.bank.owner.execute(
      `INSERT INTO customer_profiles (user_id, source, external_client_id, currency, yearly_income_minor, credit_score)
       VALUES (?, 'fin-txn', '825', 'USD', 5969600, 787)`,
      [user.user_id],
    );
    await staffed.bank.owner.execute(
      "INSERT INTO login_activity (user_id, username, succeeded, reason, ip_address) VALUES (?, ?, 1, 'OK', '203.0.113.7')",
      [user.user_id, user.username],
    );
    const { body } = await staffed.get(`/admin/users/${user.user_id}`, staffed.auditor);
    expect(body).toMatchObject({
      user_id: user.user_id,
      accounts: [{ account_id: account, balance: '125.50', currency: 'USD' }],
      customer_profile: {
        external_client_id: '825',
        yearly_income: '59696.00',
        total_debt: null,
        credit_score: 787,
      },
      recent_logins: [{ succeeded: true, reason: 'OK', ip_address: '203.0.113.7', user_agent: null }],
    });
    const bare = await staffed.api.customer();
    expect((await staffed.get(`/admin/users/${bare.user_id}`)).body).toMatchObject({
      accounts: [],
      customer_profile: null,
      recent_logins: [],
    });
  });

  it('says what it does not know', async () => {
    expect((await staffed.get('/admin/users/999999999')).body).toMatchObject({
      status: 404,
      code: 'USER_NOT_FOUND',
    });
    expect((await staffed.get('/admin/users/x')).body).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
    });
  });
});

describe('the standing of a user', () => {
  it('changes and ends the access tokens of who got another role', async () => {
    const user = await staffed.api.customer();
    const { body, status } = await staffed.patch(`/admin/users/${user.user_id}/role`, { role: 'auditor' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ user_id: user.user_id, role: 'auditor', is_active: true });
    expect((await staffed.get('/admin/users', user)).body).toMatchObject({
      status: 401,
      code: 'UNAUTHENTICATED',
    });
  });

  it('keeps the tokens when only the KYC status changes', async () => {
    const user = await staffed.api.customer({ kyc_status: 'pending' });
    const { body } = await staffed.patch(`/admin/users/${user.user_id}/kyc`, { kyc_status: 'verified' });
    expect(body.kyc_status).toBe('verified');
    expect((await staffed.get('/analytics/risk-scores', user)).status).toBe(200);
  });

  it('deactivates and reactivates', async () => {
    const user = await staffed.api.customer();
    expect(
      (await staffed.patch(`/admin/users/${user.user_id}/active`, { is_active: false })).body.is_active,
    ).toBe(false);
    expect((await staffed.get('/analytics/risk-scores', user)).status).toBe(401);
    expect(
      (await staffed.patch(`/admin/users/${user.user_id}/active`, { is_active: true })).body.is_active,
    ).toBe(true);
  });

  it.each([
    ['role', { role: 'teller' }],
    ['role', {}],
    ['kyc', { kyc_status: 'maybe' }],
    ['active', { is_active: 'false' }],
    ['active', { is_active: true, role: 'admin' }],
  ])('refuses /%s %j', async (what, body) => {
    const answer = await staffed.patch(`/admin/users/${staffed.customer.user_id}/${what}`, body);
    expect(answer.body).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
  });

  it('does not know users that are not there', async () => {
    const answer = await staffed.patch('/admin/users/999999999/role', { role: 'auditor' });
    expect(answer.body).toMatchObject({ status: 404, code: 'USER_NOT_FOUND' });
  });
});

describe('the last administrator', () => {
  it('stays, however many are demoted or deactivated at once', async () => {
    const others = await Promise.all(Array.from({ length: 4 }, () => staffed.api.staff('admin')));
    const everyone = [staffed.admin, ...others];
    // Each is taken down by the next, all at the same time; tokens may be ended before a request arrives.
    const answers = await Promise.all(
      everyone.map((subject, index) => {
        const actor = everyone[(index + 1) % everyone.length] ?? staffed.admin;
        return index % 2 === 0
          ? staffed.patch(`/admin/users/${subject.user_id}/role`, { role: 'customer' }, actor)
          : staffed.patch(`/admin/users/${subject.user_id}/active`, { is_active: false }, actor);
      }),
    );
    for (const { status } of answers) expect([200, 401, 409]).toContain(status);
    const left = await staffed.bank.owner.query<{ user_id: string }>(
      "SELECT user_id FROM users WHERE role = 'admin' AND is_active",
    );
    expect(left.length).toBeGreaterThanOrEqual(1);

    // The one who is left cannot go either.
    await staffed.bank.owner.execute("UPDATE users SET role = 'customer' WHERE role = 'admin'");
    staffed.admin = await staffed.api.staff('admin');
    const last = { status: 409, code: 'LAST_ADMINISTRATOR' };
    expect(
      (await staffed.patch(`/admin/users/${staffed.admin.user_id}/role`, { role: 'auditor' })).body,
    ).toMatchObject(last);
    expect(
      (await staffed.patch(`/admin/users/${staffed.admin.user_id}/active`, { is_active: false })).body,
    ).toMatchObject(last);
    expect(
      (await staffed.patch(`/admin/users/${staffed.admin.user_id}/role`, { role: 'admin' })).status,
    ).toBe(200);
  });

  it('are not both lost when the last two demote each other at once, straight at the database', async () => {
    const [first, second] = [
      await staffed.bank.createUser({ role: 'admin' }),
      await staffed.bank.createUser({ role: 'admin' }),
    ];
    await staffed.bank.owner.execute(
      "UPDATE users SET role = 'customer' WHERE role = 'admin' AND user_id NOT IN (?, ?)",
      [first.user_id, second.user_id],
    );
    const results = await Promise.allSettled(
      [first, second].map(({ user_id }) =>
        staffed.bank.pool.query('CALL sp_update_user_standing(?, ?, NULL, NULL)', [user_id, 'customer']),
      ),
    );
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    staffed.admin = await staffed.api.staff('admin');
  });
});
