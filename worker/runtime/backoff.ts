const MAX_DELAY_MS = 5_000;

/** 100 ms, doubled with each failure up to five seconds, spread by a half, so that several workers do not come at once. */
export function backoffDelay(failures: number, random: () => number = Math.random): number {
  const delay = Math.min(100 * 2 ** Math.min(failures, 10), MAX_DELAY_MS);
  return delay * (0.5 + random() / 2);
}

/** Waits, but no longer than until `signal` aborts. Never rejects. */
export function pause(delay_ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delay_ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
