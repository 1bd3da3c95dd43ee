import { median } from './statistics';

/** Something that was measured, once a round. */
export interface Figure {
  scenario: string;
  work: string;
  unit: string;
  rounds: number[];
  median: number;
  note?: string | undefined;
}

/** A target of the bank, what was reached, and whether that is enough; null: not measured here. */
export interface Verdict {
  scenario: string;
  target: string;
  reached: string;
  is_met: boolean | null;
  note?: string | undefined;
}

/** Collects what a run finds, and prints it as it comes. */
export class Report {
  readonly figures: Figure[] = [];
  readonly verdicts: Verdict[] = [];
  readonly notes: string[] = [];

  constructor(readonly print: (line: string) => void = (line) => console.log(line)) {}

  figure(scenario: string, work: string, unit: string, rounds: number[], note?: string): number {
    const middle = median(rounds);
    this.figures.push({ scenario, work, unit, rounds: rounds.map(rounded), median: rounded(middle), note });
    const all = rounds.length > 1 ? `   (${rounds.map(format).join(', ')})` : '';
    this.print(`  ${work.padEnd(58)} ${format(middle).padStart(9)} ${unit}${all}${note ? `   ${note}` : ''}`);
    return middle;
  }

  verdict(verdict: Verdict): void {
    this.verdicts.push(verdict);
    this.print(
      `  ${wordOf(verdict.is_met).padEnd(8)} ${verdict.target}: ${verdict.reached}${suffix(verdict.note)}`,
    );
  }

  /** A ratio against its least acceptable value. */
  ratio(scenario: string, target: string, ratio: number, least: number): void {
    this.verdict({
      scenario,
      target: `${target}, at least ${least}×`,
      reached: `${ratio.toFixed(2)}×`,
      is_met: ratio >= least,
    });
  }

  /** A value that must stay below a limit. */
  below(scenario: string, target: string, value: number, limit: number, unit: string): void {
    this.verdict({
      scenario,
      target: `${target}, under ${limit} ${unit}`,
      reached: `${format(value)} ${unit}`,
      is_met: value < limit,
    });
  }

  note(text: string): void {
    this.notes.push(text);
    this.print(`  ${text}`);
  }
}

export function wordOf(isMet: boolean | null): string {
  return isMet === null ? 'not run' : isMet ? 'met' : 'NOT MET';
}

function suffix(note: string | undefined): string {
  return note ? ` (${note})` : '';
}

/** Thousands with a comma; small numbers with as many decimals as say something. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : 0;
}
