import { joined } from './id-ranges';

describe('ranges of ids', () => {
  it('join where they meet, overlap, lie inside each other or are a little apart', () => {
    expect(
      joined([
        [41n, 60n],
        [1n, 20n],
        [15n, 40n],
        [16n, 18n],
        [1_060n, 1_061n],
      ]),
    ).toEqual([[1n, 1_061n]]);
  });

  it('stay apart across a wide gap', () => {
    const apart: [bigint, bigint][] = [
      [1n, 20n],
      [9_007_199_254_740_993n, 9_007_199_254_740_995n],
    ];
    expect(joined([...apart].reverse())).toEqual(apart);
    expect(joined([])).toEqual([]);
  });
});
