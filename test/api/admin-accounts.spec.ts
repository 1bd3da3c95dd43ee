import { hold, made, payment, postOne, systemAccount } from '../support/postings';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();

describe('GET /admin/accounts', () => {
  it('filters and finds', async () => {
    const owner = await staffed.api.customer({ username: 'katherine.j' });
    const euro = await staffed.bank.openAccount(owner.user_id, {
      currency: 'EUR',
      type: 'savings',
      balance: 500n,
    });
    const frozen = await staffed.bank.openAccount(owner.user_id);
    await staffed.patch(`/admin/accounts/${frozen}/freeze`);
    const { body } = await staffed.get(`/admin/accounts?user_id=${owner.user_id}`, staffed.auditor);
    expect(body.items).toMatchObject([
      { account_id: frozen, status: 'frozen', user_id: owner.user_id, username: 'katherine.j' },
      { account_id: euro, balance: '5.00', currency: 'EUR', account_type: 'savings', status: 'active' },
    ]);
    const ids = async (query: string) =>
      (await staffed.get(`/admin/accounts?${query}`)).body.items.map(
        (item: { account_id: string }) => item.account_id,
      );
    expect(await ids('status=frozen')).toEqual([frozen]);
    expect(await ids(`currency=EUR&account_type=savings&user_id=${owner.user_id}`)).toEqual([euro]);
    expect(await ids('q=Katherine')).toEqual([frozen, euro]);
    const written = body.items[1].account_number.replace(/(.{4})/g, '$1 ').trim();
    expect(await ids(`q=${encodeURIComponent(written.toLowerCase())}`)).toEqual([euro]);
    expect(await ids(`q=${encodeURIComponent('ü😀%')}`)).toEqual([]);
  });

  it("shows the bank's own accounts when asked", async () => {
    expect((await staffed.get('/admin/accounts?account_type=cash')).body.items).toEqual([]);
    const { body } = await staffed.get('/admin/accounts?account_type=cash&currency=USD&include_system=true');
    expect(body.items).toMatchObject([{ account_type: 'cash', user_id: null, username: null }]);
  });

  it('keeps its pages right while accounts are opened', async () => {
    const owner = await staffed.api.customer();
    const opened: string[] = [];
    for (let index = 0; index < 5; index += 1) opened.push(await staffed.bank.openAccount(owner.user_id));
    const paged = await staffed.allPages<{ account_id: string }>(
      `/admin/accounts?user_id=${owner.user_id}&limit=2`,
      () => staffed.bank.openAccount(owner.user_id),
    );
    expect(paged.map((item) => item.account_id)).toEqual(opened.reverse());
  });

  it.each(['status=open', 'user_id=me', 'currency=usd', 'account_type=1', 'include_system=x'])(
    'refuses %s',
    async (query) => {
      const { body } = await staffed.get(`/admin/accounts?${query}`);
      expect(body).toMatchObject({
        status: 400,
        code: 'VALIDATION_FAILED',
        errors: [{ field: query.split('=')[0] }],
      });
    },
  );
});

describe('the status of an account', () => {
  it('freezes, with a reason in the audit log, and unfreezes', async () => {
    const account = await staffed.bank.openAccount(staffed.customer.user_id, { balance: 10_000n });
    const { body, status } = await staffed.patch(`/admin/accounts/${account}/freeze`, {
      reason: ' Court order 47/11 😀 ',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      account_id: account,
      status: 'frozen',
      balance: '100.00',
      username: staffed.customer.username,
    });
    expect((await postOne(staffed.bank.pool, payment(account, 1n))).code).toBe('ACCOUNT_FROZEN');
    expect((await staffed.patch(`/admin/accounts/${account}/unfreeze`)).body.status).toBe('active');
    expect((await postOne(staffed.bank.pool, payment(account, 1n))).code).toBe('OK');

    const logs = (await staffed.get(`/audit/logs?table_name=accounts&record_id=${account}&action=UPDATE`))
      .body.items;
    expect(logs[1]).toMatchObject({
      actor_user_id: staffed.admin.user_id,
      new_values: { status: 'frozen', reason: 'Court order 47/11 😀' },
    });
    expect(logs[0]).toMatchObject({ actor_user_id: staffed.admin.user_id, new_values: { status: 'active' } });
    expect(logs[0].new_values).not.toHaveProperty('reason');
  });

  it('closes an empty account for good, and only an empty one', async () => {
    const account = await staffed.bank.openAccount(staffed.customer.user_id, { balance: 500n });
    const notEmpty = { status: 409, code: 'ACCOUNT_NOT_EMPTY' };
    expect(
      (await staffed.patch(`/admin/accounts/${account}/close`, { reason: 'asked by the customer' })).body,
    ).toMatchObject(notEmpty);
    made(await postOne(staffed.bank.pool, payment(account, 500n)));
    expect((await staffed.patch(`/admin/accounts/${account}/close`)).body).toMatchObject({
      status: 'closed',
    });
    const closed = { status: 422, code: 'ACCOUNT_CLOSED' };
    for (const what of ['close', 'freeze', 'unfreeze']) {
      expect((await staffed.patch(`/admin/accounts/${account}/${what}`)).body).toMatchObject(closed);
    }
    const held = await staffed.bank.openAccount(staffed.customer.user_id, { overdraft: 1_000n });
    made(await postOne(staffed.bank.pool, hold(held, 100n)));
    expect((await staffed.patch(`/admin/accounts/${held}/close`)).body).toMatchObject(notEmpty);
  });

  it("knows neither accounts that are not there nor changes to the bank's own", async () => {
    const missing = { status: 404, code: 'ACCOUNT_NOT_FOUND' };
    expect((await staffed.patch('/admin/accounts/999999999/freeze')).body).toMatchObject(missing);
    const cash = await systemAccount(staffed.bank.owner, 'cash');
    expect((await staffed.patch(`/admin/accounts/${cash}/freeze`)).body).toMatchObject(missing);
  });

  it.each([{ reason: 'no' }, { reason: 'x'.repeat(201) }, { reason: 5 }, { because: 'of this' }, []])(
    'refuses %j',
    async (body) => {
      const account = await staffed.bank.openAccount(staffed.customer.user_id);
      expect((await staffed.patch(`/admin/accounts/${account}/freeze`, body)).body).toMatchObject({
        status: 400,
        code: 'VALIDATION_FAILED',
      });
    },
  );
});
