import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';

/** One line of a file: the values of the wanted columns in the wanted order, or what is wrong with the line. */
export interface CsvRow {
  line: number;
  values: string[] | null;
  reason: string;
}

/** The rows of one piece of the file. `bytes` counts what was read of the file so far. */
export interface CsvBlock {
  rows: CsvRow[];
  bytes: number;
}

/** The file as a whole cannot be used. */
export class CsvFileError extends Error {
  override name = 'CsvFileError';
}

const CHUNK_BYTES = 256 * 1024;
const LINE_MAX = 16 * 1024;
const HEADER_BYTES = 64 * 1024;

/**
 * Streams a CSV file whose records are single lines, a block of rows at a time, so that memory does not grow with the file.
 *
 * Lines stand for themselves on purpose: with one stray quotation mark a record-oriented reader takes the rest of the file for
 * one field, here it costs one line. Blank lines are skipped.
 * @throws CsvFileError when the header lacks one of `columns`
 */
export async function* readCsv(path: string, columns: readonly string[]): AsyncGenerator<CsvBlock> {
  let order: number[] | null = null;
  let width = 0;
  for await (const block of readLines(path)) {
    const rows: CsvRow[] = [];
    for (const { line, text } of block.lines) {
      if (order === null) {
        const header = splitLine(text ?? '') ?? [];
        order = columnOrder(header, columns);
        width = header.length;
      } else if (text === null) {
        rows.push({ line, values: null, reason: `the line is longer than ${LINE_MAX} characters` });
      } else if (text.trim() !== '') {
        rows.push(toRow(line, text, order, width));
      }
    }
    yield { rows, bytes: block.bytes };
  }
  if (order === null) throw new CsvFileError('the file is empty');
}

/** Throws CsvFileError unless the file's first line names all of `columns`. */
export async function checkHeader(path: string, columns: readonly string[]): Promise<void> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const [first = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/);
    if (first.trim() === '') throw new CsvFileError('the file is empty');
    columnOrder(splitLine(first.replace(/^\uFEFF/, '')) ?? [], columns);
  } finally {
    await file.close();
  }
}

function columnOrder(header: readonly string[], columns: readonly string[]): number[] {
  const names = header.map((name) => name.trim().toLowerCase());
  return columns.map((column) => {
    const index = names.indexOf(column);
    if (index < 0) throw new CsvFileError(`the first line names no column ${column}`);
    return index;
  });
}

function toRow(line: number, text: string, order: readonly number[], width: number): CsvRow {
  const fields = splitLine(text);
  if (fields === null)
    return { line, values: null, reason: 'a quotation mark is not closed or stands where none may' };
  if (fields.length !== width)
    return { line, values: null, reason: `the line has ${fields.length} columns, not ${width}` };
  return { line, values: order.map((index) => (fields[index] ?? '').trim()), reason: '' };
}

/** The fields of a line; null when its quotation marks make no sense. Only a line that has any pays for a real CSV parser. */
function splitLine(text: string): string[] | null {
  if (!text.includes('"')) return text.split(',');
  try {
    const [record] = parse(text, { relax_column_count: true });
    return record ?? null;
  } catch {
    return null;
  }
}

interface LineBlock {
  /** text null: too long to be kept. */
  lines: { line: number; text: string | null }[];
  bytes: number;
}

async function* readLines(path: string): AsyncGenerator<LineBlock> {
  const stream = createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES });
  let rest = '';
  let isTooLong = false;
  let line = 0;
  let isFirst = true;
  const take = (text: string) => {
    line += 1;
    const kept = { line, text: isTooLong || text.length > LINE_MAX ? null : text.replace(/\r$/, '') };
    isTooLong = false;
    return kept;
  };
  for await (const chunk of stream as AsyncIterable<string>) {
    const pieces = (rest + (isFirst ? chunk.replace(/^\uFEFF/, '') : chunk)).split('\n');
    isFirst = false;
    rest = pieces.pop() ?? '';
    const lines = pieces.map(take);
    if (rest.length > LINE_MAX) {
      // The rest of an endless line is thrown away as it comes.
      isTooLong = true;
      rest = '';
    }
    yield { lines, bytes: stream.bytesRead };
  }
  if (rest !== '' || isTooLong) yield { lines: [take(rest)], bytes: stream.bytesRead };
}
