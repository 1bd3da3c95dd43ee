import {
  comparisonsOf,
  CONDITION_NODES_MAX,
  factsOf,
  meets,
  parseCondition,
  type Condition,
} from './rule-condition';
import { SEEDED_RULES } from './seeded-rules';

const parsed = (input: unknown): Condition => {
  const { condition, problems } = parseCondition(input);
  if (!condition) throw new Error(JSON.stringify(problems));
  return condition;
};
const large = { fact: 'amount_usd', op: 'gte', value: 10_000 };

describe('the language of rules', () => {
  it.each<[string, unknown, string, string]>([
    [
      'a text where a number belongs',
      { all: [large, { fact: 'amount_usd', op: 'gte', value: '10000' }] },
      'all.1.value',
      'expected a number, because amount_usd is in USD',
    ],
    ['an unknown fact', { not: { ...large, fact: 'amuont' } }, 'not.fact', "there is no fact 'amuont'"],
    ['a fact of every object', { ...large, fact: 'constructor' }, 'fact', "there is no fact 'constructor'"],
    [
      'an operator that its fact has not',
      { any: [{ fact: 'is_new_device', op: 'gt', value: true }] },
      'any.0.op',
      'expected one of eq, ne, because is_new_device is a truth',
    ],
    [
      'a number where a truth belongs',
      { fact: 'is_new_device', op: 'eq', value: 1 },
      'value',
      'expected true or false, because is_new_device is one',
    ],
    [
      'one wrong value of a list',
      { fact: 'type', op: 'in', value: ['deposit', 5] },
      'value.1',
      'expected a text of 1 to 64 characters, because type is a kind of transaction',
    ],
    ['an empty list', { fact: 'type', op: 'in', value: [] }, 'value', 'expected a list of 1 to 200 values'],
    ['an empty group', { all: [] }, 'all', 'expected a list of one condition or more'],
    ['an unknown key', { ...large, weight: 2 }, 'weight', 'is not expected beside fact'],
    ['two groups in one object', { all: [large], any: [large] }, 'any', 'is not expected beside all'],
    ['no condition', { all: [large, 'x'] }, 'all.1', 'expected an object with all, any, not or fact'],
    ['nothing', null, '', 'expected an object with all, any, not or fact'],
    [
      'what no number is',
      { ...large, value: Infinity },
      'value',
      'expected a number, because amount_usd is in USD',
    ],
  ])('refuses %s and says where', (_name, input, path, message) => {
    expect(parseCondition(input).problems).toEqual([{ path, message }]);
  });

  it('names every problem of a tree', () => {
    const { problems } = parseCondition({ all: [{ fact: 'x' }, { not: 5 }] });
    expect(problems?.map((problem) => problem.path)).toEqual(['all.0.fact', 'all.1.not']);
  });

  it('takes no tree that is too deep or too large', () => {
    let deep: object = large;
    for (let level = 0; level < 100_000; level += 1) deep = { not: deep };
    expect(parseCondition(deep).problems).toEqual([
      { path: Array(8).fill('not').join('.'), message: 'a condition is at most 8 levels deep' },
    ]);
    const wide = { all: Array(100_000).fill(large) };
    expect(parseCondition(wide).problems).toEqual([
      {
        path: `all.${CONDITION_NODES_MAX - 1}`,
        message: 'a condition has at most 64 groups and comparisons',
      },
    ]);
  });

  it.each<[unknown, object, boolean]>([
    [large, { amount_usd: 10_000 }, true],
    [large, { amount_usd: 9_999.99 }, false],
    [large, { amount_usd: null }, false],
    [{ not: large }, {}, true],
    [{ fact: 'amount_usd', op: 'ne', value: 5 }, {}, false],
    [{ fact: 'amount_usd', op: 'lt', value: 5 }, { amount_usd: 4 }, true],
    [{ fact: 'amount_usd', op: 'lte', value: 5 }, { amount_usd: 5 }, true],
    [{ fact: 'amount_usd', op: 'gt', value: 5 }, { amount_usd: 5 }, false],
    [{ fact: 'mcc', op: 'not_in', value: ['7995'] }, { mcc: '5411' }, true],
    [{ fact: 'mcc', op: 'not_in', value: ['7995'] }, { mcc: null }, false],
    [{ fact: 'mcc', op: 'in', value: ['7995', '6051'] }, { mcc: '6051' }, true],
    [{ fact: 'is_new_device', op: 'eq', value: true }, { is_new_device: 1 }, true],
    [{ fact: 'is_new_device', op: 'ne', value: true }, { is_new_device: false }, true],
    [{ fact: 'is_new_device', op: 'eq', value: false }, {}, false],
    [{ any: [large, { fact: 'type', op: 'eq', value: 'deposit' }] }, { type: 'deposit' }, true],
  ])('%j of %j is %s', (condition, facts, expected) => {
    expect(meets(parsed(condition), facts)).toBe(expected);
  });

  it('names some of the keys that it does not expect, however many there are', () => {
    const flood = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 1]));
    expect(parseCondition({ ...large, ...flood }).problems).toHaveLength(10);
  });

  it('knows what a condition asks for', () => {
    const condition = parsed({
      all: [large, { not: { any: [large, { fact: 'type', op: 'eq', value: 'x' }] } }],
    });
    expect(comparisonsOf(condition)).toHaveLength(3);
    expect(factsOf(condition)).toEqual(['amount_usd', 'type']);
  });

  it('can say every seeded rule', () => {
    for (const { condition } of SEEDED_RULES) expect(parsed(structuredClone(condition))).toEqual(condition);
  });
});
