/** A request that waits: its number of items, and who sent it. */
export interface Waiting {
  readonly items: readonly unknown[];
  readonly submitter: string;
}

/**
 * Requests in line, a line of their own for each submitter. Submitters take turns, a request a turn, so that nobody waits for
 * more than one request of each other submitter, however many those have sent; the requests of one submitter keep their order.
 */
export class FairLine<T extends Waiting> {
  /** In the order of whose turn it is. No line is empty. */
  private readonly lines = new Map<string, { requests: T[]; items: number }>();
  private waitingItems = 0;

  /** Items that wait. */
  get items(): number {
    return this.waitingItems;
  }

  get isEmpty(): boolean {
    return this.lines.size === 0;
  }

  /** Items of one submitter that wait. */
  itemsOf(submitter: string): number {
    return this.lines.get(submitter)?.items ?? 0;
  }

  add(request: T): void {
    const { submitter, items } = request;
    const line = this.lines.get(submitter) ?? { requests: [], items: 0 };
    line.requests.push(request);
    line.items += items.length;
    this.lines.set(submitter, line);
    this.waitingItems += items.length;
  }

  /**
   * Takes whole requests of up to `itemsMax` items together, or the next one alone when it is larger. Whose request no longer
   * fits is the first to be asked the next time.
   */
  take(itemsMax: number): T[] {
    const taken: T[] = [];
    let size = 0;
    for (let goesOn = true; goesOn;) {
      goesOn = false;
      for (const [submitter, { requests }] of [...this.lines]) {
        const count = requests[0]?.items.length ?? 0;
        if (taken.length > 0 && size + count > itemsMax) continue;
        taken.push(...this.takeFrom(submitter));
        size += count;
        goesOn = size < itemsMax;
        if (!goesOn) break;
      }
    }
    return taken;
  }

  /** The first request of a submitter, whose line goes to the end. */
  private takeFrom(submitter: string): T[] {
    const line = this.lines.get(submitter);
    const request = line?.requests.shift();
    if (!line || !request) return [];
    line.items -= request.items.length;
    this.waitingItems -= request.items.length;
    this.lines.delete(submitter);
    if (line.requests.length > 0) this.lines.set(submitter, line);
    return [request];
  }
}
