import type { Figures } from './figures';

/** What the issue of the fraud engine asks of the public sets. */
export interface Verdict {
  target: string;
  reached: string;
  is_met: boolean;
}

/** AUC-ROC in percent as published with ADBench; reached when no more than two points below. */
const PUBLISHED_AUC: Readonly<Record<string, number>> = { mammography: 86.4, shuttle: 99.6, thyroid: 98.3 };
const TOLERANCE = 2;
const EXPLAINED_SHARE = 0.9;

export interface Evaluation {
  figures: Figures[];
  /** By set: the share of planted odd columns that are among the first three contributions. */
  explained: Record<string, number>;
  /** How many splits and seeds each figure is the mean of, by set. */
  runs: Record<string, number>;
}

export function verdictsOf({ figures, explained }: Evaluation): Verdict[] {
  const auc = figures
    .filter(({ set, method }) => method === 'florin' && PUBLISHED_AUC[set] !== undefined)
    .map((figure) => {
      const published = PUBLISHED_AUC[figure.set] as number;
      return {
        target: `${figure.set}: AUC-ROC within ${TOLERANCE} points of ${published}`,
        reached: percent(figure.auc_roc),
        is_met: figure.auc_roc * 100 >= published - TOLERANCE,
      };
    });
  const reasons = Object.entries(explained).map(([set, share]) => ({
    target: `${set}: a planted odd column is among the first three reasons in 90 % of cases`,
    reached: percent(share),
    is_met: share >= EXPLAINED_SHARE,
  }));
  return [...auc, ...handbookVerdicts(figures), ...reasons];
}

function handbookVerdicts(figures: readonly Figures[]): Verdict[] {
  const of = (words: string): Figures | undefined =>
    figures.find(({ set, method }) => set === 'handbook' && method.includes(words));
  const [forest, second] = [of("counterparty's frauds"), of('second model alone')];
  if (!forest || !second) return [];
  return [
    {
      target: "handbook: AUC-ROC of .83 or more with the counterparty's frauds",
      reached: forest.auc_roc.toFixed(3),
      is_met: forest.auc_roc >= 0.83,
    },
    {
      target: 'handbook: AUC-ROC of .83 and average precision of .5 with 25 confirmed frauds',
      reached: `${second.auc_roc.toFixed(3)} and ${second.average_precision.toFixed(3)}`,
      is_met: second.auc_roc >= 0.83 && second.average_precision >= 0.5,
    },
  ];
}

const HEAD = [
  'Set',
  'Method',
  'AUC-ROC',
  'AP',
  'Top 100 a day',
  'Flagged ≥ 0.5',
  'precision',
  'recall',
  'Flagged ≥ 0.8',
  'precision',
  'Seeds agree',
  'Fit ms',
  'Score µs',
];

/** The table as cells, its head first. Shares in percent. */
export function tableOf(figures: readonly Figures[]): string[][] {
  const rows = figures.map((figure) => [
    figure.set,
    figure.method,
    percent(figure.auc_roc),
    percent(figure.average_precision),
    percent(figure.precision_in_daily_100),
    percent(figure.at_50?.rate, 2),
    percent(figure.at_50?.precision),
    percent(figure.at_50?.recall),
    percent(figure.at_80?.rate, 2),
    percent(figure.at_80?.precision),
    figure.seed_stability === null ? '' : figure.seed_stability.toFixed(2),
    figure.fit_ms.toFixed(0),
    figure.score_us.toFixed(1),
  ]);
  return [HEAD, ...rows];
}

/** Columns side by side, for a terminal. */
export function printable(table: readonly string[][]): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  );
  return table
    .map((row) =>
      row
        .map((cell, column) =>
          column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

/** What stands in docs/fraud-model.md between the marks. */
export function markdownOf(evaluation: Evaluation, measuredOn: string): string {
  const [head = [], ...rows] = tableOf(evaluation.figures);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const runs = Object.entries(evaluation.runs).map(([set, count]) => `${set} ${count}`);
  return [
    `Measured on ${measuredOn}; means of so many splits and seeds: ${runs.join(', ')}. Shares in percent, times are processor time.`,
    [line(head), line(head.map((_, column) => (column < 2 ? '---' : '---:'))), ...rows.map(line)].join('\n'),
    [
      '| Target | Reached | |',
      '|---|---:|---|',
      ...verdictsOf(evaluation).map(({ target, reached, is_met }) =>
        line([target, reached, is_met ? 'met' : 'missed']),
      ),
    ].join('\n'),
  ].join('\n\n');
}

function percent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined || Number.isNaN(share) ? '' : (share * 100).toFixed(digits);
}
