import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json';
import { canonicalRow, type ColumnValue } from './canonical-row';

describe('canonical JSON', () => {
  it.each([
    ['{"b": 1, "a": [true, null, "x"]}', '{"a":[true,null,"x"],"b":1e0}'],
    ['  { "b":1,"a":[ true,null,"x" ] }\n', '{"a":[true,null,"x"],"b":1e0}'],
    ['"\\u00e9\\/\\u0041"', '"é/A"'],
    ['"\\ud83d\\ude00"', '"😀"'],
    ['"tab\\tquote\\""', '"tab\\tquote\\""'],
    ['{}', '{}'],
    ['[[], {}]', '[[],{}]'],
    ['"{}, [:]"', '"{}, [:]"'],
  ])('%s', (text, canonical) => expect(canonicalJson(text)).toBe(canonical));

  it.each([
    ['100', '1e2'],
    ['1e2', '1e2'],
    ['100.0', '1e2'],
    ['1.0E+2', '1e2'],
    ['-12.50', '-125e-1'],
    ['0.00', '0'],
    ['-0', '0'],
    ['9007199254740993', '9007199254740993e0'],
    ['9007199254740992', '9007199254740992e0'],
    ['0.1000000000000000055', '1000000000000000055e-19'],
  ])('the number %s loses no digit', (text, canonical) => expect(canonicalJson(text)).toBe(canonical));

  it('sorts names by their code units, and keeps what stands twice', () => {
    expect(canonicalJson('{"ä":1,"B":2,"a":3,"":4}')).toBe('{"":4e0,"B":2e0,"a":3e0,"ä":1e0}');
    expect(canonicalJson('{"a":2,"a":1}')).toBe('{"a":2e0,"a":1e0}');
  });

  it.each([
    '',
    '{',
    '{"a"}',
    '{"a":1,}',
    '[1 2]',
    'tru',
    '1 2',
    '{a:1}',
    '"\\x"',
    '[1,]',
    `${'['.repeat(300)}${']'.repeat(300)}`,
  ])('refuses what is no JSON: %s', (text) => expect(() => canonicalJson(text)).toThrow(SyntaxError));
});

describe('the canonical row', () => {
  const entry: Record<string, ColumnValue> = {
    transaction_id: '42',
    leg: 1,
    account_id: 7,
    account_seq: '3',
    amount_minor: '-12550',
    balance_after_minor: '0',
    available_after_minor: '0',
    effective_at: '2026-01-31 10:00:00.000000',
    posted_at: '2026-01-31 10:00:00.123456',
  };

  it('is the lines of docs/adr/0009', () => {
    expect(canonicalRow('entry', entry)).toBe(
      'entry 1\n2:42\n1:1\n1:7\n1:3\n6:-12550\n1:0\n1:0\n26:2026-01-31 10:00:00.000000\n26:2026-01-31 10:00:00.123456\n',
    );
  });

  it('counts bytes, and tells NULL from an empty text and from a minus', () => {
    const text = (description: string | null) => canonicalRow('transaction', { description }).split('\n')[9];
    expect([text('é'), text(''), text(null), text('-')]).toEqual(['2:é', '0:', '-', '1:-']);
  });

  it('a text that holds the separators cannot pass for two columns', () => {
    const one = canonicalRow('transaction', { description: 'a\n1:b', channel: null });
    const two = canonicalRow('transaction', { description: 'a', channel: 'b' });
    expect(one).not.toBe(two);
  });

  it('holds the digest of JSON in place of the values, which may be erased', () => {
    const row = canonicalRow('audit', { new_values: '{"b": 1, "a": 2}', old_values: 'broken' });
    expect(row).toContain(`64:${hash('sha256', '{"a":2e0,"b":1e0}', 'hex')}\n`);
    expect(row).not.toContain('broken');
  });
});
