import { parseCard, parseUser } from './customer-rows';
import { FieldProblem } from './fields';
import { payDayAfter, payDayBefore } from './timeline';
import { parseTransaction } from './transaction-row';

const NOW_US = Date.UTC(2026, 0, 1) * 1000;
const row = (...values: string[]) => parseTransaction(values, NOW_US);
const HASH_KEY = 'k'.repeat(32);

test('a purchase', () => {
  expect(
    row(
      '7475327',
      '2010-01-01 00:01:00',
      '1556',
      '2972',
      '$-77.00',
      'Swipe Transaction',
      '59935',
      'Beulah',
      'ND',
      '5499',
      '',
    ),
  ).toEqual({
    id: '7475327',
    clientId: '1556',
    cardId: '2972',
    effectiveUs: Date.UTC(2010, 0, 1, 0, 1) * 1000,
    amountMinor: -7_700n,
    channel: 'card_present',
    merchant: { number: '59935', mcc: '5499', city: 'Beulah', state: 'ND' },
    errors: null,
  });
});

test('a declined purchase on the internet', () => {
  const parsed = row(
    '1',
    '2010-01-01 00:14:00',
    '2',
    '3',
    '$26.46',
    'Online Transaction',
    '39021',
    'ONLINE',
    '',
    '4784',
    'Bad PIN,Bad CVV,',
  );
  expect(parsed).toMatchObject({
    channel: 'online',
    merchant: { city: null, state: null },
    errors: 'Bad PIN,Bad CVV',
  });
});

test('what cannot be posted', () => {
  const date = '2010-01-01 00:01:00';
  expect(() => row('1', date, '2', '3', '$0.00', 'Chip Transaction', '4', 'X', 'ND', '5499', '')).toThrow(
    'amount is zero',
  );
  expect(() =>
    row('1', '2030-01-01 00:00:00', '2', '3', '$1.00', 'Chip Transaction', '4', 'X', 'ND', '5499', ''),
  ).toThrow('in the future');
  expect(() => row('1', date, '2', '3', '$1.00', 'Telepathy', '4', 'X', 'ND', '5499', '')).toThrow(
    'use_chip',
  );
});

test('a card keeps neither its number nor its security code', () => {
  const card = parseCard(
    [
      '4524',
      '825',
      'Visa',
      'Debit (Prepaid)',
      '4000 0000 0001 0017',
      '12/2022',
      'YES',
      '$24,295',
      '09/2002',
      '2008',
      'No',
    ],
    HASH_KEY,
  );
  expect(card).toMatchObject({
    firstSix: '400000',
    lastFour: '0017',
    expiresOn: '2022-12-31',
    creditLimitMinor: 2_429_500n,
  });
  expect(card.hash).toHaveLength(32);
  expect(Object.values(card).map(String).join()).not.toContain('4000000000010017');
});

test('the reason for refusing a card quotes nothing of its line', () => {
  const number = '4000000000010017';
  const good = ['4524', '825', 'Visa', 'Debit', number, '12/2022', 'YES', '$24,295', '09/2002', '2008', 'No'];
  for (const index of good.keys()) {
    const shifted = good.with(index, number);
    if (index === 4) continue;
    const refusal = expect(() => parseCard(shifted, HASH_KEY));
    refusal.toThrow(FieldProblem);
    refusal.not.toThrow(/\d{8}/);
  }
});

test('a user', () => {
  const user = parseUser(
    [
      '66',
      '1966',
      '11',
      'Female',
      '1 Sample Lane',
      '34.15',
      '-117.76',
      '$29278',
      '$59,696',
      '$127613',
      '787',
      '5',
    ].toSpliced(0, 0, '825'),
  );
  expect(user).toMatchObject({
    clientId: '825',
    dateOfBirth: '1966-11-01',
    latitude: '34.150000',
    yearlyIncomeMinor: 5_969_600n,
    creditScore: 787,
  });
});

test('pay days lie before the first transaction and a month apart, over the end of a year', () => {
  const us = (...parts: Parameters<typeof Date.UTC>) => Date.UTC(...parts) * 1000;
  expect(payDayBefore(us(2010, 0, 1, 0, 1)).date).toBe('2009-12-25');
  expect(payDayBefore(us(2010, 0, 25, 9)).date).toBe('2009-12-25');
  expect(payDayBefore(us(2010, 0, 25, 9, 0, 1)).date).toBe('2010-01-25');
  expect(payDayAfter(payDayBefore(us(2010, 0, 1))).date).toBe('2010-01-25');
});
