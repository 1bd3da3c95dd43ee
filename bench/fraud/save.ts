import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { type Evaluation, markdownOf, verdictsOf } from './report';

const ROOT = join(__dirname, '..', '..', '..');
const RESULTS = join('bench', 'results');
const PAGE = join('docs', 'fraud-model.md');
const START = '<!-- bench:fraud:start -->';
const END = '<!-- bench:fraud:end -->';

/** Writes the figures as JSON, and as a table between the marks in docs/fraud-model.md. @returns the files written */
export async function save(evaluation: Evaluation): Promise<string[]> {
  const processor = cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown processor';
  const day = new Date().toISOString().slice(0, 10);
  const json = join(RESULTS, `${day}-fraud-quality.json`);
  const content = {
    measured_on: day,
    processor,
    node: process.versions.node,
    verdicts: verdictsOf(evaluation),
    ...evaluation,
  };
  mkdirSync(join(ROOT, RESULTS), { recursive: true });
  await writeFormatted(json, JSON.stringify(content));
  const page = readFileSync(join(ROOT, PAGE), 'utf8');
  if (!page.includes(START) || !page.includes(END)) return [json];
  const table = markdownOf(evaluation, `${day}, ${processor}, Node ${process.versions.node}`);
  const [before = ''] = page.split(START);
  await writeFormatted(PAGE, `${before}${START}\n\n${table}\n\n${END}${page.split(END)[1] ?? ''}`);
  return [json, PAGE];
}

async function writeFormatted(file: string, content: string): Promise<void> {
  const { format, resolveConfig } = await import('prettier');
  const path = join(ROOT, file);
  writeFileSync(path, await format(content, { ...(await resolveConfig(path)), filepath: path }));
}
