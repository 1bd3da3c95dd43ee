import { formatAmount } from '../money/amount';
import type { ImportSummary } from './import-data-set';
import { grouped } from './progress';

const LABEL_WIDTH = 22;

/** The summary as lines of text, what could not be loaded at the end. */
export function summaryLines(summary: ImportSummary): string[] {
  const { customers, counts, funding, openings, labels } = summary;
  const line = (label: string, text: string) => `  ${label.padEnd(LABEL_WIDTH)}${text}`;
  const withThere = (fresh: number, there: number) =>
    `${grouped(fresh)}${there > 0 ? ` (${grouped(there)} already there)` : ''}`;
  const declined = [...counts.declined.values()].reduce((sum, count) => sum + count, 0);
  const lines = [
    '',
    summary.isInterrupted ? 'Stopped before the end. So far:' : 'Imported:',
    line('users', withThere(customers.users, customers.usersThere)),
    line('accounts', grouped(customers.accounts)),
    line('cards', withThere(customers.cards, customers.cardsThere)),
    line('merchant categories', grouped(summary.mccCodes)),
    line('payments', grouped(counts.payments)),
    line('refunds', grouped(counts.refunds)),
    line('declined', grouped(declined)),
    ...[...counts.declined]
      .sort(([, one], [, other]) => other - one)
      .map(([reason, count]) => line('', `${grouped(count)} ${reason}`)),
    line('already there', grouped(counts.transactionsThere)),
    line('salaries', withThere(counts.salaries, counts.salariesThere)),
    line(
      'opening balances',
      openings.count === 0 ? '0' : `${grouped(openings.count)}, USD ${formatAmount(openings.totalMinor, 2)}`,
    ),
    line(
      'fraud labels',
      `${withThere(labels.added, labels.there)}; not in the bank: ${grouped(labels.unknown)}, declined: ${grouped(labels.declined)}`,
    ),
  ];
  if (funding.clients > 0) {
    lines.push(
      line(
        'how clients pay',
        `${grouped(funding.fromBalance)} from balance and salary, ${grouped(funding.fromOverdraft)} with their credit limits, ` +
          `${grouped(funding.openings.length)} with an opening balance`,
      ),
    );
  }
  return [...lines, ...problemLines(summary)];
}

function problemLines({ problems }: ImportSummary): string[] {
  if (problems.count === 0) return ['  Nothing was left out.'];
  const shown = problems.shown.map(
    ({ file, line, reason }) => `  ${file}${line > 0 ? `:${line}` : ''}  ${reason}`,
  );
  const more = problems.count - shown.length;
  return [
    '',
    `Not loaded (${grouped(problems.count)}):`,
    ...shown,
    ...(more > 0 ? [`  and ${grouped(more)} more`] : []),
    `The full list: ${problems.path}`,
  ];
}
