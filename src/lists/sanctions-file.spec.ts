import { readSanctionsFile } from './sanctions-file';

const read = (...lines: string[]) => readSanctionsFile(lines.join('\n'), 'FILE');
const names = (...lines: string[]) => read(...lines).entries.map((entry) => entry.name);

describe('a list of names under sanctions', () => {
  it('is CSV with a header, in any order, with columns that nobody knows', () => {
    const file = read('id,Name,programme,Country', '7,"Grozny, Ivan",X,ru', '8,Al Qaida,Y,', ',Acme,,');
    expect(file.bad).toEqual([]);
    expect(file.entries).toEqual([
      { name: 'Grozny, Ivan', country: 'RU', list: 'FILE', entry_key: '#7' },
      { name: 'Al Qaida', country: null, list: 'FILE', entry_key: '#8' },
      { name: 'Acme', country: null, list: 'FILE', entry_key: 'acme' },
    ]);
  });

  it('is CSV without a header', () => {
    expect(read('Ivan Grozny,RU,OFAC,7', 'Acme,,EU').entries).toEqual([
      { name: 'Ivan Grozny', country: 'RU', list: 'OFAC', entry_key: '#7' },
      { name: 'Acme', country: null, list: 'EU', entry_key: 'acme' },
    ]);
  });

  it('is one name a line, with commas or without, between comments and blank lines', () => {
    expect(names('# names of March', '', 'Ivan Grozny\r', '  Laden, Osama bin ', '"Quoted, Name"')).toEqual([
      'Ivan Grozny',
      'Laden, Osama bin',
      'Quoted, Name',
    ]);
    expect(names('\uFEFFname', 'Ivan Grozny')).toEqual(['Ivan Grozny']);
    expect(names('')).toEqual([]);
  });

  it('has the last of lines about one entry', () => {
    expect(names('name,id', 'Old Name,7', 'New Name,7')).toEqual(['New Name']);
    expect(read('Grozny Ivan', 'IVAN GROZNY').entries).toHaveLength(1);
  });

  it('has bad lines named, and the good ones beside them', () => {
    const file = read(
      'name,country,list,id',
      'Good One,RU,OFAC,1',
      ',RU,OFAC,2',
      '--,RU,OFAC,3',
      'Bad Country,Russia,OFAC,4',
      '"Open quote,RU,OFAC,5',
      'Grozny, Ivan,RU,OFAC,6',
      `${'x'.repeat(201)},RU,OFAC,7`,
      'Not UTF-8 \uFFFD,RU,OFAC,8',
      `Long List,RU,${'x'.repeat(33)},9`,
      'Bell \u0007,RU,OFAC,10',
      'Good Two,,,',
    );
    expect(file.entries.map((entry) => entry.name)).toEqual(['Good One', 'Good Two']);
    expect(file.lines).toBe(11);
    expect(file.bad).toEqual([
      { line: 3, reason: 'there is no name' },
      { line: 4, reason: 'the name has fewer than 3 letters: it would match too much' },
      { line: 5, reason: 'the country is no ISO 3166 code of two letters' },
      { line: 6, reason: 'a quotation mark is not closed or stands where none may' },
      { line: 7, reason: 'the line has 5 columns, not 4: a name with a comma needs quotation marks' },
      { line: 8, reason: 'the name is longer than 200 characters' },
      { line: 9, reason: 'the line is not UTF-8' },
      { line: 10, reason: 'the list is longer than 32 characters' },
      { line: 11, reason: 'the line has control characters' },
    ]);
  });
});
