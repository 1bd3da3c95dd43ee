import { parse } from 'csv-parse/sync';
import { nameWords, normalName } from '../risk';

export interface SanctionsLine {
  name: string;
  /** Two letters, ISO 3166. */
  country: string | null;
  list: string;
  /** By what a repeated load finds it again: its id on the list, or the name as it is compared. */
  entry_key: string;
}

export interface BadLine {
  line: number;
  reason: string;
}

export interface SanctionsFile {
  /** Of lines that say the same entry the last one counts. */
  entries: SanctionsLine[];
  bad: BadLine[];
  /** Lines with an entry, good or bad. */
  lines: number;
}

const COLUMNS = ['name', 'country', 'list', 'id'] as const;
type Column = (typeof COLUMNS)[number];
type Fields = Partial<Record<Column, string>>;

const NAME_MAX = 200;
const LIST_MAX = 32;
const ID_MAX = 64;
const LETTERS_MIN = 3;

/**
 * Reads a list of names under sanctions: CSV whose first line names the columns (name, and any of country, list and id), or the same
 * order without such a line, or one name a line. Blank lines and those that begin with # are no entries.
 * @param defaultList of entries that name none
 */
export function readSanctionsFile(text: string, defaultList: string): SanctionsFile {
  const found = new Map<string, SanctionsLine>();
  const bad: BadLine[] = [];
  let header: (Column | null)[] | null = null;
  let isFirst = true;
  let lines = 0;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (isFirst) header = headerOf(line);
    const isHeader = isFirst && header !== null;
    isFirst = false;
    if (isHeader) continue;
    lines += 1;
    const entry = entryOf(line, header, defaultList);
    if (typeof entry === 'string') bad.push({ line: index + 1, reason: entry });
    else found.set(`${entry.list.toUpperCase()} ${entry.entry_key}`, entry);
  }
  return { entries: [...found.values()], bad, lines };
}

/** The columns that the first line names; null when it is an entry. Columns that nobody knows are passed over. */
function headerOf(line: string): (Column | null)[] | null {
  const names = (splitLine(line) ?? []).map((name) => name.trim().toLowerCase());
  if (!names.includes('name')) return null;
  return names.map((name) => COLUMNS.find((column) => column === name) ?? null);
}

/** An entry, or what is wrong with the line. */
function entryOf(
  line: string,
  header: readonly (Column | null)[] | null,
  defaultList: string,
): SanctionsLine | string {
  const fields = header ? fieldsOf(line, header) : looseFieldsOf(line);
  if (typeof fields === 'string') return fields;
  const { name = '', country = '', list = '', id = '' } = fields;
  const problem = problemOf(name, country, list, id);
  if (problem !== null) return problem;
  return {
    name,
    country: country === '' ? null : country.toUpperCase(),
    list: list === '' ? defaultList : list,
    // The sign keeps an id apart from a name.
    entry_key: id === '' ? normalName(name) : `#${id}`,
  };
}

function problemOf(name: string, country: string, list: string, id: string): string | null {
  if ([name, list, id].some((value) => value.includes('\uFFFD'))) return 'the line is not UTF-8';
  if ([name, list, id].some((value) => /\p{Cc}/u.test(value))) return 'the line has control characters';
  if (name === '') return 'there is no name';
  if (nameWords(name).join('').length < LETTERS_MIN)
    return `the name has fewer than ${LETTERS_MIN} letters: it would match too much`;
  if (name.length > NAME_MAX || normalName(name).length > NAME_MAX)
    return `the name is longer than ${NAME_MAX} characters`;
  if (country !== '' && !/^[A-Za-z]{2}$/.test(country))
    return 'the country is no ISO 3166 code of two letters';
  if (list.length > LIST_MAX) return `the list is longer than ${LIST_MAX} characters`;
  if (id.length > ID_MAX) return `the id is longer than ${ID_MAX} characters`;
  return null;
}

function fieldsOf(line: string, header: readonly (Column | null)[]): Fields | string {
  const values = splitLine(line);
  if (values === null) return 'a quotation mark is not closed or stands where none may';
  if (values.length > header.length)
    return `the line has ${values.length} columns, not ${header.length}: a name with a comma needs quotation marks`;
  return named(values, header);
}

/** Without a header: by the usual order when the second column looks like a country, else the whole line is a name. */
function looseFieldsOf(line: string): Fields | string {
  const values = splitLine(line);
  if (values === null) return 'a quotation mark is not closed or stands where none may';
  const isCsv = values.length > 1 && values.length <= COLUMNS.length && /^([A-Z]{2})?$/.test(values[1] ?? '');
  if (isCsv || values.length === 1) return named(values, COLUMNS);
  return { name: line };
}

function named(values: readonly string[], columns: readonly (Column | null)[]): Fields {
  const fields: Fields = {};
  for (const [index, column] of columns.entries()) {
    if (column !== null) fields[column] = (values[index] ?? '').trim();
  }
  return fields;
}

/** The fields of a line; null when its quotation marks make no sense. Only a line that has any pays for a real CSV parser. */
function splitLine(line: string): string[] | null {
  if (!line.includes('"')) return line.split(',');
  try {
    const [record] = parse(line, { relax_column_count: true });
    return record ?? null;
  } catch {
    return null;
  }
}
