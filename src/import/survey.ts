import type { Queries } from '../database';
import type { Client } from './customers.repository';
import { identityOf } from './items';
import { findKeys, type KnownKey } from './reference.repository';
import {
  payDayBefore,
  readTimeline,
  type PayDay,
  type TimelineBlock,
  type TimelineEvent,
  type TimelineSource,
} from './timeline';

const KEYS_A_QUERY = 2_000;

/** What the first reading of the transactions found. */
export interface Survey {
  rows: number;
  /** Place, in the timeline, of the first event that the bank does not have; null: it has them all. */
  firstNew: number | null;
  /** Transactions and salaries before firstNew: the bank has them. */
  transactionsThere: number;
  salariesThere: number;
  /** The pay day before the first transaction; null when there is none. */
  firstPayDay: PayDay | null;
  funding: Funding;
}

/** How the clients can pay for what the data calls good. */
export interface Funding {
  /** Clients with transactions that are still to be posted. */
  clients: number;
  fromBalance: number;
  fromOverdraft: number;
  /** Deposits that are needed beyond salary and credit limits, in cents. */
  openings: { client: Client; amountMinor: bigint }[];
}

export interface SurveyOptions {
  queries: Queries;
  /** Whether the bank may have some of the transactions already: then their keys are looked up, block by block. */
  isRepeat: boolean;
  signal: AbortSignal;
  onProgress: (rows: number, bytes: number) => void;
}

interface Course {
  client: Client;
  movedMinor: bigint;
  deepestMinor: bigint;
  hasRows: boolean;
}

/**
 * Reads the transactions without posting any: reports bad rows, finds where an interrupted import stopped, and follows each
 * client's account from what it has now to its deepest point. Memory grows with the clients, not with the rows.
 */
export async function surveyTransactions(source: TimelineSource, options: SurveyOptions): Promise<Survey> {
  const survey: Omit<Survey, 'funding'> = {
    rows: 0,
    firstNew: null,
    transactionsThere: 0,
    salariesThere: 0,
    firstPayDay: null,
  };
  const courses = new Map<string, Course>();
  let place = 0;
  for await (const { block, known } of readLookedUp(source, options)) {
    if (options.signal.aborted) break;
    for (const event of block.events) {
      if (event.kind === 'row') survey.firstPayDay ??= payDayBefore(event.row.effectiveUs);
      const state = known.get(event);
      if (state === undefined) {
        survey.firstNew ??= place;
        follow(courses, event);
      } else if (survey.firstNew === null) {
        // What stands behind the first new event is sent again, and counted and reported then.
        if (event.kind === 'salary') survey.salariesThere += 1;
        else if (state === 'same') survey.transactionsThere += 1;
        else source.onProblem(event.file, event.line, otherContents(event.row.id));
      }
      place += 1;
    }
    survey.rows += block.rows;
    options.onProgress(survey.rows, block.bytes);
  }
  return { ...survey, funding: fundingOf(courses) };
}

type KnownEvents = Map<TimelineEvent, 'same' | 'other'>;

interface LookedUpBlock {
  block: TimelineBlock;
  known: KnownEvents;
}

/** While the keys of one block are looked up, the next one is read. */
async function* readLookedUp(source: TimelineSource, options: SurveyOptions): AsyncGenerator<LookedUpBlock> {
  let ahead: Promise<LookedUpBlock> | null = null;
  for await (const block of readTimeline(source)) {
    const next = knownEvents(options, block.events).then((known) => ({ block, known }));
    // A failure is met when the block's turn comes; until then it must not count as unhandled.
    next.catch(() => undefined);
    if (ahead) yield await ahead;
    ahead = next;
  }
  if (ahead) yield await ahead;
}

/** The events of the block that the bank has, with the same contents or with others. */
async function knownEvents(
  { isRepeat, queries }: SurveyOptions,
  events: readonly TimelineEvent[],
): Promise<KnownEvents> {
  const known: KnownEvents = new Map();
  if (!isRepeat) return known;
  const identities = events.map(identityOf);
  const parts: Promise<Map<string, KnownKey>>[] = [];
  for (let start = 0; start < events.length; start += KEYS_A_QUERY) {
    const keys = identities.slice(start, start + KEYS_A_QUERY).map(({ key }) => key);
    parts.push(findKeys(queries, keys));
  }
  const found = await Promise.all(parts);
  events.forEach((event, index) => {
    const identity = identities[index];
    const decided = identity && found[Math.floor(index / KEYS_A_QUERY)]?.get(identity.key);
    if (decided) known.set(event, decided.requestHash === identity.hash ? 'same' : 'other');
  });
  return known;
}

export function otherContents(id: string): string {
  return `id ${id} was loaded before with other contents; what was loaded stays`;
}

function follow(courses: Map<string, Course>, event: TimelineEvent): void {
  const { client } = event;
  let course = courses.get(client.clientId);
  if (!course) {
    course = { client, movedMinor: 0n, deepestMinor: 0n, hasRows: false };
    courses.set(client.clientId, course);
  }
  if (event.kind === 'salary') {
    course.movedMinor += event.amountMinor;
    return;
  }
  course.hasRows = true;
  if (event.row.errors !== null) return;
  course.movedMinor -= event.row.amountMinor;
  if (course.movedMinor < course.deepestMinor) course.deepestMinor = course.movedMinor;
}

function fundingOf(courses: ReadonlyMap<string, Course>): Funding {
  const funding: Funding = { clients: 0, fromBalance: 0, fromOverdraft: 0, openings: [] };
  for (const { client, deepestMinor, hasRows } of courses.values()) {
    if (!hasRows) continue;
    funding.clients += 1;
    if (client.balanceMinor + deepestMinor >= 0n) funding.fromBalance += 1;
    else if (client.availableMinor + deepestMinor >= 0n) funding.fromOverdraft += 1;
    else funding.openings.push({ client, amountMinor: -(client.availableMinor + deepestMinor) });
  }
  return funding;
}
