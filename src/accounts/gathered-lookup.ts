/** Most keys in one query. */
const KEYS_MAX = 500;

interface Waiting<T> {
  resolve: (found: T | undefined) => void;
  reject: (error: unknown) => void;
}

/**
 * Looks up by key what many requests ask for one at a time: what is asked while a query is at the database travels in the next
 * one, and a lone request does not wait. A query that fails fails for all who asked in it.
 */
export class GatheredLookup<T> {
  private waiting = new Map<string, Waiting<T>[]>();
  private isReading = false;

  /** @param read the values of up to 500 different keys; what it does not return is not there */
  constructor(private readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>) {}

  /** undefined: not there */
  find(key: string): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(key);
      if (others) others.push({ resolve, reject });
      else this.waiting.set(key, [{ resolve, reject }]);
      if (this.isReading) return;
      this.isReading = true;
      // After the I/O of this turn of the event loop, so that requests which arrived together are looked up together.
      setImmediate(() => void this.readAll());
    });
  }

  private async readAll(): Promise<void> {
    while (this.waiting.size > 0) {
      const asked = [...this.waiting].slice(0, KEYS_MAX);
      for (const [key] of asked) this.waiting.delete(key);
      try {
        const found = await this.read(asked.map(([key]) => key));
        for (const [key, askers] of asked) for (const { resolve } of askers) resolve(found.get(key));
      } catch (error) {
        for (const [, askers] of asked) for (const { reject } of askers) reject(error);
      }
    }
    this.isReading = false;
  }
}
