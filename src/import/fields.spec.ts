import {
  FieldProblem,
  parseId,
  parseMcc,
  parseMoney,
  parseOptionalFlag,
  parseOptionalMonth,
  parseOptionalText,
  parseTimeUs,
  quoteValue,
} from './fields';

describe('amounts', () => {
  test.each([
    ['$-77.00', -7_700n],
    ['-$77.00', -7_700n],
    ['$14.57', 1_457n],
    ['$59,696', 5_969_600n],
    ['1,234,567.8', 123_456_780n],
    ['14.57', 1_457n],
    ['$0.00', 0n],
  ])('%s', (text, minor) => {
    expect(parseMoney('amount', text)).toBe(minor);
  });

  test.each([
    '',
    '$',
    '$-',
    '-$-5',
    '$1.234',
    '$12.3.4',
    '1e5',
    'NaN',
    '$5,96',
    '$1 000',
    '١٢',
    '99999999999999',
  ])('refuses %j', (text) => {
    expect(() => parseMoney('amount', text)).toThrow(FieldProblem);
  });
});

describe('times', () => {
  test('are UTC, in microseconds', () => {
    expect(parseTimeUs('date', '2010-01-01 00:01:00')).toBe(Date.UTC(2010, 0, 1, 0, 1) * 1000);
    expect(parseTimeUs('date', '2012-02-29T23:59:59.25')).toBe(Date.UTC(2012, 1, 29, 23, 59, 59, 250) * 1000);
  });

  test.each([
    '2010-02-30 10:00:00',
    '2010-13-01 10:00:00',
    '2010-01-01 24:00:00',
    '2010-01-01',
    '01/01/2010 10:00:00',
    '1969-12-31 10:00:00',
    '',
  ])('refuses %j', (text) => {
    expect(() => parseTimeUs('date', text)).toThrow(FieldProblem);
  });

  test('months become the first or last day', () => {
    expect(parseOptionalMonth('expires', '02/2024', 'last')).toBe('2024-02-29');
    expect(parseOptionalMonth('expires', '12/2022', 'last')).toBe('2022-12-31');
    expect(parseOptionalMonth('opened', '09/2002', 'first')).toBe('2002-09-01');
    expect(parseOptionalMonth('opened', '', 'first')).toBeNull();
    expect(() => parseOptionalMonth('expires', '13/2024', 'last')).toThrow(FieldProblem);
  });
});

test('identifiers and codes', () => {
  expect(parseId('id', '2972.0')).toBe('2972');
  expect(() => parseId('id', '4000000000010017')).toThrow(FieldProblem);
  expect(() => parseId('id', "1' OR 1")).toThrow(FieldProblem);
  expect(parseMcc('mcc', '742')).toBe('0742');
  expect(parseOptionalFlag('chip', 'YES')).toBe(true);
  expect(() => parseOptionalFlag('chip', 'perhaps')).toThrow(FieldProblem);
});

test('text keeps what people write and refuses what cannot be shown', () => {
  expect(parseOptionalText('city', ' Zürich 🏔 ', 80)).toBe('Zürich 🏔');
  expect(() => parseOptionalText('city', 'a\u0000b', 80)).toThrow(FieldProblem);
  expect(() => parseOptionalText('city', 'x'.repeat(81), 80)).toThrow(FieldProblem);
});

test('a quoted value is short and never holds a card number', () => {
  expect(quoteValue('4000 0000 0001 0017')).toBe('"****"');
  expect(quoteValue('pan=4000000000010017;')).not.toContain('0017');
  expect(quoteValue('x'.repeat(100)).length).toBeLessThan(30);
});
