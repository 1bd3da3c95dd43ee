import { SanctionsIndex } from '../../src/risk';
import { seededRandom } from '../../worker/models/random';
import { inventNames, VARIANTS } from './sanctions-variants';

const NAMES = 20_000;
const ASKED = 500;
const STRANGERS = 2_000;
/** From here on the seeded rule holds the money. */
const LIMIT = 0.9;

/** Of so many in a hundred the name is found at least. */
const RECALL: Readonly<Record<keyof typeof VARIANTS, number>> = {
  'the words in another order': 99,
  'one word in another spelling': 98,
  'every word in another spelling': 93,
  'another first letter': 92,
  'the first letter missing': 97,
  'a letter within changed': 98,
  'two neighbours exchanged': 98,
  'two words as one': 98,
};

describe('screening among 20,000 names', () => {
  const names = inventNames(NAMES, 1);
  const index = new SanctionsIndex(names);

  it.each(Object.entries(VARIANTS))('finds a name that is written with %s', (kind, change) => {
    const random = seededRandom(5);
    const found = names.slice(0, ASKED).filter(({ name }) => {
      const match = index.matchName(change(name.split(' '), random).join(' '));
      return match !== null && match.similarity >= LIMIT;
    });
    expect((100 * found.length) / ASKED).toBeGreaterThanOrEqual(RECALL[kind] as number);
  });

  it('finds every name that is written the same', () => {
    const missed = names.filter(({ name }) => (index.matchName(name)?.similarity ?? 0) < 0.99);
    expect(missed).toEqual([]);
  });

  it('takes few strangers of the same first names and the same sounds for one of them', () => {
    const known = new Set(names.map(({ name }) => name));
    const strangers = inventNames(STRANGERS, 99).filter(({ name }) => !known.has(name));
    const taken = strangers.filter(({ name }) => (index.matchName(name)?.similarity ?? 0) >= LIMIT);
    expect(taken.length / strangers.length).toBeLessThan(0.05);
  });
});
