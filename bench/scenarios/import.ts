import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeDataSet } from '../lib/data-set';
import type { Bench } from '../lib/bench';
import type { BenchBank } from '../lib/bench-bank';
import { WrongBooks } from '../lib/books';
import { watching } from '../lib/process-watch';
import { median } from '../lib/statistics';

const SCENARIO = 'import';
const ROOT = join(__dirname, '..', '..', '..');
/** As many as share the accounts of a bank: the imported customers bring their own. */
const OWN_ACCOUNTS = 50;

/** A generated data set through npm run import, from the start of its process to its end, against the bare procedure. */
export async function importing(bench: Bench): Promise<void> {
  const { report, options, servers } = bench;
  const folder = join(servers.folder, 'data-set');
  mkdirSync(folder, { recursive: true });
  await writeDataSet(folder, options.import_rows);
  const bank = await bench.bank('bank', OWN_ACCOUNTS);
  const bare = await bench.bank('bare');
  const client = await bench.client(bare);
  const procedure = async () =>
    (
      await bench.load(bare, client, {
        kind: 'procedure',
        database_url: bare.urls.api,
        connections: 1,
        batch_items: 200,
        workload: 'spread',
        ...bench.timing,
      })
    ).transfers_per_second;
  const alone = [await procedure()];
  const { seconds, peak_mb, cores } = await runImport(bank, folder);
  alone.push(await procedure(), await procedure());
  await checkImport(bank, options.import_rows);

  const rate = options.import_rows / seconds;
  report.figure(SCENARIO, 'sp_post_batch alone, 200 items, before and after', 'transfers/s', alone);
  report.figure(
    SCENARIO,
    `npm run import, ${options.import_rows} rows`,
    'rows/s',
    [rate],
    `${seconds.toFixed(1)} s`,
  );
  report.note(`cores busy: import ${cores.toFixed(2)}`);
  report.ratio(SCENARIO, 'import against the bare procedure', rate / median(alone), 0.5);
  report.below(SCENARIO, 'peak memory of the import', peak_mb, 300, 'MB');
  await bench.end();
}

async function runImport(
  bank: BenchBank,
  folder: string,
): Promise<{ seconds: number; peak_mb: number; cores: number }> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'cli', 'import.js'), folder], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      DATABASE_URL: bank.urls.owner,
      CARD_HASH_KEY: bank.secrets.CARD_HASH_KEY,
      BANK_DATA_DIR: folder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => output.push(String(text)));
  const { value: code, use } = await watching(
    [{ name: 'import', pid: child.pid ?? 0 }],
    () => new Promise<number | null>((resolve) => child.once('exit', resolve)),
  );
  if (code !== 0) throw new Error(`the import ended with code ${code}: ${output.join('').slice(-500)}`);
  return {
    seconds: (performance.now() - startedAt) / 1000,
    peak_mb: use.peak_mb['import'] ?? Number.NaN,
    cores: use.cores['import'] ?? Number.NaN,
  };
}

/** Every row is posted or, where the data set itself says so, declined; opening balances and salaries come on top. */
async function checkImport(bank: BenchBank, rows: number): Promise<void> {
  const [row] = await bank.owner.query<Record<'paid' | 'declined' | 'posted', string>>(
    `SELECT (SELECT COUNT(*) FROM transactions WHERE type IN ('payment', 'refund')) AS paid,
       (SELECT COUNT(*) FROM declined_transactions) AS declined, (SELECT COUNT(*) FROM transactions) AS posted`,
  );
  if (Number(row?.paid) + Number(row?.declined) !== rows)
    throw new WrongBooks(`of ${rows} rows ${row?.paid} are posted and ${row?.declined} declined`);
  bank.expected = Number(row?.posted);
}
