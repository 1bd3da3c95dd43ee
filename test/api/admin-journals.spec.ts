import { fundsOf, ledgerSize, systemAccount } from '../support/postings';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();

describe('POST /admin/journal-entries', () => {
  let account: string;
  let suspense: string;

  beforeAll(async () => {
    account = await staffed.bank.openAccount(staffed.customer.user_id, { balance: 10_000n });
    suspense = await systemAccount(staffed.bank.owner, 'suspense');
  });

  const entry = (amount: unknown = '15.50', more: object = {}) => ({
    currency: 'USD',
    description: 'Correction',
    legs: [
      { account_id: suspense, direction: 'debit', amount },
      { account_id: account, direction: 'credit', amount },
    ],
    ...more,
  });

  it('books and answers like every posting', async () => {
    const { body, status, headers } = await staffed.post('/admin/journal-entries', entry(), 'journal-1');
    expect(status).toBe(201);
    expect(headers['idempotency-replayed']).toBeUndefined();
    expect(body).toMatchObject({
      transaction_id: expect.stringMatching(/^\d+$/),
      reference_id: expect.stringMatching(/^FL/),
      type: 'journal',
      status: 'posted',
      amount: '15.50',
      currency: 'USD',
      description: 'Correction',
      entries: [
        { account_id: suspense, direction: 'debit', amount: '15.50' },
        { account_id: account, direction: 'credit', amount: '15.50', balance_after: '115.50' },
      ],
    });
    expect(await fundsOf(staffed.bank.owner, account)).toMatchObject({ balance: 11_550n });
  });

  it('answers a repeat with the first answer, many at once too', async () => {
    const before = await fundsOf(staffed.bank.owner, account);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => staffed.post('/admin/journal-entries', entry('1.00'), 'journal-2')),
    );
    for (const { status, body } of answers) {
      expect(status).toBe(201);
      expect(body).toEqual(answers[0]?.body);
    }
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(7);
    expect((await fundsOf(staffed.bank.owner, account)).balance).toBe(before.balance + 100n);
    expect((await staffed.post('/admin/journal-entries', entry('1.01'), 'journal-2')).body).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it('gives a decline again, and does not remember an unbalanced journal', async () => {
    const taking = entry('99999.00', {
      legs: [
        { account_id: account, direction: 'debit', amount: '99999.00' },
        { account_id: suspense, direction: 'credit', amount: '99999.00' },
      ],
    });
    const first = await staffed.post('/admin/journal-entries', taking, 'journal-3');
    expect(first.body).toMatchObject({ status: 422, code: 'INSUFFICIENT_FUNDS' });
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    const again = await staffed.post('/admin/journal-entries', taking, 'journal-3');
    expect(again.body).toMatchObject({ status: 422, code: 'INSUFFICIENT_FUNDS' });
    expect(again.headers['idempotency-replayed']).toBe('true');

    const [debit, credit] = entry('2.00').legs;
    const unbalanced = entry('2.00', { legs: [debit, { ...credit, amount: '1.99' }] });
    expect((await staffed.post('/admin/journal-entries', unbalanced, 'journal-4')).body).toMatchObject({
      status: 422,
      code: 'JOURNAL_UNBALANCED',
    });
    expect((await staffed.post('/admin/journal-entries', entry('2.00'), 'journal-4')).status).toBe(201);
  });

  it('takes 100 legs, a date, and numbers as ids and amounts', async () => {
    const accounts = await Promise.all(
      Array.from({ length: 99 }, () => staffed.bank.openAccount(staffed.customer.user_id)),
    );
    const legs = [
      { account_id: Number(suspense), direction: 'debit', amount: 9.9 },
      ...accounts.map((account_id) => ({ account_id, direction: 'credit', amount: '0.10' })),
    ];
    const { body, status } = await staffed.post(
      '/admin/journal-entries',
      entry('1', { legs, effective_at: '2024-02-29T12:00:00.123456+02:00' }),
    );
    expect(status).toBe(201);
    expect(body.entries).toHaveLength(100);
    expect(body.effective_at).toBe('2024-02-29T10:00:00.123456Z');
    const many = [...legs, { account_id: account, direction: 'credit', amount: '0.10' }];
    expect((await staffed.post('/admin/journal-entries', entry('1', { legs: many }))).body.code).toBe(
      'VALIDATION_FAILED',
    );
  });

  it.each([
    ['-1.00', 'INVALID_AMOUNT'],
    ['0', 'INVALID_AMOUNT'],
    ['0.001', 'INVALID_AMOUNT'],
    [1e30, 'INVALID_AMOUNT'],
    ['NaN', 'INVALID_AMOUNT'],
    [null, 'VALIDATION_FAILED'],
  ])('refuses the amount %j', async (amount, code) => {
    const before = await ledgerSize(staffed.bank.owner);
    const { body } = await staffed.post('/admin/journal-entries', entry(amount));
    expect(body).toMatchObject({ status: 400, code });
    expect(body.errors[0].field).toBe('legs.0.amount');
    expect(await ledgerSize(staffed.bank.owner)).toEqual(before);
  });

  it('refuses what it cannot book, each with its code', async () => {
    const [debit, credit] = entry().legs;
    const euro = await staffed.bank.openAccount(staffed.customer.user_id, { currency: 'EUR' });
    const cases: [object, string][] = [
      [entry('1', { legs: [debit] }), 'VALIDATION_FAILED'],
      [entry('1', { legs: [debit, { ...debit, direction: 'credit' }] }), 'VALIDATION_FAILED'],
      [entry('1', { legs: [debit, { ...credit, direction: 'left' }] }), 'VALIDATION_FAILED'],
      [entry('1', { description: '' }), 'VALIDATION_FAILED'],
      [entry('1', { description: 'null\u0000byte' }), 'VALIDATION_FAILED'],
      [entry('1', { currency: 'XAU' }), 'UNKNOWN_CURRENCY'],
      [entry('1', { legs: [debit, { ...credit, account_id: '999999999' }] }), 'ACCOUNT_NOT_FOUND'],
      [entry('1', { legs: [debit, { ...credit, account_id: euro }] }), 'CURRENCY_MISMATCH'],
      [entry('1', { effective_at: '2199-01-01T00:00:00Z' }), 'EFFECTIVE_IN_FUTURE'],
    ];
    for (const [body, code] of cases)
      expect((await staffed.post('/admin/journal-entries', body)).body.code).toBe(code);
    expect((await staffed.post('/admin/journal-entries', entry(), 'ü')).body.code).toBe(
      'INVALID_IDEMPOTENCY_KEY',
    );
    expect((await staffed.post('/admin/journal-entries', entry(), 'x'.repeat(256))).body.code).toBe(
      'INVALID_IDEMPOTENCY_KEY',
    );
  });
});

