import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ERRORS, type ErrorCode, isErrorCode } from '../../src/errors';
import { errorReference } from '../../src/errors/error-reference';
import { buildOpenApi } from '../../src/http/openapi';
import { routeDtos } from '../../src/http/openapi-schemas';
import { verdictsAsJson } from '../../src/risk';
import type { ApiUser } from '../support/api';
import { type MoneyTest, moneyOf, startMoneyTest } from '../support/money';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Content = Record<string, { schema?: object; example?: unknown; examples?: Record<string, unknown> }>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const ROOT = join(__dirname, '..', '..');

let test: MoneyTest;
let document: OpenAPIObject;
let operations: { method: (typeof METHODS)[number]; path: string; operation: Operation }[];
beforeAll(async () => {
  test = await startMoneyTest();
  document = (await test.api.http.get('/openapi.json')).body;
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ method, path, operation }] : [];
    }),
  );
});
afterAll(() => test.close());

/** Routes that are there for people and tools, not for clients. */
const UNDOCUMENTED = /^\/(docs|redoc|openapi)/;

/** The server's routes, from the tree that it prints. */
function servedRoutes(server: FastifyInstance): string[] {
  const routes: string[] = [];
  const above: string[] = [];
  for (const line of server.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', segment = '', methods = ''] = /^([│ ]*)[└├]── (\S+) \((.*)\)/.exec(line) ?? [];
    if (!segment) continue;
    const depth = indent.length / 4;
    above[depth] = segment;
    const path = `/${above.slice(0, depth + 1).join('')}`.replace(/^\/+/, '/');
    for (const method of methods.split(', ').filter((name) => !['HEAD', 'OPTIONS'].includes(name))) {
      if (!UNDOCUMENTED.test(path)) routes.push(`${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    }
  }
  return routes.sort();
}

/** A schema of the document as a validator. */
function validatorOf(schema: object): z.ZodType {
  const name = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined;
  return z.fromJSONSchema(
    (name ? document.components?.schemas?.[name] : schema) as z.core.JSONSchema.JSONSchema,
  );
}

function contentOf(response: unknown, type: string): Content[string] | undefined {
  return (response as { content?: Content }).content?.[type];
}

describe('the OpenAPI document', () => {
  it('has every route that the server has, and no other', () => {
    const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort();
    expect(documented).toEqual(servedRoutes(test.api.app.getHttpAdapter().getInstance()));
    expect(documented.length).toBeGreaterThan(40);
  });

  it('is the one that the generator writes', () => {
    expect(JSON.parse(JSON.stringify(buildOpenApi(test.api.app)))).toEqual(document);
    expect(document.openapi).toBe('3.1.0');
  });

  it('tells of every operation what it is, who may call it, and what it may answer', () => {
    for (const { method, path, operation } of operations) {
      const { summary, security, responses, operationId, parameters = [] } = operation;
      expect([path, method, summary]).toEqual([path, method, expect.stringMatching(/^[A-Z].{3}/)]);
      expect(operationId).toMatch(/^[A-Za-z]+_[A-Za-z]+$/);
      const isPublic =
        /^\/($|auth\/(register|login|refresh|logout)|health|currencies|audit\/seal\/keys)/.test(path);
      expect([path, security === undefined || security.length === 0]).toEqual([path, isPublic]);
      if (!isPublic) expect(responses['401']).toBeDefined();
      const names = Object.entries(responses).map(([status, response]) => {
        expect([path, status, (response as { description?: string }).description || 'none']).not.toContain(
          'none',
        );
        return status;
      });
      // An act that a second person may have to approve can answer 202 in place of its own.
      const successes = names.filter((status) => status.startsWith('2'));
      expect(successes.filter((status) => successes.length === 1 || status !== '202')).toHaveLength(1);
      if (!/^\/($|health|metrics)/.test(path))
        expect([path, names]).toEqual([path, expect.arrayContaining(['500'])]);
      for (const name of path.match(/\{(\w+)\}/g) ?? []) {
        expect(parameters).toContainEqual(
          expect.objectContaining({ in: 'path', name: name.slice(1, -1), required: true }),
        );
      }
    }
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  });

  it('gives an example of each error code it names, in the form of a problem', () => {
    const problem = validatorOf(document.components?.schemas?.Problem as object);
    const examples = document.components?.examples as Record<
      string,
      { value: { status: number; code: string } }
    >;
    expect(Object.keys(examples).sort()).toEqual(Object.keys(ERRORS).sort());
    for (const [code, { value }] of Object.entries(examples)) {
      expect(problem.parse(value)).toMatchObject({ code, status: ERRORS[code as ErrorCode].status });
    }
    for (const { path, operation } of operations) {
      for (const [status, response] of Object.entries(operation.responses)) {
        if (status.startsWith('2') || (path === '/health/ready' && status === '503')) continue;
        const codes = Object.keys(contentOf(response, 'application/problem+json')?.examples ?? {});
        expect([path, status, codes.length]).not.toContain(0);
        for (const code of codes)
          expect([code, ERRORS[code as ErrorCode].status]).toEqual([code, Number(status)]);
      }
    }
  });

  it('names every error code at some operation, but for those of no operation in particular', () => {
    const named = new Set(
      operations.flatMap(({ operation }) =>
        Object.values(operation.responses).flatMap((response) =>
          Object.keys(contentOf(response, 'application/problem+json')?.examples ?? {}),
        ),
      ),
    );
    // The web server's own answer, codes of single items of a batch, and what only the import and SQL prompts meet.
    const elsewhere = [
      'EXTERNALLY_DECLINED',
      'HOLD_NOT_EXPIRED',
      'INVALID_ITEM',
      'LINKED_FAILED',
      'UNKNOWN_ACCOUNT_TYPE',
    ];
    expect(
      Object.keys(ERRORS)
        .filter((code) => !named.has(code))
        .sort(),
    ).toEqual(elsewhere);
  });

  it('gives an example of each body, which the API would take', () => {
    const routes = routeDtos(test.api.app);
    let bodies = 0;
    for (const { path, operation } of operations) {
      const body = (operation.requestBody as { content?: Content; required?: boolean } | undefined)?.content;
      if (!body) continue;
      bodies += 1;
      const { example, schema } = body['application/json'] ?? {};
      const dtos = routes.get(operation.operationId ?? '')?.takes ?? [];
      const name = String((schema as { $ref?: string }).$ref)
        .split('/')
        .at(-1);
      const dto = dtos.find((candidate) => candidate.name === `${name}Dto`);
      expect([path, dto?.schema.safeParse(example).error?.issues ?? 'fits']).toEqual([path, 'fits']);
      expect([path, validatorOf(schema ?? {}).safeParse(example).success]).toEqual([path, true]);
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '413', '415']));
    }
    expect(bodies).toBeGreaterThan(20);
  });

  it('gives an example of each answer, which fits its schema', () => {
    for (const { path, operation } of operations) {
      const [, response] =
        Object.entries(operation.responses).find(([status]) => status.startsWith('2')) ?? [];
      const json = contentOf(response, 'application/json');
      if (!json) continue;
      const result = validatorOf(json.schema ?? {}).safeParse(json.example);
      expect([path, result.error?.issues ?? 'fits']).toEqual([path, 'fits']);
    }
  });

  it('gives an example or the values of each parameter', () => {
    for (const { path, operation } of operations) {
      for (const parameter of operation.parameters ?? []) {
        const {
          name,
          schema = {},
          ...rest
        } = parameter as { name: string; schema?: object; example?: unknown };
        const says =
          'example' in rest || 'example' in schema || 'enum' in schema || ['q', 'cursor'].includes(name);
        expect([path, name, says || JSON.stringify(schema)]).toEqual([path, name, true]);
        if (/_id$|amount/.test(name))
          expect([path, name, schema]).toMatchObject([path, name, { type: 'string' }]);
      }
    }
  });

  it('documents the Idempotency-Key wherever money moves', () => {
    const keyed = operations.filter(({ operation }) =>
      (operation.parameters ?? []).some(
        (parameter) => 'name' in parameter && parameter.name === 'Idempotency-Key',
      ),
    );
    expect(keyed.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
      [
        'post /admin/journal-entries',
        'post /alerts/{alert_id}/confirm',
        'post /alerts/{alert_id}/release',
        'post /cases/{case_id}/close',
        ...operations
          .filter(({ method, path }) => method === 'post' && path.startsWith('/transactions'))
          .map(({ path }) => `post ${path}`),
      ].sort(),
    );
    for (const { operation } of keyed) {
      const text = JSON.stringify(operation.responses);
      for (const code of [
        'IDEMPOTENCY_KEY_REUSED',
        'INVALID_IDEMPOTENCY_KEY',
        'RATE_LIMITED',
        'QUEUE_FULL',
      ]) {
        expect(text).toContain(code);
      }
      expect(text).toContain('Idempotency-Replayed');
    }
  });
});

describe('answers', () => {
  let user: ApiUser & { account_id: string };
  let admin: ApiUser;
  /** Of something that is there, by the names in paths. */
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    user = await test.customer({ balance: 100_000n });
    admin = await test.api.staff('admin');
    const body = { account_id: user.account_id, amount: '1.00', description: 'x' };
    ids.account_id = user.account_id;
    ids.transaction_id = String(
      moneyOf(await test.post(user, '/transactions/withdraw', body)).transaction_id,
    );
    await test.bank.owner.call('sp_record_risk_scores', [
      verdictsAsJson([
        { transaction_id: ids.transaction_id, model_version: 1, risk_score: 0.9, features: {} },
      ]),
    ]);
    const [alert] = await test.bank.owner.query('SELECT alert_id, case_id FROM alerts');
    ids.alert_id = String(alert?.alert_id);
    ids.case_id = String(alert?.case_id);
    await test.post(admin, `/transactions/${ids.transaction_id}/reversal`);
    await test.post(user, '/transactions/withdraw', { ...body, amount: '99999.00' });
  });

  const READABLE = (path: string) =>
    !['/metrics', '/alerts/stream'].includes(path) &&
    Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name).every((name) => name in ids);

  it('fit their documented schemas; ids are strings, times are UTC, and a trailing slash changes nothing', async () => {
    for (const { method, path, operation } of operations) {
      if (method !== 'get' || !READABLE(path)) continue;
      const address = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '');
      const asker = /^\/(admin|approvals|audit|alerts|cases|declined-transactions|risk)/.test(path)
        ? admin
        : user;
      const answer = await test.get(asker, address);
      if (path === '/health/ready' || path === '/analytics/spending-prediction') continue;
      // Nothing is sealed here: test/api/audit-seal.spec.ts looks at it.
      if (path === '/audit/seal/head') continue;
      expect([path, answer.status, answer.body.detail]).toEqual([path, 200, undefined]);
      const schema = contentOf(operation.responses['200'], 'application/json')?.schema ?? {};
      expect([path, validatorOf(schema).safeParse(answer.body).error?.issues ?? 'fits']).toEqual([
        path,
        'fits',
      ]);
      checkForms(answer.body, path);
      const slashed = await test.get(asker, `${address}/`);
      expect([path, slashed.status, Object.keys(slashed.body)]).toEqual([
        path,
        200,
        Object.keys(answer.body),
      ]);
    }
  });

  it('to the posts of money fit as well, with and without a trailing slash', async () => {
    const { account_id } = user;
    const merchant = { name: 'Shop', mcc: '5411' };
    const held = await test.post(user, '/transactions/holds/', { account_id, amount: '5.00' });
    const posts: [path: string, address: string, body: object][] = [
      ['/transactions/deposit', '', { account_id, amount: '1.00' }],
      ['/transactions/withdraw', '', { account_id, amount: '1.00' }],
      ['/transactions/payment', '', { account_id, amount: '1.00', merchant, channel: 'atm' }],
      ['/transactions/holds', '', { account_id, amount: '1.00' }],
      ['/transactions/holds/{hold_id}/capture', `/transactions/holds/${held.body.hold_id}/capture`, {}],
      [
        '/transactions/batch',
        '',
        {
          items: [
            { type: 'withdrawal', account_id, amount: '9999.00' },
            { type: 'deposit', account_id, amount: 1 },
          ],
        },
      ],
    ];
    for (const [path, address, body] of posts) {
      const answer = await test.post(user, `${address || path}/`, body);
      const status = path.endsWith('batch') ? 200 : 201;
      expect([path, answer.status]).toEqual([path, status]);
      const schema =
        contentOf(document.paths[path]?.post?.responses[status], 'application/json')?.schema ?? {};
      expect([path, validatorOf(schema).safeParse(answer.body).error?.issues ?? 'fits']).toEqual([
        path,
        'fits',
      ]);
      checkForms(answer.body, path);
    }
  });

  it('come with a request id, and are kept by nobody', async () => {
    const { headers } = await test.get(user, '/accounts');
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('for people are served from here alone', async () => {
    for (const path of ['/docs', '/docs/', '/redoc', '/redoc/']) {
      const { status, text, headers } = await test.api.http.get(path).redirects(1);
      expect([path, status]).toEqual([path, 200]);
      expect(headers['content-type']).toContain('text/html');
      expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    }
    const bundle = await test.api.http.get('/redoc/redoc.standalone.js');
    expect([bundle.status, bundle.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  });
});

/** Ids are strings and times are in UTC, however deep. */
function checkForms(value: unknown, where: string): void {
  if (Array.isArray(value)) {
    for (const item of value) checkForms(item, where);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, field] of Object.entries(value)) {
      // Rows of the database as the audit kept them.
      if (name === 'old_values' || name === 'new_values') continue;
      const here = `${where} ${name}`;
      if (/_id$|^(reversal_of|reversed_by)$/.test(name) && field !== null)
        expect([here, typeof field]).toEqual([here, 'string']);
      if (/_at$|^as_of$/.test(name) && field !== null) expect(`${here} ${field}`).toMatch(/T[\d:.]+Z$/);
      if (/amount|balance$/.test(name) && typeof field === 'number') throw new Error(`${here} is a number`);
      checkForms(field, here);
    }
  }
}

describe('docs/errors.md', () => {
  it('is what the table of codes makes it', () => {
    expect(readFileSync(join(ROOT, 'docs', 'errors.md'), 'utf8')).toBe(errorReference());
    for (const code of Object.keys(ERRORS)) expect(errorReference()).toContain(`| \`${code}\` |`);
  });

  it('knows every code that a procedure can answer', () => {
    // Raised for people at an SQL prompt, or for what no request can ask: never told to a client.
    const internal = [
      'ALERT_BUDGET_INVALID',
      'AMOUNT_TOO_PRECISE',
      'BATCH_NOT_AN_ARRAY_OF_AT_MOST_2000',
      'NO_FREE_ACCOUNT_NUMBER',
      'SEAL_BLOCK_DOES_NOT_FIT',
    ];
    const folder = join(ROOT, 'procedures');
    const sql = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /sp_.*\.sql$/.test(name))
      .map((name) => readFileSync(join(folder, name), 'utf8').replace(/^--.*$/gm, ''))
      .join('\n');
    const codes = new Set(Array.from(sql.matchAll(/'([A-Z]+(?:_[A-Z0-9]+)+)'/g), ([, code = '']) => code));
    expect(codes.size).toBeGreaterThan(20);
    const unknown = [...codes].filter((code) => !isErrorCode(code)).sort();
    expect(unknown).toEqual(internal);
  });
});
