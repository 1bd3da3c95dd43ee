/** Of one batch this many look something up at a time, so that it does not take the whole connection pool. */
const CHUNK = 4;

/** `work` on each of `items`, a few at a time; the results in the order of the items. The first failure ends it. */
export async function inChunks<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += CHUNK) {
    const chunk = items.slice(start, start + CHUNK);
    results.push(...(await Promise.all(chunk.map((item, offset) => work(item, start + offset)))));
  }
  return results;
}
