export interface GroupCollectorOptions {
  /** Most items in a group. */
  group_max: number;
  /** Groups under way at the same time. */
  groups_in_flight: number;
}

interface Waiting<T> {
  item: T;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Gathers items that are asked one by one while a group is under way, and hands them on as the next group: no timer, no wait
 * when idle, larger groups the busier it is. A group that fails is tried again item by item, so that one bad item does not
 * fail its neighbours.
 */
export class GroupCollector<T> {
  private readonly waiting: Waiting<T>[] = [];
  private inFlight = 0;
  private isFlushScheduled = false;

  constructor(
    private readonly handle: (items: T[]) => Promise<void>,
    private readonly options: GroupCollectorOptions,
  ) {}

  /** Resolves when the group that the item went with is done. */
  submit(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.isFlushScheduled) return;
      this.isFlushScheduled = true;
      // After the I/O of this turn of the event loop, so that items which arrived together go together.
      setImmediate(() => {
        this.isFlushScheduled = false;
        this.flush();
      });
    });
  }

  private flush(): void {
    while (this.waiting.length > 0 && this.inFlight < this.options.groups_in_flight) {
      const group = this.waiting.splice(0, this.options.group_max);
      this.inFlight += 1;
      void this.run(group).finally(() => {
        this.inFlight -= 1;
        this.flush();
      });
    }
  }

  private async run(group: Waiting<T>[]): Promise<void> {
    try {
      await this.handle(group.map((waiting) => waiting.item));
      group.forEach((waiting) => waiting.resolve());
    } catch (error) {
      if (group.length === 1) {
        group[0]?.reject(error);
        return;
      }
      for (const waiting of group) await this.run([waiting]);
    }
  }
}
