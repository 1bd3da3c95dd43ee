import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvFileError, readCsv, type CsvRow } from './csv-reader';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'florin-csv-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function rowsOf(content: string | Buffer, columns: string[]): Promise<CsvRow[]> {
  const path = join(folder, 'file.csv');
  await writeFile(path, content);
  const rows: CsvRow[] = [];
  for await (const block of readCsv(path, columns)) rows.push(...block.rows);
  return rows;
}

const values = (rows: CsvRow[]) => rows.map((row) => row.values);

test('gives the wanted columns in the wanted order, whatever the order and end of the lines', async () => {
  const rows = await rowsOf('\uFEFFa,b,c\r\n1,2,3\r\n"x, y","say ""hi""",z', ['c', 'a']);
  expect(values(rows)).toEqual([
    ['3', '1'],
    ['z', 'x, y'],
  ]);
  expect(rows.map((row) => row.line)).toEqual([2, 3]);
});

test('a broken line costs one line', async () => {
  const rows = await rowsOf('a,b\n1,"2\n3\n\n4,5,6\n7,8\n', ['a', 'b']);
  expect(values(rows)).toEqual([null, null, null, ['7', '8']]);
  expect(rows.map((row) => row.line)).toEqual([2, 3, 5, 6]);
  expect(rows[0]?.reason).toContain('quotation mark');
  expect(rows[1]?.reason).toBe('the line has 1 columns, not 2');
});

test('an endless line is not kept', async () => {
  const rows = await rowsOf(`a,b\n1,${'x'.repeat(1_000_000)}\n3,4\n`, ['a', 'b']);
  expect(values(rows)).toEqual([null, ['3', '4']]);
});

test('characters that a chunk cuts in two stay whole', async () => {
  const city = 'Zürich🏔';
  const lines = Array.from({ length: 40_000 }, (_, index) => `${index},${city}`);
  const rows = await rowsOf(`id,city\n${lines.join('\n')}\n`, ['city', 'id']);
  expect(rows).toHaveLength(40_000);
  expect(rows.every((row, index) => row.values?.[0] === city && row.values[1] === String(index))).toBe(true);
});

test('a file without the columns is named as a whole', async () => {
  await expect(rowsOf('a,b\n1,2\n', ['a', 'missing'])).rejects.toThrow('names no column missing');
  await expect(rowsOf('', ['a'])).rejects.toThrow(CsvFileError);
});
