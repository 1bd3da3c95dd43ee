import { latencyOf } from '../lib/statistics';
import type { LoadResult } from './protocol';

/** Counts what is answered within the measured time, and what was accepted at any time. */
export class Meter {
  private readonly startsAt: number;
  private readonly endsAt: number;
  private readonly samples: number[][] = [];
  private readonly errors = new Map<string, number>();
  private transfers = 0;
  private first = { at: 0, transfers: 0 };
  private lastAt = 0;
  private accepted = 0;
  private deadlocks = 0;
  private cpuAtStart: NodeJS.CpuUsage | undefined;
  private cpuAtEnd: NodeJS.CpuUsage | undefined;

  constructor({ seconds, warm_up_seconds }: { seconds: number; warm_up_seconds: number }) {
    this.startsAt = performance.now() + warm_up_seconds * 1000;
    this.endsAt = this.startsAt + seconds * 1000;
  }

  /** Whether the time is over. */
  get isOver(): boolean {
    return performance.now() >= this.endsAt;
  }

  /** An answer: how many transfers it accepted, when it was asked for, and which URL gave it. */
  answered(accepted: number, askedAt: number, lane = 0): void {
    const now = performance.now();
    this.accepted += accepted;
    if (now < this.startsAt) return;
    this.cpuAtStart ??= process.cpuUsage();
    if (now >= this.endsAt) {
      this.cpuAtEnd ??= process.cpuUsage();
      return;
    }
    if (this.transfers === 0) this.first = { at: now, transfers: accepted };
    this.lastAt = now;
    this.transfers += accepted;
    (this.samples[lane] ??= []).push(now - askedAt);
  }

  failed(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  deadlocked(): void {
    this.deadlocks += 1;
  }

  /** From the first answer to the last, so that a few large batches are not counted by the edges of the time. */
  private rate(): number {
    const seconds = (this.lastAt - this.first.at) / 1000;
    return seconds > 0 ? (this.transfers - this.first.transfers) / seconds : 0;
  }

  result(): LoadResult {
    const seconds = (this.endsAt - this.startsAt) / 1000;
    const from = this.cpuAtStart ?? process.cpuUsage();
    const to = this.cpuAtEnd ?? process.cpuUsage();
    return {
      transfers: this.transfers,
      seconds,
      transfers_per_second: this.rate(),
      accepted: this.accepted,
      errors: Object.fromEntries(this.errors),
      deadlocks: this.deadlocks,
      latency: latencyOf(this.samples.flat()),
      latencies: this.samples.map((samples) => latencyOf(samples)),
      cpu_seconds: (to.user + to.system - from.user - from.system) / 1e6,
    };
  }
}
