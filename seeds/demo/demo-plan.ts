import { bankBooks } from './bank-books';
import type { Period } from './calendar';
import { episodes } from './episodes';
import { everydayLife } from './everyday';
import { DEMO_CUSTOMERS, accountName, minor } from './people';
import { Books, makePlan, type Plan } from './plan';
import { suspiciousPatterns } from './suspicious';

/** The whole history of the demo bank in the order of time: the same for the same period, whoever asks and when. */
export function demoPlan(period: Period): Plan {
  const candidates = [
    ...bankBooks(period),
    ...DEMO_CUSTOMERS.flatMap((customer) => everydayLife(customer, period)),
    ...episodes(period),
    ...suspiciousPatterns(period),
  ];
  const within = candidates.filter(({ at }) => at >= period.start && at <= period.end);
  return makePlan(within, new Books(overdrafts()));
}

function overdrafts(): Map<string, bigint> {
  const limits = new Map<string, bigint>();
  for (const { username, accounts } of DEMO_CUSTOMERS) {
    for (const { type, currency, overdraft } of accounts) {
      if (overdraft) limits.set(accountName(username, type, currency), minor(overdraft));
    }
  }
  return limits;
}
