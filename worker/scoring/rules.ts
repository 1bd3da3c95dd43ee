import type { Queries } from '../../src/database';
import {
  type FactValues,
  judgeByRules,
  type RuleJudgement,
  type SanctionsIndex,
  type SanctionsMatch,
} from '../../src/risk';
import type { Subjects } from './list-book';
import type { RuleBook } from './rule-book';
import { readSubjects } from './subject-reader';

/** What lists and sanctions say of a transaction: facts like the others. null: there is no list to look at. */
export type ListFacts = {
  is_blacklisted: boolean;
  sanctions_match: number | null;
};

export interface Ruling extends RuleJudgement {
  /** Those that were given, and what lists say: an object of its own. */
  facts: FactValues & ListFacts;
}

const NOBODY: Subjects = {
  sender: null,
  others: [],
  merchant: null,
  card_id: null,
  device: null,
  ip: null,
  description: null,
};

/** Judges a group of transactions by what the rule book says when it is opened. */
export class RuleJudge {
  constructor(
    private readonly queries: Queries,
    private readonly book: RuleBook,
  ) {}

  /** Reads what lists need to know of the transactions: nothing while all of them are empty. */
  async open(
    transactionIds: readonly string[],
    read: (withLogins: boolean) => Promise<Map<string, Subjects>> = (withLogins) =>
      readSubjects(this.queries, transactionIds, withLogins),
  ): Promise<(transactionId: string, facts: FactValues) => Ruling> {
    await this.book.refresh();
    const { rules, lists, sanctions } = this.book;
    const isEmpty = lists.size === 0 && sanctions.size === 0;
    const subjects = isEmpty ? new Map<string, Subjects>() : await read(lists.needsLogins);
    const now = Date.now();
    return (transactionId, facts) => {
      const who = subjects.get(transactionId) ?? NOBODY;
      const blocked = lists.size === 0 ? null : lists.blocked(who, now);
      const match = sanctions.size === 0 ? null : screen(sanctions, who);
      const known = {
        ...facts,
        is_blacklisted: blocked !== null,
        sanctions_match: sanctions.size === 0 ? null : (match?.similarity ?? 0),
      };
      const details = { blacklist_subject: blocked, sanctions_name: match && sayMatch(match) };
      // What is on the block-list is trusted in nothing.
      const suppression = blocked === null && lists.size > 0 ? lists.suppression(who, now) : () => null;
      return { ...judgeByRules(rules, known, details, suppression), facts: known };
    };
  }
}

/** The best match among the names of those whom the sender deals with, the merchant's and what is said of the transaction. */
function screen(sanctions: SanctionsIndex, subjects: Subjects): SanctionsMatch | null {
  const own = subjects.sender?.user_id;
  const matches = subjects.others
    .filter((party) => party.user_id !== own)
    .map((party) => sanctions.matchName(party.full_name));
  if (subjects.merchant) {
    matches.push(sanctions.matchName(subjects.merchant.name), sanctions.matchText(subjects.merchant.name));
  }
  if (subjects.description) matches.push(sanctions.matchText(subjects.description));
  return matches.reduce<SanctionsMatch | null>(
    (best, match) => (match && match.similarity > (best?.similarity ?? 0) ? match : best),
    null,
  );
}

function sayMatch({ name }: SanctionsMatch): string {
  return name.country === null
    ? `${name.name} (list ${name.list})`
    : `${name.name} (${name.country}, list ${name.list})`;
}
