/** Runs a command of the shell: a failure is one readable line on stderr and exit code 1, with the stack under DEBUG only. */
export function runCommand(work: () => Promise<number | void>): void {
  // A reader such as head has seen enough: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  work().then(
    (code) => {
      process.exitCode = code ?? 0;
    },
    (error: unknown) => {
      const text =
        error instanceof Error
          ? process.env.DEBUG
            ? (error.stack ?? error.message)
            : error.message
          : String(error);
      process.stderr.write(`${text}\n`);
      process.exitCode = 1;
    },
  );
}
