import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Database, type Queries } from '../database';
import { type BadLine, readSanctionsFile, type SanctionsLine } from './sanctions-file';

export interface LoadOptions {
  path: string;
  /** A user who may write the table: the owner. */
  databaseUrl: string;
  /** Entries of the file's lists that the file lacks are no longer under sanctions. */
  replace: boolean;
}

export interface LoadSummary {
  lines: number;
  added: number;
  updated: number;
  unchanged: number;
  removed: number;
  bad: BadLine[];
  /** Whether removing was left out because a bad line may be an entry that must stay. */
  isReplaceSkipped: boolean;
}

interface KnownRow {
  list: string;
  entry_key: string;
  name: string;
  country: string | null;
  is_removed: number | string;
}

/** More than every public list together; past it a file is something else. */
const FILE_MAX_BYTES = 256 * 1024 * 1024;
const CHUNK = 500;
const LIST_MAX = 32;

/**
 * Loads names under sanctions from a file, all of them in one transaction, so that a worker never sees half a list. A repeated load
 * updates. Good lines go in, whatever the others are.
 * @throws Error when the file cannot be read
 */
export async function loadSanctions({ path, databaseUrl, replace }: LoadOptions): Promise<LoadSummary> {
  const { size } = await stat(path);
  if (size > FILE_MAX_BYTES)
    throw new Error(`${path}: larger than ${FILE_MAX_BYTES} bytes, that is no list of names`);
  const defaultList = basename(path, extname(path)).slice(0, LIST_MAX) || 'names';
  const file = readSanctionsFile(await readFile(path, 'utf8'), defaultList);
  const summary: LoadSummary = {
    lines: file.lines,
    added: 0,
    updated: 0,
    unchanged: 0,
    removed: 0,
    bad: file.bad,
    isReplaceSkipped: replace && file.bad.length > 0,
  };
  const database = await Database.connect(databaseUrl, 1);
  try {
    return await database.transaction(null, async (queries) => {
      const done = { ...summary };
      await write(queries, file.entries, done, replace && !summary.isReplaceSkipped);
      await audit(queries, basename(path), done);
      return done;
    });
  } finally {
    await database.close();
  }
}

async function write(
  queries: Queries,
  entries: readonly SanctionsLine[],
  summary: LoadSummary,
  replace: boolean,
): Promise<void> {
  // The one lock that loads share.
  await queries.query("SELECT revision FROM risk_revisions WHERE kind = 'sanctions' FOR UPDATE");
  const known = await knownEntries(queries, [...new Set(entries.map((entry) => entry.list))]);
  const changed: SanctionsLine[] = [];
  for (const entry of entries) {
    const before = known.get(keyOf(entry));
    known.delete(keyOf(entry));
    const isSame = before?.name === entry.name && before.country === entry.country && !isRemoved(before);
    if (isSame) summary.unchanged += 1;
    else changed.push(entry);
    if (!before) summary.added += 1;
    else if (!isSame) summary.updated += 1;
  }
  for (let start = 0; start < changed.length; start += CHUNK)
    await upsert(queries, changed.slice(start, start + CHUNK));
  const gone = replace ? [...known.values()].filter((row) => !isRemoved(row)) : [];
  for (const row of gone) {
    await queries.execute(
      'UPDATE sanctions_names SET removed_at = UTC_TIMESTAMP(6) WHERE list = ? AND entry_key = ?',
      [row.list, row.entry_key],
    );
  }
  summary.removed = gone.length;
  if (changed.length + gone.length > 0)
    await queries.execute("UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'sanctions'");
}

async function knownEntries(queries: Queries, lists: readonly string[]): Promise<Map<string, KnownRow>> {
  if (lists.length === 0) return new Map();
  const rows = await queries.query<KnownRow>(
    `SELECT list, entry_key, name, country, removed_at IS NOT NULL AS is_removed FROM sanctions_names
     WHERE list IN (${lists.map(() => '?').join(', ')})`,
    lists,
  );
  return new Map(rows.map((row) => [keyOf(row), row]));
}

async function upsert(queries: Queries, entries: readonly SanctionsLine[]): Promise<void> {
  await queries.execute(
    `INSERT INTO sanctions_names (list, entry_key, name, country, loaded_at)
     VALUES ${entries.map(() => '(?, ?, ?, ?, UTC_TIMESTAMP(6))').join(', ')}
     ON DUPLICATE KEY UPDATE name = VALUES(name), country = VALUES(country), loaded_at = VALUES(loaded_at), removed_at = NULL`,
    entries.flatMap((entry) => [entry.list, entry.entry_key, entry.name, entry.country]),
  );
}

async function audit(queries: Queries, file: string, { bad, ...counts }: LoadSummary): Promise<void> {
  await queries.execute(
    `INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user)
     VALUES ('sanctions_names', NULL, 'LOAD', NULL, ?, NULL, SESSION_USER())`,
    [JSON.stringify({ file, ...counts, bad_lines: bad.length })],
  );
}

function keyOf({ list, entry_key }: { list: string; entry_key: string }): string {
  return `${list.toUpperCase()} ${entry_key}`;
}

function isRemoved(row: KnownRow): boolean {
  return Number(row.is_removed) === 1;
}
