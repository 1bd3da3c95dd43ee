import type { Logger } from 'pino';

/** Remembers whether a server can be reached and logs it once a change, in place of once a failed try. */
export class ConnectionState {
  private isUp: boolean | null = null;

  constructor(
    private readonly name: string,
    private readonly logger: Logger,
  ) {}

  up(): void {
    if (this.isUp === false) this.logger.info(`${this.name} is back`);
    this.isUp = true;
  }

  down(error: unknown): void {
    if (this.isUp !== false)
      this.logger.warn(
        { reason: reasonOf(error) },
        `${this.name} cannot be reached; trying again until it can`,
      );
    this.isUp = false;
  }
}

/** The short form of an error, for a line that says why without a stack. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : typeof message === 'string' ? message : String(cause);
}
