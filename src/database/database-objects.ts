import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Queries } from './database';

export interface DatabaseObject {
  type: 'PROCEDURE' | 'VIEW' | 'TRIGGER';
  name: string;
  statement: string;
  source_checksum: string;
}

interface StoredObject {
  object_type: string;
  object_name: string;
  source_checksum: string;
  definition_checksum: string;
}

/** Where the .sql files stand, from the sources and from dist alike. */
export const PROCEDURES_DIRECTORY = resolve(process.env.FLORIN_ROOT ?? findRoot(__dirname), 'procedures');

function findRoot(directory: string): string {
  const levels = directory.includes(`${join('dist', 'src')}`) ? 3 : 2;
  return resolve(directory, ...Array<string>(levels).fill('..'));
}

/** Splits a file the way the mysql client does: DELIMITER is the client's word, the server never sees it. */
export function splitStatements(source: string): string[] {
  let delimiter = ';';
  let current = '';
  const statements: string[] = [];
  for (const line of source.split('\n')) {
    const command = /^\s*DELIMITER\s+(\S+)\s*$/i.exec(line);
    if (command?.[1]) {
      delimiter = command[1];
      continue;
    }
    current += `${line}\n`;
    if (current.trimEnd().endsWith(delimiter)) {
      statements.push(current.trimEnd().slice(0, -delimiter.length).trim());
      current = '';
    }
  }
  if (current.trim() !== '') statements.push(current.trim());
  return statements.filter((statement) => statement !== '' && !/^(\s*--.*\n?)+$/.test(statement));
}

/** Reads every routine, view and trigger below `directory`: one CREATE a file, named like the file. */
export async function readDatabaseObjects(directory = PROCEDURES_DIRECTORY): Promise<DatabaseObject[]> {
  const entries = await readdir(directory, { recursive: true });
  const objects: DatabaseObject[] = [];
  for (const entry of entries.filter((name) => name.endsWith('.sql')).sort()) {
    const source = await readFile(join(directory, entry), 'utf8');
    const [statement, ...rest] = splitStatements(source);
    const created = /CREATE\s+(PROCEDURE|VIEW|TRIGGER)\s+(\w+)/i.exec(statement ?? '');
    const [, type = '', name = ''] = created ?? [];
    if (!statement || !name || rest.length > 0 || !entry.endsWith(`${name}.sql`)) {
      throw new Error(
        `procedures/${entry} must hold exactly one CREATE PROCEDURE, VIEW or TRIGGER named like the file`,
      );
    }
    objects.push({
      type: type.toUpperCase() as DatabaseObject['type'],
      name,
      statement,
      source_checksum: createHash('sha256').update(statement).digest('hex'),
    });
  }
  const order = { PROCEDURE: 0, VIEW: 1, TRIGGER: 2 };
  return objects.sort((a, b) => order[a.type] - order[b.type] || a.name.localeCompare(b.name));
}

/** What the server has stored now: type, name and a checksum of each definition, as the owner sees them. */
export const STORED_DEFINITIONS_SQL = `
  SELECT 'PROCEDURE' AS object_type, ROUTINE_NAME AS object_name, SHA2(ROUTINE_DEFINITION, 256) AS definition_checksum
  FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'PROCEDURE'
  UNION ALL
  SELECT 'VIEW', TABLE_NAME, SHA2(VIEW_DEFINITION, 256) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
  UNION ALL
  SELECT 'TRIGGER', TRIGGER_NAME, SHA2(CONCAT(ACTION_TIMING, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ACTION_STATEMENT), 256)
  FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()`;

/**
 * Brings routines, views and triggers to the state of the files: what changed, here or on the server, is dropped and made
 * anew, and what no file holds any more is dropped. Returns the names of what was applied.
 */
export async function applyDatabaseObjects(
  queries: Queries,
  objects: DatabaseObject[],
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<string[]> {
  const recorded = await queries.query<StoredObject>('SELECT * FROM database_objects');
  const stored = await queries.query<StoredObject>(STORED_DEFINITIONS_SQL);
  const keyOf = (type: string, name: string) => `${type} ${name}`;
  const recordedByKey = new Map(recorded.map((row) => [keyOf(row.object_type, row.object_name), row]));
  const storedByKey = new Map(stored.map((row) => [keyOf(row.object_type, row.object_name), row]));

  const wanted = new Set(objects.map((object) => keyOf(object.type, object.name)));
  for (const row of stored) {
    if (!wanted.has(keyOf(row.object_type, row.object_name))) {
      await queries.execute(`DROP ${row.object_type} IF EXISTS ${row.object_name}`);
    }
  }
  const stale = objects.filter((object) => {
    const before = recordedByKey.get(keyOf(object.type, object.name));
    const now = storedByKey.get(keyOf(object.type, object.name));
    return (
      before?.source_checksum !== object.source_checksum ||
      before.definition_checksum !== now?.definition_checksum
    );
  });
  for (const [index, object] of stale.entries()) {
    await queries.execute(`DROP ${object.type} IF EXISTS ${object.name}`);
    await queries.execute(object.statement);
    onProgress(index + 1, stale.length);
  }
  await record(queries, objects);
  return stale.map((object) => object.name);
}

async function record(queries: Queries, objects: DatabaseObject[]): Promise<void> {
  const stored = await queries.query<StoredObject>(STORED_DEFINITIONS_SQL);
  const checksums = new Map(
    stored.map((row) => [`${row.object_type} ${row.object_name}`, row.definition_checksum]),
  );
  const rows = objects.map((object) => [
    object.type,
    object.name,
    object.source_checksum,
    checksums.get(`${object.type} ${object.name}`) ?? '',
  ]);
  await queries.execute('DELETE FROM database_objects');
  await queries.execute(
    `INSERT INTO database_objects (object_type, object_name, source_checksum, definition_checksum)
     VALUES ${rows.map(() => '(?, ?, ?, ?)').join(', ')}`,
    rows.flat(),
  );
}
