/** What an API process's /metrics tells of its posting queue, in sums that only grow. */
interface QueueSums {
  batches: number;
  items: number;
  seconds: number;
  retries: number;
}

/** Mean size and time of the batches between two readings. */
export interface QueueUse {
  batches: number;
  items_per_batch: number;
  ms_per_batch: number;
  retries: number;
}

async function readSums(urls: readonly string[]): Promise<QueueSums> {
  const sums: QueueSums = { batches: 0, items: 0, seconds: 0, retries: 0 };
  for (const url of urls) {
    const response = await fetch(`${url}/metrics`);
    const text = await response.text();
    const value = (name: string) =>
      Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
    sums.batches += value('florin_posting_batch_items_count');
    sums.items += value('florin_posting_batch_items_sum');
    sums.seconds += value('florin_posting_batch_duration_seconds_sum');
    sums.retries += value('florin_posting_retries_total');
  }
  return sums;
}

/** Reads the queue's metrics around `work`. */
export async function aroundQueue<T>(
  urls: readonly string[],
  work: () => Promise<T>,
): Promise<{ value: T; queue: QueueUse }> {
  const before = await readSums(urls);
  const value = await work();
  const after = await readSums(urls);
  const batches = after.batches - before.batches;
  return {
    value,
    queue: {
      batches,
      items_per_batch: (after.items - before.items) / batches,
      ms_per_batch: ((after.seconds - before.seconds) * 1000) / batches,
      retries: after.retries - before.retries,
    },
  };
}
