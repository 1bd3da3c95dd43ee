import { HttpConnection, type HttpAnswer } from './http-connection';
import { Meter } from './meter';
import type { HttpPlan, LoadResult, World } from './protocol';
import { freshKey, transferSource, type Transfer } from './transfers';

const TICK_MS = 1;

/** Runs an HTTP plan to its end: until every request that was sent has its answer. */
export async function runHttp(plan: HttpPlan, world: World): Promise<LoadResult> {
  const meter = new Meter(plan);
  const next = requestSource(plan, world);
  const lanes = plan.urls.map((url) => new URL(url));
  const connections = Array.from({ length: plan.connections }, (_, index) => {
    const lane = index % lanes.length;
    return { lane, connection: new HttpConnection(lanes[lane] ?? new URL(plan.urls[0] ?? '')) };
  });
  const ask = (place: Place, askedAt: number): Promise<void> =>
    new Promise((resolve) => {
      place.connection.send(next(), (answer) => {
        count(meter, plan, answer, askedAt, place.lane);
        resolve();
      });
    });

  if (plan.rate !== undefined) await paced(plan.rate, meter, connections, ask);
  else if (plan.in_turn) await inTurn(meter, connections, ask);
  else await Promise.all(connections.map((place) => inTurn(meter, [place], ask)));
  for (const { connection } of connections) connection.close();
  return meter.result();
}

interface Place {
  lane: number;
  connection: HttpConnection;
}

type Ask = (place: Place, askedAt: number) => Promise<void>;

async function inTurn(meter: Meter, places: readonly Place[], ask: Ask): Promise<void> {
  for (let turn = 0; !meter.isOver; turn += 1) {
    const place = places[turn % places.length];
    if (place) await ask(place, performance.now());
  }
}

/**
 * Requests become due at even intervals. One that finds no free connection waits, and its waiting counts as latency: a bank that
 * stalls is not spared the requests that would have come meanwhile.
 */
async function paced(rate: number, meter: Meter, places: readonly Place[], ask: Ask): Promise<void> {
  const startedAt = performance.now();
  const free = [...places];
  const due: number[] = [];
  const underWay = new Set<Promise<void>>();
  const start = () => {
    while (due.length > 0 && free.length > 0) {
      const place = free.pop();
      const dueAt = due.shift();
      if (!place || dueAt === undefined) return;
      const asked = ask(place, dueAt).then(() => {
        underWay.delete(asked);
        free.push(place);
        start();
      });
      underWay.add(asked);
    }
  };
  for (let scheduled = 0; !meter.isOver;) {
    const now = performance.now();
    for (; startedAt + (scheduled * 1000) / rate <= now; scheduled += 1)
      due.push(startedAt + (scheduled * 1000) / rate);
    start();
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  due.length = 0;
  await Promise.all(underWay);
}

function requestSource(plan: HttpPlan, world: World): () => string {
  const draw = transferSource(world, plan.workload);
  const items = plan.batch_items;
  if (items === undefined) return () => request(world, '/transactions/transfer', draw());
  return () => batchRequest(world, draw, items);
}

function fields({ from, to, amount }: Transfer): string {
  const decimal = `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;
  return `"sender_account_id":"${from}","receiver_account_id":"${to}","amount":"${decimal}","description":"bench"`;
}

function request(world: World, path: string, transfer: Transfer): string {
  return post(path, world.tokens[transfer.owner] ?? '', `{${fields(transfer)}}`);
}

/** All items of a batch are the same customer's, as the one who asks must own the debited accounts. */
function batchRequest(world: World, draw: () => Transfer, items: number): string {
  const first = draw();
  const own = world.accounts.filter((_, index) => world.owners[index] === first.owner);
  const list = Array.from({ length: items }, () => {
    const transfer = draw();
    const from = own[Math.floor(Math.random() * own.length)] ?? '';
    return `{"type":"transfer",${fields({ ...transfer, from, to: transfer.to === from ? first.to : transfer.to })}}`;
  });
  return post('/transactions/batch', world.tokens[first.owner] ?? '', `{"items":[${list.join(',')}]}`);
}

function post(path: string, token: string, body: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nhost: bank\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n` +
    `idempotency-key: ${freshKey()}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  );
}

function count(meter: Meter, plan: HttpPlan, answer: HttpAnswer | null, askedAt: number, lane: number): void {
  if (answer === null) meter.failed('CONNECTION_LOST');
  else if (answer.is_replayed) meter.failed('REPLAYED');
  else if (answer.status === 201) meter.answered(1, askedAt, lane);
  else if (answer.status === 200 && plan.batch_items !== undefined) countBatch(meter, answer, askedAt, lane);
  else meter.failed(codeOf(answer));
}

function countBatch(meter: Meter, answer: HttpAnswer, askedAt: number, lane: number): void {
  const { accepted, items } = JSON.parse(answer.body.toString()) as {
    accepted: number;
    items: { code: string }[];
  };
  meter.answered(accepted, askedAt, lane);
  for (const { code } of items) if (code !== 'OK') meter.failed(code);
}

function codeOf({ status, body }: HttpAnswer): string {
  try {
    return `${status} ${(JSON.parse(body.toString()) as { code?: string }).code ?? ''}`.trim();
  } catch {
    return String(status);
  }
}
