import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { type LoadResult, PEERS, type PeerName, type Workload, type World } from '../client/protocol';
import { WrongBooks } from '../lib/books';
import type { Bench } from '../lib/bench';
import { median } from '../lib/statistics';

const SCENARIO = 'peers';
const DATABASE = 'florin_peers';
const FOLDER = join(__dirname, '..', '..', '..', 'bench', 'peers');
const CONCURRENCY = 64;
/** Enough to tell peers apart that differ by factors. */
const TIMING = { seconds: 2.5, warm_up_seconds: 0.5 };
const ROUNDS_MAX = 2;
const OPENING_MINOR = 100_000_000;

const NAMES: Record<PeerName, string> = {
  typeorm: 'TypeORM, transaction, pessimistic locks',
  'single-call': 'one CALL a transfer, locks in order',
  'unsorted-locks': 'one CALL a transfer, sender then receiver',
  'florin-queue': 'Florin, posting queue and sp_post_batch',
};
const WORKLOADS: Record<Workload, string> = {
  spread: '10,000 accounts',
  hot: 'one hot account',
  opposing: 'two accounts, both ways',
};

/** Ways to write the same transfer, from one Node process with 64 under way, without HTTP. */
export async function peers(bench: Bench): Promise<void> {
  const { report, servers, options } = bench;
  const admin = await createPeerLedger(servers.databaseUrl(''), options.accounts);
  const bare = await bench.bank('bare');
  const florin = await bench.client(bare);
  const peer = await bench.client({ world: peerWorld(options.accounts) });
  const results = new Map<string, LoadResult[]>();
  const cases = PEERS.flatMap((name) =>
    (Object.keys(WORKLOADS) as Workload[]).map((workload) => ({ name, workload })),
  );
  let accepted = 0;
  for (let round = 0; round < Math.min(ROUNDS_MAX, options.rounds); round += 1) {
    for (const { name, workload } of cases) {
      const isFlorin = name === 'florin-queue';
      const result = await (isFlorin ? florin : peer).run({
        kind: 'peer',
        peer: name,
        database_url: isFlorin ? bare.urls.api : servers.databaseUrl(DATABASE),
        concurrency: CONCURRENCY,
        workload,
        ...TIMING,
      });
      if (isFlorin) bare.expected += result.accepted;
      else accepted += result.accepted;
      const key = `${name} ${workload}`;
      results.set(key, [...(results.get(key) ?? []), result]);
    }
  }
  await checkPeers(admin, accepted, options.accounts);
  for (const { name, workload } of cases) {
    const rounds = results.get(`${name} ${workload}`) ?? [];
    report.figure(
      SCENARIO,
      `${NAMES[name]}: ${WORKLOADS[workload]}`,
      'transfers/s',
      rounds.map((result) => result.transfers_per_second),
      `p99 ${median(rounds.map((result) => result.latency.p99_ms)).toFixed(0)} ms, ${troubles(rounds)}`,
    );
  }
  await admin.query(`DROP DATABASE ${DATABASE}`);
  await admin.end();
  await bench.end();
}

function troubles(rounds: readonly LoadResult[]): string {
  const deadlocks = rounds.reduce((sum, result) => sum + result.deadlocks, 0);
  const failed = rounds
    .flatMap((result) => Object.values(result.errors))
    .reduce((sum, count) => sum + count, 0);
  return `${deadlocks} deadlocks${failed > 0 ? `, ${failed} transfers given up` : ''}`;
}

function peerWorld(accounts: number): World {
  const ids = Array.from({ length: accounts }, (_, index) => String(index + 1));
  return { accounts: ids, owners: ids.map(() => 0), user_ids: [''], tokens: [''] };
}

async function createPeerLedger(url: string, accounts: number): Promise<Connection> {
  const { hostname, port, username, password } = new URL(url);
  const admin = await createConnection({
    host: hostname,
    port: Number(port),
    user: username,
    password: decodeURIComponent(password),
    multipleStatements: true,
  });
  await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE}; USE ${DATABASE}`);
  await admin.query(readFileSync(join(FOLDER, 'schema.sql'), 'utf8'));
  for (const name of ['sp_peer_single', 'sp_peer_unsorted']) await admin.query(routine(name));
  const rows = Array.from({ length: accounts }, (_, index) => [index + 1, OPENING_MINOR]);
  await admin.query('INSERT INTO peer_accounts (account_id, balance_minor) VALUES ?', [rows]);
  return admin;
}

/** The statement of a routine's file, without the words that only the mysql client understands. */
function routine(name: string): string {
  return readFileSync(join(FOLDER, `${name}.sql`), 'utf8')
    .replaceAll(/^DELIMITER .*$/gm, '')
    .trim()
    .replace(/\/\/$/, '');
}

async function checkPeers(admin: Connection, accepted: number, accounts: number): Promise<void> {
  const [rows] = await admin.query(
    `SELECT (SELECT COUNT(*) FROM peer_transactions) AS posted, (SELECT SUM(balance_minor) FROM peer_accounts) AS total,
       (SELECT COALESCE(SUM(amount_minor), 0) FROM peer_entries) AS net`,
  );
  const [row] = rows as { posted: number; total: string; net: string }[];
  if (
    Number(row?.posted) !== accepted ||
    Number(row?.total) !== accounts * OPENING_MINOR ||
    Number(row?.net) !== 0
  )
    throw new WrongBooks(`the peers' books are wrong: ${accepted} accepted, ${JSON.stringify(row)}`);
}
