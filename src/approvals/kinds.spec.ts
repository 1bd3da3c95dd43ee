import { KIND_NAMES, kindsOf } from './kinds';

describe('kinds of acts', () => {
  it.each([
    ['', []],
    ['none', []],
    ['all', [...KIND_NAMES]],
    ['journal', ['journal']],
    [' reversal, journal ,unknown', ['journal', 'reversal']],
  ])('of %j are %j', (list, kinds) => {
    expect(kindsOf(list)).toEqual(kinds);
  });
});
