import { connect } from 'node:net';
import type { ErrorCode } from '../../src/errors';
import { type Body, type MoneyTest, expectFields, moneyOf, startMoneyTest } from '../support/money';
import { expectProblem } from '../support/problem';

let test: MoneyTest;
let user: Awaited<ReturnType<MoneyTest['customer']>>;
beforeAll(async () => {
  test = await startMoneyTest();
  user = await test.customer({ balance: 10_000n });
});
afterAll(() => test.close());

const DEPOSIT = '/transactions/deposit';
const good = (more: object = {}) => ({ account_id: user.account_id, amount: '1.00', ...more });

/** Sends bytes as they are and answers with the status line. */
async function raw(request: Buffer): Promise<string> {
  const { hostname, port } = new URL(test.api.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
    socket.once('data', (data) => {
      resolve(String(data).split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('bad input', () => {
  it('is answered with its first faults and their number, not with all of them', async () => {
    const items = Array<object>(900).fill({ type: 'deposit', account_id: 'x' });
    const answer = await test.post(user, '/transactions/batch', { items });
    expectProblem(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.errors).toHaveLength(20);
    expect(answer.body.detail).toBe(
      'Some fields are not valid: items.0.account_id, items.0.amount, items.1.account_id, items.1.amount, ' +
        'items.2.account_id and 1,795 more',
    );
  });

  it.each([
    '0',
    '0.00',
    '-1',
    '-0.01',
    '1.001',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e3',
    '1E3',
    '0x10',
    '1,000.00',
    '1.000,00',
    ' 1',
    '1 ',
    '+1',
    '.5',
    '1.',
    '',
    ' ',
    '१२',
    '１',
    '1\u0000',
    '1;2',
    '$1',
    '99999999999999999999',
    '10000000000.01',
    '1.'.padEnd(40, '0').slice(0, 40) + '1'.repeat(0),
    "1' OR '1'='1",
  ])('amount %j is refused', async (amount) => {
    await test.withoutTrace(async () => {
      const answer = await test.post(user, DEPOSIT, good({ amount }));
      expectFields(answer, 'INVALID_AMOUNT', 'amount');
    });
  });

  it.each([0, -1, 1.001, 1e-7, 1e21, 1.7976931348623157e308, 5e-324, -0.0, 2 ** 53, 10_000_000_000.01])(
    'amount %d is refused',
    async (amount) => {
      await test.withoutTrace(async () => {
        expectFields(await test.post(user, DEPOSIT, good({ amount })), 'INVALID_AMOUNT', 'amount');
      });
    },
  );

  it.each(['true', 'null', '[]', '["1.00"]', '{}', '{"value":"1.00"}', `"${'1'.repeat(41)}"`, '1e400'])(
    'amount %s is no amount at all',
    async (amount) => {
      await test.withoutTrace(async () => {
        const body = `{"account_id":"${user.account_id}","amount":${amount}}`;
        expectFields(await test.post(user, DEPOSIT, body), 'VALIDATION_FAILED', 'amount');
      });
    },
  );

  it.each<[string, unknown]>(
    [
      0,
      -1,
      1.5,
      2 ** 53,
      '0',
      '-1',
      '1.0',
      '01',
      '1e1',
      '',
      ' 1',
      '1 ',
      'abc',
      '9'.repeat(20),
      null,
      true,
      [1],
      { id: 1 },
      '1\u0000',
      '1 OR 1=1',
      '１',
    ].map((id) => [JSON.stringify(id), id]),
  )('account_id %s is refused', async (_written, account_id) => {
    await test.withoutTrace(async () => {
      expectFields(await test.post(user, DEPOSIT, good({ account_id })), 'VALIDATION_FAILED', 'account_id');
    });
  });

  it.each<[string, unknown, ErrorCode | null]>([
    ['a null byte', 'a\u0000b', 'VALIDATION_FAILED'],
    ['a bell', 'a\u0007b', 'VALIDATION_FAILED'],
    ['a C1 control', 'a\u0085b', 'VALIDATION_FAILED'],
    ['256 characters', 'é'.repeat(256), 'VALIDATION_FAILED'],
    ['256 characters of 4 bytes', '🏦'.repeat(256), 'VALIDATION_FAILED'],
    ['255 characters of 4 bytes', '🏦'.repeat(255), null],
    ['a lone high surrogate', 'a\ud83d', 'VALIDATION_FAILED'],
    ['a lone low surrogate', '\udfe6b', 'VALIDATION_FAILED'],
    ['two surrogates in the wrong order', '\udfe6\ud83c', 'VALIDATION_FAILED'],
    ['nothing', '', null],
    ['spaces', '   ', null],
    ['a number', 5, 'VALIDATION_FAILED'],
    ['null', null, 'VALIDATION_FAILED'],
    ['an object', { toString: 'x' }, 'VALIDATION_FAILED'],
    ['an array', ['x'], 'VALIDATION_FAILED'],
    ['right-to-left and zero-width characters', '\u202eabc\u200b\ufeff٣', null],
    ['SQL', "'); DELETE FROM ledger_entries; -- \\", null],
    ['template code', '${process.exit()} {{constructor}} %s %d \\u0000', null],
  ])('a description of %s', async (_what, description, code) => {
    const answer = await test.post(user, DEPOSIT, good({ description }));
    if (code !== null) {
      expectFields(answer, code, 'description');
      return;
    }
    const { transaction_id, description: written } = moneyOf(answer);
    expect(written).toBe(String(description).trim());
    expect((await test.get(user, `/transactions/${transaction_id}`)).body.description).toBe(written);
  });

  it('unknown fields are named, each of them', async () => {
    await test.withoutTrace(async () => {
      const answer = await test.post(
        user,
        DEPOSIT,
        good({ Amount: 1, user_id: '1', owner: '1', constructor: 1 }),
      );
      expectFields(answer, 'VALIDATION_FAILED', 'Amount', 'user_id', 'owner', 'constructor');
      expectFields(await test.post(user, DEPOSIT, {}), 'VALIDATION_FAILED', 'account_id', 'amount');
      expect((await test.post(user, DEPOSIT, {})).body.errors).toContainEqual({
        field: 'amount',
        message: 'is required',
      });
      expectFields(await test.post(user, DEPOSIT), 'VALIDATION_FAILED', 'account_id', 'amount');
    });
  });

  it('keys of prototypes change nothing', async () => {
    const fields = `"account_id":"${user.account_id}","amount":"1.00"`;
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const answer = await test.post(user, DEPOSIT, `{${fields},"${key}":{"amount":"5.00","isAdmin":true}}`);
      if (answer.status !== 201) expectProblem(answer, 400, 'VALIDATION_FAILED');
      else expect(moneyOf(answer).amount).toBe('1.00');
      expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    }
    await test.withoutTrace(async () => {
      const inherited = `{"account_id":"${user.account_id}","__proto__":{"amount":"5.00"}}`;
      expect((await test.post(user, DEPOSIT, inherited)).status).toBe(400);
    });
  });

  it.each<[string, Body]>([
    ['no JSON', 'account_id=1&amount=1'],
    ['cut short', '{"account_id":"1","amount":'],
    ['with a trailing comma', '{"amount":"1.00",}'],
    ['with a comment', '{"amount":"1.00"} // one'],
    ['two values', '{} {}'],
    ['single quotes', "{'amount':'1.00'}"],
    ['NaN', '{"amount":NaN}'],
    ['Infinity', '{"amount":Infinity}'],
    ['a hexadecimal number', '{"amount":0x10}'],
    ['leading zeros', '{"amount":007}'],
    ['a raw control character', '{"description":"a\u0001b"}'],
    ['a bare word', 'undefined'],
    ['deeply nested and never closed', '['.repeat(100_000)],
  ])('a body that is %s is no JSON', async (_what, body) => {
    await test.withoutTrace(async () => {
      expectProblem(await test.post(user, DEPOSIT, body), 400, 'MALFORMED_JSON');
    });
  });

  it.each<[string, string]>([
    ['a number', '5'],
    ['a string', '"deposit"'],
    ['null', 'null'],
    ['true', 'true'],
    ['an array', '[]'],
    ['deeply nested', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['deeply nested in a field', `{"account_id":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`],
  ])('a body that is %s is no request', async (_what, body) => {
    await test.withoutTrace(async () => {
      expectProblem(await test.post(user, DEPOSIT, body), 400, 'VALIDATION_FAILED');
    });
  });

  it('the last of two fields of one name counts, as everywhere in JSON', async () => {
    const body = `{"account_id":"${user.account_id}","amount":"9.00","amount":"1.00"}`;
    expect(moneyOf(await test.post(user, DEPOSIT, body)).amount).toBe('1.00');
  });

  it('bytes that are not UTF-8, and a byte order mark, are told apart', async () => {
    const head = (body: Buffer) =>
      Buffer.concat([
        Buffer.from(
          `POST ${DEPOSIT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${user.token}\r\nContent-Type: application/json\r\n` +
            `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
        ),
        body,
      ]);
    const json = (text: string) =>
      Buffer.from(`{"account_id":"${user.account_id}","amount":"1.00","description":"${text}"}`);
    const latin = Buffer.from(json('caf#').toString('latin1').replace('#', '\xe9'), 'latin1');
    await test.withoutTrace(async () => {
      expect(await raw(head(latin))).toBe('HTTP/1.1 400 Bad Request');
      expect(await raw(head(Buffer.from(json('x').toString(), 'utf16le')))).toBe('HTTP/1.1 400 Bad Request');
      expect(await raw(head(Buffer.from([0xc0, 0x80])))).toBe('HTTP/1.1 400 Bad Request');
    });
    expect(await raw(head(json('café')))).toBe('HTTP/1.1 201 Created');
  });

  it('a body that is too large is refused before it is read', async () => {
    await test.withoutTrace(async () => {
      const answer = await test.post(user, DEPOSIT, good({ description: 'x'.repeat(1024 * 1024) }));
      expectProblem(answer, 413, 'PAYLOAD_TOO_LARGE');
    });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'multipart/form-data; boundary=x',
  ])('a body of %s is refused', async (type) => {
    await test.withoutTrace(async () => {
      const answer = await test.api.http
        .post(DEPOSIT)
        .set(user.headers)
        .set('content-type', type)
        .send(`account_id=${user.account_id}&amount=1`);
      expectProblem(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
    });
  });

  it('a charset beside application/json is fine', async () => {
    const answer = await test.api.http
      .post(DEPOSIT)
      .set(user.headers)
      .set('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify(good()));
    moneyOf(answer);
  });

  it('an address that is none is answered as a problem', async () => {
    for (const path of [
      '/nowhere',
      '/transactions/nowhere/at/all',
      '/accounts/%',
      '/accounts/%ff',
      '/%00',
      '/..%2f..%2fetc/passwd',
      `/accounts/${'9'.repeat(500)}`,
    ]) {
      const answer = await test.get(user, path);
      expect([path, [400, 404].includes(answer.status)]).toEqual([path, true]);
      expectProblem(answer, answer.status, answer.status === 404 ? 'NOT_FOUND' : 'VALIDATION_FAILED');
    }
    for (const method of ['put', 'patch', 'delete', 'get'] as const) {
      const answer = await test.api.http[method](DEPOSIT).set(user.headers);
      expect([400, 404, 405]).toContain(answer.status);
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    }
  });

  it('a token that is none is answered as a problem', async () => {
    await test.withoutTrace(async () => {
      for (const authorization of [
        '',
        'Bearer',
        'Bearer x',
        'Bearer a.b.c',
        `Basic ${user.token}`,
        `Bearer ${user.token}x`,
      ]) {
        const answer = await test.api.http.post(DEPOSIT).set({ authorization }).send(good());
        expectProblem(answer, 401, 'UNAUTHENTICATED');
      }
    });
  });
});
