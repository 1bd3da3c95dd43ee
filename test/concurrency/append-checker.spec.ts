import { anomaliesOf, type AppendHistory, type Read, type Write } from './append-checker';

const write = (name: string, startedAt: number, endedAt: number, more: Partial<Write> = {}): Write => ({
  ...{ client: 1, name, lists: ['a'], startedAt, endedAt, isAcknowledged: true },
  ...more,
});
const read = (names: string[], startedAt: number, endedAt: number, more: Partial<Read> = {}): Read => ({
  ...{ client: 2, list: 'a', names, startedAt, endedAt },
  ...more,
});
const entries = (...names: string[]) =>
  names.map((name, place) => ({ name, balance: BigInt(10 * (place + 1)) }));

function anomalies(history: Partial<AppendHistory>): string[] {
  return anomaliesOf({ writes: [], reads: [], balanceReads: [], lists: new Map(), ...history });
}

/** A check that finds nothing proves nothing: each fault is put before it. */
describe('the checker of appended lists', () => {
  const two = [write('x', 0, 1), write('y', 2, 3)];
  const lists = new Map([['a', entries('x', 'y')]]);

  it('finds nothing in what is right, reads of overlapping writes included', () => {
    const reads = [read([], 0, 0.5), read(['x'], 0.5, 4), read(['x', 'y'], 4, 5)];
    const balanceReads = [{ client: 1, list: 'a', balance: 10n, startedAt: 1.5, endedAt: 2.5 }];
    expect(anomalies({ writes: two, reads, balanceReads, lists })).toEqual([]);
  });

  it('finds a lost update', () => {
    expect(anomalies({ writes: two, lists: new Map([['a', entries('x')]]) })).toEqual([
      'lost update: y was acknowledged and is not in a',
    ]);
  });

  it('takes no offence at what was lost without having been acknowledged', () => {
    const writes = [write('x', 0, 1), write('y', 2, 3, { isAcknowledged: false })];
    expect(anomalies({ writes, lists: new Map([['a', entries('x')]]) })).toEqual([]);
  });

  it('finds what is there twice, from nowhere, or on one side alone', () => {
    const writes = [write('x', 0, 1), write('y', 0, 1, { lists: ['a', 'b'], isAcknowledged: false })];
    const torn = new Map([
      ['a', entries('x', 'x', 'z', 'y')],
      ['b', entries()],
    ]);
    expect(anomalies({ writes, lists: torn })).toEqual([
      'a has x 2 times',
      'a has z, which nobody sent',
      'torn write: y is in a alone',
    ]);
  });

  it('finds a stale read, of what the reader wrote itself too', () => {
    expect(anomalies({ writes: two, reads: [read(['x'], 4, 5, { client: 1 })], lists })).toEqual([
      'stale read: client 1 read a without its own y, acknowledged before',
    ]);
  });

  it('finds a read that goes back', () => {
    const slow = [write('x', 0, 9), write('y', 0, 9)];
    expect(anomalies({ writes: slow, reads: [read(['x', 'y'], 1, 2), read(['x'], 3, 4)], lists })).toEqual([
      'non-monotonic read: client 2 saw 1 entries of a after client 2 had seen 2',
    ]);
  });

  it('finds a read in another order', () => {
    expect(anomalies({ writes: two, reads: [read(['y', 'x'], 4, 5)], lists })).toEqual([
      'client 2 read a out of order: no prefix of its end',
    ]);
  });

  it('finds a balance of no prefix, or of one that is too old or not yet there', () => {
    const balance = (value: bigint, at: number) => ({
      ...{ client: 3, list: 'a', balance: value, startedAt: at, endedAt: at + 0.1 },
    });
    const balanceReads = [balance(11n, 1.5), balance(0n, 1.5), balance(20n, 1.5), balance(10n, 1.5)];
    expect(anomalies({ writes: two, balanceReads, lists })).toHaveLength(3);
  });

  it('finds writes that two lists have in opposite orders', () => {
    const both = { lists: ['a', 'b'] };
    const writes = [write('x', 0, 9, both), write('y', 0, 9, both)];
    const opposite = new Map([
      ['a', entries('x', 'y')],
      ['b', entries('y', 'x')],
    ]);
    expect(anomalies({ writes, lists: opposite })).toHaveLength(2);
  });

  it('finds two reads of two lists that each see the other`s future', () => {
    const writes = [write('x', 0, 9), write('y', 0, 9, { lists: ['b'] })];
    const separate = new Map([
      ['a', entries('x')],
      ['b', entries('y')],
    ]);
    const reads = [
      read(['x'], 1, 2),
      read([], 3, 4, { list: 'b' }),
      read(['y'], 1, 2, { client: 3, list: 'b' }),
      read([], 3, 4, { client: 3 }),
    ];
    expect(anomalies({ writes, lists: separate, reads })).not.toEqual([]);
  });

  it('finds an order in the list that the clock forbids', () => {
    const late = new Map([['a', entries('y', 'x')]]);
    expect(anomalies({ writes: two, lists: late })).toHaveLength(2);
  });
});
