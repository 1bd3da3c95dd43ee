import { createBankPool } from '../database';
import { runCommand } from './command';

/** npm run sql -- "SELECT …": runs one statement as the read-only auditor and prints tab-separated rows under a header line. */
runCommand(async () => {
  const statement = process.argv.slice(2).join(' ').trim();
  if (statement === '') throw new Error('Usage: npm run sql -- "SELECT …"');
  const databaseUrl = process.env.AUDITOR_DATABASE_URL || process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error('AUDITOR_DATABASE_URL: is required when no bank runs here');
  const pool = createBankPool(databaseUrl, { connectionLimit: 1, rowsAsArray: true });
  try {
    // Whoever the URL names: this command reads. One statement is all it runs, so nothing can take that back.
    await pool.query('SET SESSION TRANSACTION READ ONLY');
    const [rows, fields] = await pool.query(statement);
    const lines: unknown[][] = Array.isArray(rows) ? (rows as unknown[][]) : [];
    if (fields) process.stdout.write(`${fields.map((field) => field.name).join('\t')}\n`);
    for (const line of lines) process.stdout.write(`${line.map(cell).join('\t')}\n`);
  } catch (error) {
    throw new Error((error as { sqlMessage?: string }).sqlMessage ?? (error as Error).message, {
      cause: error,
    });
  } finally {
    await pool.end();
  }
});

/** As mysql --batch writes it: NULL in words, tabs, line breaks and backslashes escaped, so that a row stays a line. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  const text = Buffer.isBuffer(value)
    ? value.toString('hex')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
  return text.replace(
    /[\\\t\n\r]/g,
    (character) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[character] ?? character,
  );
}
