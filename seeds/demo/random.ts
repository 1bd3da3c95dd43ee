import { createHash } from 'node:crypto';

/**
 * Random numbers that are the same for the same seed, so that an interrupted run goes on with the same data. The generator is
 * sfc32 by Chris Doty-Humphrey (PractRand). Never for secrets.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest();
    this.a = digest.readUInt32LE(0);
    this.b = digest.readUInt32LE(4);
    this.c = digest.readUInt32LE(8);
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.integer(0, choices.length - 1)];
    if (choice === undefined) throw new RangeError('nothing to pick from');
    return choice;
  }

  /** Minor units between two amounts, small ones more often than large ones, as people spend; a multiple of `step`. */
  spending(min: bigint, max: bigint, step = 1n): bigint {
    const share = this.next() ** 1.8;
    const amount = Number(min) + (Number(max) - Number(min)) * share;
    return (BigInt(Math.round(amount)) / step) * step || min;
  }
}
