import type { Client, ClientCard } from './customers.repository';
import { readCsv } from './csv-reader';
import type { DataFile } from './data-set';
import { FieldProblem } from './fields';
import { parseTransaction, TRANSACTION_COLUMNS, type TransactionRow } from './transaction-row';

/** Salaries come on this day of each month, at this hour UTC. */
const PAY_DAY_OF_MONTH = 25;
const PAY_HOUR = 9;

export interface PayDay {
  /** `2010-01-25` */
  date: string;
  effectiveUs: number;
}

/** A transaction of the files with the client and card it belongs to. */
export interface RowEvent {
  kind: 'row';
  row: TransactionRow;
  client: Client;
  /** null: the data set came without cards. */
  cardId: string | null;
  file: string;
  line: number;
}

export interface SalaryEvent {
  kind: 'salary';
  client: Client;
  payDay: PayDay;
  amountMinor: bigint;
}

export type TimelineEvent = RowEvent | SalaryEvent;

/** The events of one piece of a file, in the order in which they are to be posted. */
export interface TimelineBlock {
  events: TimelineEvent[];
  /** Rows read in this block, good and bad. */
  rows: number;
  /** Read of all files so far. */
  bytes: number;
}

export interface TimelineSource {
  files: readonly DataFile[];
  clients: ReadonlyMap<string, Client>;
  cards: ReadonlyMap<string, ClientCard>;
  /** Now, in microseconds since 1970. */
  nowUs: number;
  onProblem: (file: string, line: number, reason: string) => void;
}

/** The last pay day before the moment. */
export function payDayBefore(us: number): PayDay {
  const date = new Date(us / 1000);
  const payDay = payDayOf(date.getUTCFullYear(), date.getUTCMonth());
  return payDay.effectiveUs < us ? payDay : payDayOf(date.getUTCFullYear(), date.getUTCMonth() - 1);
}

/** The pay day of the month after. */
export function payDayAfter({ effectiveUs }: PayDay): PayDay {
  const date = new Date(effectiveUs / 1000);
  return payDayOf(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

function payDayOf(year: number, month: number): PayDay {
  const date = new Date(Date.UTC(year, month, PAY_DAY_OF_MONTH, PAY_HOUR));
  return { date: date.toISOString().slice(0, 10), effectiveUs: date.getTime() * 1000 };
}

/**
 * Streams what happened to the clients in the order of the files, with the salaries of each month before the first
 * transaction that is later than their pay day; the first ones before the first transaction of all. Reading twice gives the
 * same events.
 */
export async function* readTimeline(source: TimelineSource): AsyncGenerator<TimelineBlock> {
  const earners = [...source.clients.values()].filter((client) => client.yearlyIncomeMinor >= 12n);
  let nextPayDay: PayDay | null = null;
  let bytesBefore = 0;
  for (const file of source.files) {
    for await (const block of readCsv(file.path, TRANSACTION_COLUMNS)) {
      const events: TimelineEvent[] = [];
      for (const csvRow of block.rows) {
        const event = toEvent(source, file.name, csvRow.line, csvRow.values, csvRow.reason);
        if (event === null) continue;
        nextPayDay ??= payDayBefore(event.row.effectiveUs);
        while (nextPayDay.effectiveUs < event.row.effectiveUs) {
          for (const client of earners) events.push(toSalary(client, nextPayDay));
          nextPayDay = payDayAfter(nextPayDay);
        }
        events.push(event);
      }
      yield { events, rows: block.rows.length, bytes: bytesBefore + block.bytes };
    }
    bytesBefore += file.bytes;
  }
}

function toSalary(client: Client, payDay: PayDay): SalaryEvent {
  return { kind: 'salary', client, payDay, amountMinor: client.yearlyIncomeMinor / 12n };
}

function toEvent(
  source: TimelineSource,
  file: string,
  line: number,
  values: string[] | null,
  reason: string,
): RowEvent | null {
  try {
    if (values === null) throw new FieldProblem(reason);
    const row = parseTransaction(values, source.nowUs);
    const client = source.clients.get(row.clientId);
    if (!client) throw new FieldProblem(`client_id ${row.clientId} is not a client of the data set`);
    return { kind: 'row', row, client, cardId: cardOf(source, row), file, line };
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    source.onProblem(file, line, error.message);
    return null;
  }
}

function cardOf({ cards }: TimelineSource, row: TransactionRow): string | null {
  if (cards.size === 0) return null;
  const card = cards.get(row.cardId);
  if (!card) throw new FieldProblem(`card_id ${row.cardId} is not a card of the data set`);
  if (card.clientId !== row.clientId) {
    throw new FieldProblem(`card_id ${row.cardId} belongs to client ${card.clientId}, not ${row.clientId}`);
  }
  return card.cardId;
}
