import { jaroWinkler, latinWord, nameWords, normalName, skeletonOf } from './names';
import { SanctionsIndex } from './sanctions-index';

describe('names', () => {
  it('are compared without case, accents, order and punctuation', () => {
    expect(nameWords("O'Brien-Núñez, JOSÉ")).toEqual(['obrien', 'nunez', 'jose']);
    expect(normalName('Łukasz  Straße')).toBe('lukasz strasse');
    expect(normalName('José O’Brien')).toBe(normalName('OBRIEN, jose'));
    expect(normalName('Иван Грозный')).toBe('грозныи иван');
    expect(nameWords(' -- ')).toEqual([]);
  });

  it.each([
    ['martha', 'marhta', 0.961],
    ['dwayne', 'duane', 0.84],
    ['dixon', 'dicksonx', 0.813],
    ['abc', 'xyz', 0],
    ['', '', 0],
    ['same', 'same', 1],
  ])('%s and %s are alike by %d', (a, b, expected) => {
    expect(jaroWinkler(a, b)).toBeCloseTo(expected, 3);
    expect(jaroWinkler(b, a)).toBeCloseTo(expected, 3);
  });

  it('sound alike in the ways in which they are written', () => {
    expect(skeletonOf('osama')).toBe(skeletonOf('usama'));
    expect(skeletonOf('mohammed')).toBe(skeletonOf('muhamad'));
    expect(skeletonOf('gaddafi')).toBe(skeletonOf('qadhafi'));
    expect(skeletonOf('tchaikovsky')).toBe(skeletonOf('chaikovski'));
    expect(skeletonOf('ivan')).not.toBe(skeletonOf('peter'));
  });

  it('in Cyrillic letters are read as passports write them', () => {
    expect(nameWords('Щербаков Юрий').map(latinWord)).toEqual(['shcherbakov', 'iurii']);
    expect(latinWord('lopez')).toBe('lopez');
  });
});

describe('the index of names under sanctions', () => {
  it.each([
    [['GROZNY, Ivan Vasilevich']],
    [['GROZNY, Ivan Vasilevich', 'Acme Shipping Company', 'Ivan Petrovich Vasilevich']],
  ])('finds every name of %j that is written the same', (names) => {
    const few = new SanctionsIndex(names.map((name) => ({ name, list: 'OFAC', country: null })));
    for (const name of names) expect(few.matchName(name)).toMatchObject({ similarity: 1, name: { name } });
    expect(few.matchName('Ivan Vasilyevich Grozny')?.similarity).toBeGreaterThan(0.9);
  });

  const index = new SanctionsIndex(
    [
      'Osama bin Mohammed Awad bin Laden',
      'Ivan Vasilyevich Grozny',
      'Al Qaida',
      'Maria Garcia Lopez',
      'Acme Shipping Company',
    ].map((name) => ({ name, list: 'TEST', country: null })),
  );
  const LIMIT = 0.9;

  it.each([
    ['Ivan Vasilyevich Grozny', 1],
    ['GROZNY, Ivan Vasilyevich', 1],
    ['Ívan Vasilyevich Grozný', 1],
    ['Ivan Vasilevich Groznyi', LIMIT],
    ['Usama bin Muhammad Awad bin Ladin', LIMIT],
    ['AlQaida', LIMIT],
    ['Acme Shiping Company', LIMIT],
    ['Evan Vasilyevich Grozny', LIMIT],
    ['Ivan Wasiljewitsch Grosny', LIMIT],
    ['Грозный Иван Васильевич', LIMIT],
    ['Maria Karcia Lopez', LIMIT],
    ['Narcia Lopez, Maria', LIMIT],
    ['Cme Shipping Company', LIMIT],
    ['Ivan VasilyevichGrozny', LIMIT],
  ])('%s is found', (name, lowest) => {
    expect(index.matchName(name)?.similarity).toBeGreaterThanOrEqual(lowest);
  });

  it.each([
    'Ivan Petrov',
    'Maria Garcia Perez',
    'Maria Lopez',
    'Peter Shipping',
    'Grozny',
    '',
    '---',
    'Ali Baba',
    'Al',
  ])('%s is somebody else', (name) => {
    expect(index.matchName(name)?.similarity ?? 0).toBeLessThan(LIMIT);
  });

  it('finds names within a text, and no others', () => {
    const found = index.matchText('Invoice 4711 for Mr Ivan Vasilyevich GROZNY, thank you');
    expect(found).toMatchObject({ similarity: 1, name: { name: 'Ivan Vasilyevich Grozny', list: 'TEST' } });
    for (const text of ['Rent for March', 'Dinner with Maria Garcia', 'shipping company', '4711'])
      expect(index.matchText(text)?.similarity ?? 0).toBeLessThan(LIMIT);
  });

  it('has nothing to say without names', () => {
    expect(new SanctionsIndex([]).matchName('Ivan')).toBeNull();
    expect(new SanctionsIndex([{ name: '!!', list: 'X', country: null }]).size).toBe(0);
  });

  it('gives the same answer again', () => {
    expect(index.matchName('Ivan Grozny')).toEqual(index.matchName('Ivan Grozny'));
  });
});
