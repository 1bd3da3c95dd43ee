import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Turns the signals that ask a program to end into an AbortSignal. The second one and all that follow are only told, as
 * servers that are just being stopped must not be left half-way.
 * @param {{ onFirst?: (name: string) => void, onAgain?: () => void }} tell
 */
export function interruptSignal({ onFirst, onAgain } = {}) {
  const controller = new AbortController();
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        onAgain?.();
        return;
      }
      onFirst?.(name);
      controller.abort(name);
    });
  }
  return controller.signal;
}

/** What a shell reports for a program that such a signal ended. */
export function exitCodeOf(signalName) {
  return 128 + (constants.signals[signalName] ?? 0);
}
