import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiProcess, startApi, startWorker } from '../lib/bank-processes';
import type { Bench } from '../lib/bench';
import { accessToken, type BenchBank } from '../lib/bench-bank';
import { untilQuiet } from '../lib/settle';
import { latencyOf } from '../lib/statistics';

const SCENARIO = 'feed';
const LOAD_SECONDS = 15;
const CONNECTIONS = 16;
/** Bench transfers are small: a rule about a hundredth of them flags as many as an ordinary bank reviews. */
const FLAGGED_SHARE = 0.01;

/** From an alert, and from its posting, to the analysts' feeds of two API processes, while the bank is under load. */
export async function feed(bench: Bench): Promise<void> {
  const bank = await bench.bank('feed');
  await flagSome(bank);
  const token = await analystToken(bank);
  const worker = await startWorker(bank);
  const apis = [await startApi(bank, 'API'), await startApi(bank, 'API of the feed alone')];
  const client = await bench.client(bank);
  try {
    await untilQuiet(bank);
    const listeners = await Promise.all(apis.map((api) => Listener.connect(api, token)));
    const [before] = await bank.owner.query<{ newest: string }>(
      'SELECT COALESCE(MAX(alert_id), 0) AS newest FROM alerts',
    );
    const result = await bench.load(bank, client, {
      kind: 'http',
      urls: [apis[0]?.url ?? ''],
      connections: CONNECTIONS,
      workload: 'spread',
      ...bench.timing,
      seconds: LOAD_SECONDS,
    });
    await untilQuiet(bank);
    await sleep(1_000);
    for (const listener of listeners) listener.close();
    report(bench, listeners, await alertsAfter(bank, before?.newest ?? '0'), result.transfers_per_second);
  } finally {
    await Promise.all([worker.stop(), ...apis.map((api) => api.stop())]);
  }
  await bench.end();
}

interface AlertTimes {
  alert_id: string;
  raised_us: string;
  posted_us: string;
}

function alertsAfter(bank: BenchBank, alertId: string): Promise<AlertTimes[]> {
  return bank.owner.query<AlertTimes>(
    `SELECT a.alert_id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', a.alert_raised_at) AS raised_us,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', t.posted_at) AS posted_us
     FROM alerts a JOIN transactions t ON t.transaction_id = a.transaction_id WHERE a.alert_id > ?`,
    [alertId],
  );
}

function report(
  { report }: Bench,
  listeners: readonly Listener[],
  rows: readonly AlertTimes[],
  perSecond: number,
): void {
  report.figure(SCENARIO, `transfers meanwhile, ${CONNECTIONS} connections`, 'transfers/s', [perSecond]);
  report.figure(SCENARIO, 'alerts raised', 'alerts', [rows.length]);
  for (const { name, received } of listeners) {
    const raised = new Map(rows.map((row) => [String(row.alert_id), row]));
    const since = (column: 'raised_us' | 'posted_us') =>
      latencyOf(
        [...received].map(
          ([alertId, at_ms]) => at_ms - Number(raised.get(alertId)?.[column] ?? Number.NaN) / 1000,
        ),
      );
    const alert = since('raised_us');
    const posting = since('posted_us');
    report.figure(SCENARIO, `${name}: alert to feed, median`, 'ms', [alert.p50_ms]);
    report.figure(SCENARIO, `${name}: posting to feed, median`, 'ms', [posting.p50_ms]);
    report.figure(SCENARIO, `${name}: posting to feed, 99 %`, 'ms', [posting.p99_ms]);
    report.below(SCENARIO, `${name}: alert to feed, 99 %`, alert.p99_ms, 1_000, 'ms');
    report.below(SCENARIO, `${name}: alerts that the feed missed`, rows.length - received.size, 1, 'alerts');
  }
}

/** An analyst's feed, and when each alert came by it, in milliseconds since 1970. */
class Listener {
  readonly received = new Map<string, number>();
  private readonly abort = new AbortController();

  private constructor(readonly name: string) {}

  static async connect({ name, url }: ApiProcess, token: string): Promise<Listener> {
    const listener = new Listener(name);
    const answer = await fetch(`${url}/alerts/stream`, {
      headers: { authorization: `Bearer ${token}` },
      signal: listener.abort.signal,
    });
    if (answer.status !== 200 || !answer.body) throw new Error(`the feed answered ${answer.status}`);
    void listener.read(answer.body).catch(() => undefined);
    return listener;
  }

  close(): void {
    this.abort.abort();
  }

  private async read(body: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body) {
      const at_ms = performance.timeOrigin + performance.now();
      text += decoder.decode(chunk, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) this.take(event, at_ms);
    }
  }

  private take(event: string, at_ms: number): void {
    if (!event.includes('\nevent: alert_raised\n')) return;
    const data = /^data: (.*)$/m.exec(event)?.[1] ?? '{}';
    const { alert } = JSON.parse(data) as { alert: { alert_id: string } };
    this.received.set(alert.alert_id, at_ms);
  }
}

/** The rules of a bench bank rest, and its transfers are drawn evenly up to some amount: the highest of them are flagged. */
async function flagSome(bank: BenchBank): Promise<void> {
  const [row] = await bank.owner.query<{ highest: string }>(
    `SELECT MIN(amount_minor) AS highest FROM (
       SELECT amount_minor, PERCENT_RANK() OVER (ORDER BY amount_minor) AS place FROM transactions WHERE type = 'transfer') t
     WHERE place >= ?`,
    [1 - FLAGGED_SHARE],
  );
  const condition = {
    all: [
      { fact: 'type', op: 'eq', value: 'transfer' },
      { fact: 'amount', op: 'gte', value: Number(row?.highest) / 100 },
    ],
  };
  const [made] = await bank.owner.call<{ rule_id: string }>('sp_create_risk_rule', [
    'bench_flagged',
    JSON.stringify(condition),
    0.6,
    'score',
    null,
    'Bench',
    'Alerts for the feed',
  ]);
  await bank.owner.call('sp_set_risk_rule_status', [String(made?.[0]?.rule_id), null, 'active', 'Bench']);
}

async function analystToken(bank: BenchBank): Promise<string> {
  const { insertId } = await bank.owner.execute(
    "INSERT INTO users (username, email, full_name, kyc_status, role) VALUES ('bench-analyst', 'analyst@bank.test', 'Analyst', 'verified', 'analyst')",
  );
  return accessToken(bank.secrets.JWT_SECRET, String(insertId), 'bench-analyst', 'analyst');
}