describe('the books of a period', () => {
  it('close once, up to now, and take nothing back-dated any more', async () => {
    const account = await staffed.bank.openAccount(staffed.customer.user_id);
    expect((await staffed.get('/admin/periods', staffed.auditor)).body).toEqual({ closed_until: null });
    const { body, status } = await staffed.post('/admin/periods/close', { until: '2020-01-01' });
    expect(status).toBe(200);
    expect(body).toEqual({ closed_until: '2020-01-01T00:00:00.000000Z' });
    expect((await staffed.get('/admin/periods', staffed.auditor)).body).toEqual(body);

    const legs = [
      { account_id: await systemAccount(staffed.bank.owner, 'suspense'), direction: 'debit', amount: '1' },
      { account_id: account, direction: 'credit', amount: '1' },
    ];
    const late = { currency: 'USD', description: 'Late', legs, effective_at: '2019-12-31T23:59:59Z' };
    expect((await staffed.post('/admin/journal-entries', late)).body).toMatchObject({
      status: 422,
      code: 'PERIOD_CLOSED',
    });
    expect(
      (await staffed.post('/admin/journal-entries', { ...late, effective_at: '2020-01-01T00:00:00Z' }))
        .status,
    ).toBe(201);

    const closed = { status: 409, code: 'PERIOD_ALREADY_CLOSED' };
    expect(
      (await staffed.post('/admin/periods/close', { until: '2020-01-01T00:00:00Z' })).body,
    ).toMatchObject(closed);
    expect((await staffed.post('/admin/periods/close', { until: '2019-06-30' })).body).toMatchObject(closed);
    expect((await staffed.post('/admin/periods/close', { until: '2199-01-01' })).body).toMatchObject({
      status: 422,
      code: 'PERIOD_IN_FUTURE',
    });
    expect((await staffed.post('/admin/periods/close', { until: 'soon' })).body).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
    });
    const logs = (await staffed.get('/audit/logs?table_name=bank_settings')).body.items;
    expect(logs).toMatchObject([{ actor_user_id: staffed.admin.user_id, record_id: null, action: 'UPDATE' }]);
  });
});
