import { GroupCollector } from './group-collector';

/** A handler whose groups end when the test says so. */
function controlled() {
  const groups: number[][] = [];
  const ends: (() => void)[] = [];
  const handle = (items: number[]): Promise<void> => {
    groups.push(items);
    return new Promise((resolve) => ends.push(resolve));
  };
  return { groups, handle, end: () => ends.shift()?.() };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('group collector', () => {
  it('sends what arrived together as one group, and gathers while groups are under way', async () => {
    const { groups, handle, end } = controlled();
    const collector = new GroupCollector(handle, { group_max: 10, groups_in_flight: 1 });
    const first = [collector.submit(1), collector.submit(2)];
    await turn();
    const second = [collector.submit(3), collector.submit(4), collector.submit(5)];
    await turn();
    expect(groups).toEqual([[1, 2]]);
    end();
    await Promise.all(first);
    await turn();
    expect(groups).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    end();
    await Promise.all(second);
  });

  it('keeps groups within their size and number', async () => {
    const { groups, handle, end } = controlled();
    const collector = new GroupCollector(handle, { group_max: 2, groups_in_flight: 2 });
    const all = Promise.all([1, 2, 3, 4, 5].map((item) => collector.submit(item)));
    await turn();
    expect(groups).toEqual([
      [1, 2],
      [3, 4],
    ]);
    end();
    await turn();
    expect(groups).toHaveLength(3);
    end();
    end();
    await all;
  });

  it('fails only the item that is bad', async () => {
    const done: number[] = [];
    const collector = new GroupCollector<number>(
      async (items) => {
        if (items.includes(2)) throw new Error('bad');
        done.push(...items);
      },
      { group_max: 10, groups_in_flight: 1 },
    );
    const results = await Promise.allSettled([1, 2, 3].map((item) => collector.submit(item)));
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(done).toEqual([1, 3]);
  });
});
