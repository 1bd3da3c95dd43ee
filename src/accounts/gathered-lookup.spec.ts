import { GatheredLookup } from './gathered-lookup';

describe('GatheredLookup', () => {
  /** Looks numbers up by their names; every query waits for `open`. */
  function gated() {
    const queries: string[][] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const lookup = new GatheredLookup(async (keys) => {
      queries.push([...keys]);
      await gate;
      if (keys.includes('broken')) throw new Error('cannot read');
      return new Map(keys.filter((key) => key !== 'nobody').map((key) => [key, Number(key)]));
    });
    return { lookup, queries, open };
  }
  const nextTurn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

  it('looks up together what is asked together, and each key once', async () => {
    const { lookup, queries, open } = gated();
    open();
    const found = await Promise.all(['1', '2', '1', 'nobody'].map((key) => lookup.find(key)));
    expect(found).toEqual([1, 2, 1, undefined]);
    expect(queries).toEqual([['1', '2', 'nobody']]);
  });

  it('gathers while a query is on its way', async () => {
    const { lookup, queries, open } = gated();
    const first = lookup.find('1');
    await nextTurn();
    const others = [lookup.find('2'), lookup.find('3')];
    await nextTurn();
    expect(queries).toEqual([['1']]);
    open();
    expect(await Promise.all([first, ...others])).toEqual([1, 2, 3]);
    expect(queries).toEqual([['1'], ['2', '3']]);
  });

  it('asks for at most 500 keys at a time', async () => {
    const { lookup, queries, open } = gated();
    open();
    await Promise.all(Array.from({ length: 1_100 }, (_, index) => lookup.find(String(index))));
    expect(queries.map((keys) => keys.length)).toEqual([500, 500, 100]);
  });

  it('fails for those who asked in the query that failed, and goes on', async () => {
    const { lookup, open } = gated();
    const failed = lookup.find('broken');
    await nextTurn();
    const next = lookup.find('2');
    open();
    await expect(failed).rejects.toThrow('cannot read');
    await expect(next).resolves.toBe(2);
    await expect(lookup.find('3')).resolves.toBe(3);
  });
});
