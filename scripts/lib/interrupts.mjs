import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
// npm passes on the Ctrl-C that the terminal has already sent to us: these two are one.
const SAME_WITHIN_MS = 1_000;

/**
 * Turns the signals that ask a program to end into an AbortSignal. The second one and all that follow are only told, as
 * servers that are just being stopped must not be left half-way.
 * @param {{ onFirst?: (name: string) => void, onAgain?: () => void }} tell
 */
export function interruptSignal({ onFirst, onAgain } = {}) {
  const controller = new AbortController();
  let lastMs = 0;
  for (const name of SIGNALS) {
    process.on(name, () => {
      const isEcho = Date.now() - lastMs < SAME_WITHIN_MS;
      lastMs = Date.now();
      if (controller.signal.aborted) {
        if (!isEcho) onAgain?.();
        return;
      }
      onFirst?.(name);
      controller.abort(name);
    });
  }
  return controller.signal;
}

/** Resolves (with nothing) once the signal is aborted. */
export function untilAborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** What a shell reports for a program that such a signal ended. */
export function exitCodeOf(signalName) {
  return 128 + (constants.signals[signalName] ?? 0);
}
