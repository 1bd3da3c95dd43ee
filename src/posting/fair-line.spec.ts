import { FairLine } from './fair-line';

describe('FairLine', () => {
  /** Adds requests such as "a1 a2*5 b1": name, whose first letter is the submitter, and number of items. */
  function lineOf(text: string) {
    const line = new FairLine<{ name: string; submitter: string; items: number[] }>();
    for (const word of text.split(' ')) {
      const [name = '', count = '1'] = word.split('*');
      line.add({ name, submitter: name.charAt(0), items: Array<number>(Number(count)).fill(0) });
    }
    return line;
  }
  const take = (line: ReturnType<typeof lineOf>, itemsMax: number) =>
    line
      .take(itemsMax)
      .map(({ name }) => name)
      .join(' ');

  it('lets submitters take turns, each in its own order', () => {
    const line = lineOf('a1 a2 a3 a4 a5 b1 c1 b2');
    expect(take(line, 4)).toBe('a1 b1 c1 a2');
    expect(take(line, 3)).toBe('b2 a3 a4');
    expect(take(line, 9)).toBe('a5');
    expect(line.isEmpty).toBe(true);
    expect(take(line, 9)).toBe('');
  });

  it('goes on where it stopped, so that a flood of one keeps nobody waiting', () => {
    const line = lineOf(Array.from({ length: 100 }, (_, index) => `a${index}`).join(' '));
    expect(take(line, 2)).toBe('a0 a1');
    line.add({ name: 'b0', submitter: 'b', items: [0] });
    expect(take(line, 2)).toBe('a2 b0');
  });

  it('keeps requests whole: what does not fit is first in the next batch, and smaller ones of others go ahead', () => {
    const line = lineOf('a1*3 b1*4 c1*2 b2 a2');
    expect(take(line, 5)).toBe('a1 c1');
    expect(take(line, 5)).toBe('b1 a2');
    expect(take(line, 5)).toBe('b2');
  });

  it('sends what is larger than a batch alone', () => {
    const line = lineOf('a1 b1*20 c1');
    expect(take(line, 10)).toBe('a1 c1');
    expect(take(line, 10)).toBe('b1');
  });

  it('counts items, all and of one submitter', () => {
    const line = lineOf('a1*3 a2*2 b1');
    expect([line.items, line.itemsOf('a'), line.itemsOf('b'), line.itemsOf('c')]).toEqual([6, 5, 1, 0]);
    line.take(3);
    expect([line.items, line.itemsOf('a')]).toEqual([3, 2]);
    line.take(10);
    expect([line.items, line.itemsOf('a'), line.isEmpty]).toEqual([0, 0, true]);
  });
});
