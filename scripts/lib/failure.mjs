/** Something that people can act upon: its message is shown as it stands, without a stack trace. */
export class Failure extends Error {
  /**
   * @param {string} message sentences that say what is wrong and what to do
   * @param {{ lines?: string[], exitCode?: number }} [more] the last words of a program that failed, and our exit code
   */
  constructor(message, { lines = [], exitCode = 1 } = {}) {
    super(message);
    this.lines = lines;
    this.exitCode = exitCode;
  }
}

/** The user asked to stop while a step was at work. Exit code 130 is what a shell gives a program ended by Ctrl-C. */
export class Interrupted extends Failure {
  constructor() {
    super('Stopped before it was done.', { exitCode: 130 });
  }
}

/** Throws when the user asked to stop. */
export function checkInterrupt(signal) {
  if (signal?.aborted) throw new Interrupted();
}

/** Shows an error the way it deserves: a failure as sentences, anything else with its stack, as it is a fault of ours. */
export function report(error, write = (line) => console.error(line)) {
  if (!(error instanceof Failure)) {
    write(error?.stack ?? String(error));
    return 1;
  }
  for (const line of error.lines) write(`    ${line}`);
  write(error.message);
  return error.exitCode;
}
