import { resolve } from 'node:path';
import { loadSanctions, type LoadSummary } from '../lists/load-sanctions';
import { runCommand } from './command';

const USAGE = 'Usage: npm run lists -- FILE [--replace]';
/** A file that is no list at all is not answered with a million lines. */
const BAD_LINES_SHOWN = 1_000;

/**
 * npm run lists -- FILE [--replace]: loads names under sanctions, as CSV (name, country, list, id) or one name a line. A repeated
 * load updates; --replace also drops what the file's lists had and the file has not. Exit code 0 when good lines were loaded, 1
 * when there was none.
 */
runCommand(async () => {
  const words = process.argv.slice(2);
  const [path, ...rest] = words.filter((word) => word !== '--replace');
  if (!path || rest.length > 0) throw new Error(USAGE);
  const databaseUrl = process.env.OWNER_DATABASE_URL || process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error('DATABASE_URL: is required when no bank runs here');
  // npm changes into the project's folder; a relative path means the one in which it was typed.
  const file = resolve(process.env.INIT_CWD || process.cwd(), path);
  const summary = await loadSanctions({ path: file, databaseUrl, replace: words.includes('--replace') });
  for (const { line, reason } of summary.bad.slice(0, BAD_LINES_SHOWN))
    process.stderr.write(`${path}:${line}: ${reason}\n`);
  process.stdout.write(`${summaryOf(summary).join('\n')}\n`);
  return summary.bad.length === summary.lines ? 1 : 0;
});

function summaryOf(summary: LoadSummary): string[] {
  const { added, updated, unchanged, removed, bad, lines } = summary;
  return [
    `${lines} lines: ${added} names added, ${updated} updated, ${unchanged} unchanged, ${removed} removed, ${bad.length} bad.`,
    ...(bad.length > BAD_LINES_SHOWN ? [`Only the first ${BAD_LINES_SHOWN} bad lines are named above.`] : []),
    ...(summary.isReplaceSkipped ? ['Nothing was removed: a bad line may be a name that must stay.'] : []),
    'Workers screen by the new names within seconds.',
  ];
}
