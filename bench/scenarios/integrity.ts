import { createBankPool } from '../../src/database';
import { bigLedger } from '../lib/big-ledger';
import type { Bench } from '../lib/bench';
import { checkBooks, WrongBooks } from '../lib/books';
import { fill } from '../lib/fill';
import { residentMegabytes } from '../lib/process-watch';
import { median } from '../lib/statistics';

const SCENARIO = 'integrity';
const NEW_TRANSACTIONS = 2_000;
const AT_ONCE = 20_000;
/** Nothing else posts here, so there is nothing that has to settle. */
const SETTLE_SECONDS = 0;
const TARGET_MS = 100;

/** The full check of a long ledger, and the check of what is new since the last proven point. */
export async function integrity(bench: Bench): Promise<void> {
  const { report, options } = bench;
  const { bank, entries } = await bigLedger(bench);
  const startedAt = performance.now();
  const problems = await bank.owner.query('SELECT * FROM vw_ledger_integrity_check LIMIT 5');
  const seconds = (performance.now() - startedAt) / 1000;
  if (problems.length > 0) throw new WrongBooks(`the integrity view shows ${JSON.stringify(problems)}`);
  report.figure(SCENARIO, `vw_ledger_integrity_check over ${entries} entries`, 's', [seconds]);
  report.figure(SCENARIO, 'vw_ledger_integrity_check', 'entries/s', [entries / seconds]);
  report.note(`database resident after it: ${residentMegabytes(bench.servers.database_pid).toFixed(0)} MB`);

  const provenAt = performance.now();
  while (!(await prove(bank.owner)));
  const all = (performance.now() - provenAt) / 1000;
  report.figure(SCENARIO, 'first proof of everything, in steps of 20,000 transactions', 'entries/s', [
    entries / all,
  ]);
  const increments: number[] = [];
  const logged = await binaryLogBytes(bench.servers.databaseUrl(''));
  for (let round = 0; round < options.rounds; round += 1) {
    await fill(bank, NEW_TRANSACTIONS);
    const before = performance.now();
    if (!(await prove(bank.owner))) throw new Error('one step did not prove what is new');
    increments.push(performance.now() - before);
  }
  const log = (await binaryLogBytes(bench.servers.databaseUrl(''))) - logged;
  const filled = NEW_TRANSACTIONS * options.rounds;
  report.figure(SCENARIO, 'binary log, proofs included', 'bytes a transfer', [log / filled]);
  report.figure(SCENARIO, `incremental check after ${NEW_TRANSACTIONS} new transactions`, 'ms', increments);
  report.below(
    SCENARIO,
    `incremental check after ${NEW_TRANSACTIONS} new transactions`,
    median(increments),
    TARGET_MS,
    'ms',
  );
  await checkBooks(bank);
  report.print('  books right');
}

/** One step of the proof. @returns whether everything is proven now. @throws WrongBooks when it is not right */
async function prove(owner: {
  call<T extends object>(procedure: string, parameters: number[]): Promise<T[][]>;
}): Promise<boolean> {
  const [rows] = await owner.call<{ problems_count: number | string; is_caught_up: number | string }>(
    'sp_prove_ledger',
    [AT_ONCE, SETTLE_SECONDS],
  );
  const [proof] = rows ?? [];
  if (Number(proof?.problems_count) !== 0) throw new WrongBooks(`the proof found ${JSON.stringify(proof)}`);
  return Number(proof?.is_caught_up) === 1;
}

/** Size of all binary logs together. */
async function binaryLogBytes(adminUrl: string): Promise<number> {
  const admin = createBankPool(adminUrl, { connectionLimit: 1 });
  try {
    const [rows] = await admin.query('SHOW BINARY LOGS');
    return (rows as { File_size: string | number }[]).reduce((sum, row) => sum + Number(row.File_size), 0);
  } finally {
    await admin.end();
  }
}
