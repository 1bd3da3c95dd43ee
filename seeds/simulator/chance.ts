import { Random } from '../demo/random';

/** Chances of everyday life, from a seed of their own for each person, so that one life does not depend on another. */
export class Chance extends Random {
  /** A standard normal number (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  between(min: number, max: number): number {
    return min + (max - min) * this.next();
  }

  /** Log-normal: half of the numbers are above the median. */
  around(median: number, spread: number): number {
    return median * Math.exp(spread * this.normal());
  }

  /** How often something happens that happens `mean` times on average (Knuth). */
  times(mean: number): number {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.next(); product > limit; product *= this.next()) count += 1;
    return count;
  }
}
