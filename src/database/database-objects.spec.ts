import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDatabaseObjects, splitStatements } from './database-objects';

describe('splitStatements', () => {
  it('splits like the mysql client', () => {
    const source =
      '-- a comment\nSELECT 1;\nDELIMITER //\nCREATE PROCEDURE a()\nBEGIN\n  SELECT 2;\nEND//\nDELIMITER ;\nSELECT\n  3;\n';
    expect(splitStatements(source)).toEqual([
      '-- a comment\nSELECT 1',
      'CREATE PROCEDURE a()\nBEGIN\n  SELECT 2;\nEND',
      'SELECT\n  3',
    ]);
  });

  it('takes what stands last without a delimiter, and nothing that is only comment', () => {
    expect(splitStatements('SELECT 1;\n-- the end\n')).toEqual(['SELECT 1']);
    expect(splitStatements('SELECT 1')).toEqual(['SELECT 1']);
    expect(splitStatements('\n\n')).toEqual([]);
  });

  it('knows DELIMITER in any case and indentation, and $$ as well', () => {
    expect(splitStatements('  delimiter $$\nBEGIN; END$$\nDelimiter ;\nSELECT 1;')).toEqual([
      'BEGIN; END',
      'SELECT 1',
    ]);
  });
});

describe('readDatabaseObjects', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'florin-objects-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('puts procedures first, then views, then triggers', async () => {
    await writeFile(
      join(directory, 'trg_a.sql'),
      'CREATE TRIGGER trg_a BEFORE INSERT ON t FOR EACH ROW SET @a = 1;',
    );
    await writeFile(join(directory, 'vw_a.sql'), '-- vw_a\nCREATE VIEW vw_a AS SELECT 1;');
    await writeFile(
      join(directory, 'sp_a.sql'),
      'DELIMITER //\nCREATE PROCEDURE sp_a() SELECT 1//\nDELIMITER ;\n',
    );
    await writeFile(join(directory, 'README.md'), 'not SQL');
    const objects = await readDatabaseObjects(directory);
    expect(objects.map(({ type, name }) => [type, name])).toEqual([
      ['PROCEDURE', 'sp_a'],
      ['VIEW', 'vw_a'],
      ['TRIGGER', 'trg_a'],
    ]);
    expect(objects[0]?.source_checksum).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['two statements', 'CREATE VIEW vw_a AS SELECT 1;\nCREATE VIEW vw_b AS SELECT 1;'],
    ['another name', 'CREATE VIEW vw_b AS SELECT 1;'],
    ['no object', 'SELECT 1;'],
    ['nothing', ''],
  ])('refuses a file with %s', async (_name, source) => {
    await writeFile(join(directory, 'vw_a.sql'), source);
    await expect(readDatabaseObjects(directory)).rejects.toThrow('vw_a.sql must hold exactly one');
  });
});
