import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { evaluateAnomalySet, isAnomalySet, nameOfSet, SPLITS } from './anomaly-set';
import { headerOf } from './csv';
import { evaluateHandbook, HANDBOOK, isHandbook, SEEDS } from './handbook';
import { type Evaluation, printable, tableOf, verdictsOf } from './report';
import { save } from './save';

const USAGE = `Usage: npm run bench:fraud -- DIR [--save]

DIR has public sets as CSV files, plain or .gz, in it or in folders below:
  anomaly sets with the columns f0 to fN and y (1: the anomaly), such as those of ADBench
  card payments of the Fraud Detection Handbook (TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT, TX_FRAUD)
Other files are passed over. --save writes the figures into bench/results and docs/fraud-model.md.`;

/** Evaluates what the directory has. @returns the exit code: 2 for a wrong call, 1 when nothing was found */
export async function main(
  words: readonly string[],
  print = (line: string) => console.log(line),
): Promise<number> {
  const [directory, ...others] = words.filter((word) => !word.startsWith('--'));
  const flags = words.filter((word) => word.startsWith('--'));
  if (!directory || others.length > 0 || flags.some((flag) => flag !== '--save')) return refuse(USAGE, print);
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    return refuse(`${directory} is no directory.\n\n${USAGE}`, print);
  }
  const evaluation = await evaluateFolder(directory, print);
  if (evaluation.figures.length === 0) {
    print(`No public set that is known was found.\n\n${USAGE}`);
    return 1;
  }
  print(`\n${printable(tableOf(evaluation.figures))}\n`);
  for (const { target, reached, is_met } of verdictsOf(evaluation)) {
    print(`${is_met ? 'met   ' : 'MISSED'}  ${target}: ${reached}`);
  }
  if (flags.includes('--save')) {
    for (const file of await save(evaluation)) print(`Written: ${file}`);
  }
  return 0;
}

function refuse(message: string, print: (line: string) => void): number {
  print(message);
  return 2;
}

/** A set that cannot be read is named and passed over: the others are evaluated all the same. */
export async function evaluateFolder(directory: string, print: (line: string) => void): Promise<Evaluation> {
  const evaluation: Evaluation = { figures: [], explained: {}, runs: {} };
  for (const file of csvFilesBelow(directory)) {
    try {
      await evaluateFile(file, evaluation, print);
    } catch (error) {
      print(`Passed over: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return evaluation;
}

async function evaluateFile(
  file: string,
  evaluation: Evaluation,
  print: (line: string) => void,
): Promise<void> {
  const header = await headerOf(file);
  if (isAnomalySet(header)) {
    print(`${file}: an anomaly set`);
    const { figures, explained_share } = await evaluateAnomalySet(file);
    evaluation.figures.push(...figures);
    evaluation.explained[nameOfSet(file)] = explained_share;
    evaluation.runs[nameOfSet(file)] = SPLITS.length;
  } else if (isHandbook(header)) {
    print(`${file}: payments of the Fraud Detection Handbook`);
    evaluation.figures.push(...(await evaluateHandbook(file, header)));
    evaluation.runs[HANDBOOK] = SEEDS.length;
  }
}

function csvFilesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.csv(\.gz)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

if (require.main === module) {
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
