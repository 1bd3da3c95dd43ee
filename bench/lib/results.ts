import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format as prettify, resolveConfig } from 'prettier';
import type { Options } from '../options';
import type { Machine } from './machine';
import { format, type Report, wordOf } from './report';

const ROOT = join(__dirname, '..', '..', '..');
const RESULTS = join('bench', 'results');
const PAGE = join('docs', 'performance.md');
const START = '<!-- bench:start -->';
const END = '<!-- bench:end -->';

interface Run {
  options: Options;
  minutes: number;
  failed: string[];
}

/** Writes the figures as JSON, and those of a complete run into docs/performance.md. @returns the files written */
export async function writeResults(report: Report, machine: Machine, run: Run): Promise<string[]> {
  const slug = `${machine.cpu}-${machine.database}`.toLowerCase().replace(/[^a-z0-9.]+/g, '-');
  const scenarios = run.options.is_complete ? '' : `-${run.options.scenarios.join('-')}`;
  const json = join(RESULTS, `${machine.measured_at.slice(0, 10)}-${slug}${scenarios}.json`);
  mkdirSync(join(ROOT, RESULTS), { recursive: true });
  const { figures, verdicts, notes } = report;
  const content = {
    machine,
    minutes: Number(run.minutes.toFixed(1)),
    failed: run.failed,
    verdicts,
    figures,
    notes,
  };
  await writeFormatted(json, JSON.stringify(content));
  if (!run.options.is_complete || run.failed.length > 0) return [json];
  await writePage(markdown(report, machine));
  return [json, PAGE];
}

async function writeFormatted(file: string, content: string): Promise<void> {
  const path = join(ROOT, file);
  const options = await resolveConfig(path);
  writeFileSync(path, await prettify(content, { ...options, filepath: path }));
}

/** Replaces what stands between the two marks; the words around it are people's. */
async function writePage(tables: string): Promise<void> {
  const path = join(ROOT, PAGE);
  const page = existsSync(path) ? readFileSync(path, 'utf8') : `# Performance\n\n${START}\n${END}\n`;
  const [before = ''] = page.split(START);
  const after = page.split(END)[1] ?? '\n';
  await writeFormatted(PAGE, `${before}${START}\n\n${tables}\n\n${END}${after}`);
}

export function markdown({ figures, verdicts, notes }: Report, machine: Machine): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  return [
    `Measured on ${machine.measured_at.slice(0, 10)}, commit ${machine.commit}: ${machine.cpu}, ${machine.cores} cores, ` +
      `${machine.memory_gb} GB, ${machine.database} (buffer pool ${machine.buffer_pool}), ${machine.node}. Client, API, worker, ` +
      'database and Redis share the machine.',
    '## Targets',
    ['| Scenario | Target | Reached | |', '|---|---|---|---|']
      .concat(
        verdicts.map(
          ({ scenario, target, reached, is_met, note }) =>
            `| ${scenario} | ${cell(target)} | ${cell(reached)}${note ? `, ${cell(note)}` : ''} | ${wordOf(is_met).toLowerCase()} |`,
        ),
      )
      .join('\n'),
    '## Figures',
    ['| Scenario | Work | Median | Unit | Rounds |', '|---|---|---:|---|---|']
      .concat(
        figures.map(
          ({ scenario, work, unit, rounds, median, note }) =>
            `| ${scenario} | ${cell(work)}${note ? ` (${cell(note)})` : ''} | ${format(median)} | ${unit} | ${rounds.length > 1 ? rounds.map(format).join(', ') : ''} |`,
        ),
      )
      .join('\n'),
    '## Notes of the run',
    notes.map((note) => `- ${note}`).join('\n'),
  ].join('\n\n');
}
