import type { Latency } from '../lib/statistics';

/** Which accounts a transfer moves money between: any two; the hot one and any other, both ways; two accounts, both ways. */
export type Workload = 'spread' | 'hot' | 'opposing';

/** What a load client knows of the bank, sent once. The first account is the hot one. */
export interface World {
  accounts: string[];
  /** Index into tokens and user_ids of each account's owner. */
  owners: number[];
  user_ids: string[];
  tokens: string[];
}

interface Timing {
  workload: Workload;
  seconds: number;
  warm_up_seconds: number;
}

/** Requests over HTTP, each with an Idempotency-Key of its own, on kept-alive connections. */
export interface HttpPlan extends Timing {
  kind: 'http';
  urls: string[];
  connections: number;
  /** Requests a second, sent at their time whether or not others are answered; absent: each connection sends at once again. */
  rate?: number;
  /** Items of a POST /transactions/batch; absent: POST /transactions/transfer. */
  batch_items?: number;
  /** One request after the other, to each URL in turn. */
  in_turn?: boolean;
}

/** sp_post_batch called directly. */
export interface ProcedurePlan extends Timing {
  kind: 'procedure';
  database_url: string;
  connections: number;
  batch_items: number;
}

export const PEERS = ['typeorm', 'single-call', 'unsorted-locks', 'florin-queue'] as const;
export type PeerName = (typeof PEERS)[number];

/** A way to post from one Node process, without HTTP: a peer, or Florin's own queue. */
export interface PeerPlan extends Timing {
  kind: 'peer';
  peer: PeerName;
  database_url: string;
  concurrency: number;
}

export type Plan = HttpPlan | ProcedurePlan | PeerPlan;

export interface LoadResult {
  /** Transfers answered within the measured time, and how long that was. */
  transfers: number;
  seconds: number;
  transfers_per_second: number;
  /** Transfers accepted for the first time, those of the warm-up and of the end included. */
  accepted: number;
  /** Transfers the bank declined, by code; replays and failures of all kinds are errors. */
  errors: Record<string, number>;
  /** Of peers: transactions that the server rolled back as deadlocks, each tried again. */
  deadlocks: number;
  latency: Latency;
  /** With in_turn, of each URL. */
  latencies: Latency[];
  /** CPU seconds of the client itself within the measured time. */
  cpu_seconds: number;
}

export type Message = { world: World } | { plan: Plan };
export type Answer = { ready: true } | { result: LoadResult } | { failure: string };
