export const SCENARIOS = [
  'post',
  'hot',
  'batch',
  'score',
  'feed',
  'peers',
  'import',
  'read',
  'integrity',
  'http',
] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export interface Options {
  scenarios: ScenarioName[];
  /** Every scenario was asked for: only then are the figures complete enough for docs/performance.md. */
  is_complete: boolean;
  /** Measured time of one round of one variant, and the time before it that does not count. */
  seconds: number;
  warm_up_seconds: number;
  /** How often each variant is measured, in turn with the others. */
  rounds: number;
  accounts: number;
  import_rows: number;
  /** Entries of the ledger that is read, and those of its largest account. */
  read_entries: number;
  read_account_entries: number;
  /** Writes a CPU profile of each API process into bench/out. */
  profile: boolean;
}

const DEFAULTS = { seconds: 3, rounds: 3, import_rows: 200_000, read_entries: 1_000_000 };
const QUICK = { seconds: 1.5, rounds: 2, import_rows: 20_000, read_entries: 200_000 };
const FULL = { seconds: 3, rounds: 3, import_rows: 1_000_000, read_entries: 5_000_000 };
/** Share of the entries that lie on the largest account: 300,000 of 1,000,000, and 1,000,000 of 5,000,000. */
const LARGEST_SHARE = { default: 0.3, full: 0.2 };

const USAGE = `Usage: npm run bench [-- ${SCENARIOS.join(' | ')}]… [--quick | --full] [--seconds=3] [--rounds=3]
  [--rows=200000] [--entries=1000000] [--profile]`;

/** @throws Error with the usage when a word is not known */
export function parseOptions(words: readonly string[]): Options {
  const names = words.filter((word) => !word.startsWith('-'));
  const flags = new Map(words.filter((word) => word.startsWith('--')).map((word) => splitFlag(word)));
  const known = new Set(['quick', 'full', 'profile', 'seconds', 'rounds', 'rows', 'entries']);
  const isKnown = (name: string): name is ScenarioName => SCENARIOS.some((scenario) => scenario === name);
  if (!names.every(isKnown) || [...flags.keys()].some((flag) => !known.has(flag))) throw new Error(USAGE);
  const base = flags.has('full') ? FULL : flags.has('quick') ? QUICK : DEFAULTS;
  const number = (flag: string, fallback: number) => {
    const value = Number(flags.get(flag) ?? fallback);
    if (!(value > 0)) throw new Error(USAGE);
    return value;
  };
  const scenarios = SCENARIOS.filter((name) => names.length === 0 || names.includes(name));
  const entries = number('entries', base.read_entries);
  const share = flags.has('full') ? LARGEST_SHARE.full : LARGEST_SHARE.default;
  return {
    scenarios,
    is_complete: scenarios.length === SCENARIOS.length && !flags.has('quick'),
    seconds: number('seconds', base.seconds),
    warm_up_seconds: 1,
    rounds: number('rounds', base.rounds),
    accounts: 10_000,
    import_rows: number('rows', base.import_rows),
    read_entries: entries,
    read_account_entries: Math.round(entries * share),
    profile: flags.has('profile'),
  };
}

function splitFlag(word: string): [string, string] {
  const [name = '', value = ''] = word.slice(2).split('=');
  return [name, value];
}
