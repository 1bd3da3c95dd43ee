/** The first and the last id of a range, both part of it. */
export type IdRange = [first: bigint, last: bigint];

/** Ids between two ranges that are read along sooner than another range is looked for. */
const GAP_MAX = 1_000n;

/** As few ranges, ascending, as hold all the given ones without wide gaps. */
export function joined(ranges: readonly IdRange[]): IdRange[] {
  const result: IdRange[] = [];
  for (const [first, last] of [...ranges].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = result.at(-1);
    if (!before || first > before[1] + GAP_MAX) result.push([first, last]);
    else if (last > before[1]) before[1] = last;
  }
  return result;
}
