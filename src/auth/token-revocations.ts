import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Environment } from '../config/environment';
import { ENVIRONMENT } from '../config/config.module';
import { Database } from '../database';

const POLL_MS = 1000;
/** A revocation may be committed this much later than the time it bears. */
const OVERLAP_S = 60;

/**
 * Which users' tokens were ended lately (password or role changed, deactivated), and which sessions. Asked for every request, so
 * it is held in memory: two small queries a second find what other API processes ended, and this process knows its own at once.
 */
@Injectable()
export class TokenRevocations implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(TokenRevocations.name);
  private readonly versions = new Map<string, number>();
  /** Ended sessions, and the performance.now() from which every token of them has expired. In the order in which they were found. */
  private readonly sessions = new Map<string, number>();
  private hasReadSessions = false;
  private timer: NodeJS.Timeout | undefined;
  private isFailing = false;
  private polling: Promise<void> = Promise.resolve();
  private pollsUnderWay = 0;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly database: Database,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.poll();
    this.timer = setInterval(() => {
      // A slow database is not asked again while it has not answered yet.
      if (this.pollsUnderWay === 0) void this.poll();
    }, POLL_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  isRevoked(userId: string, tokenVersion: number, sessionId: string | null = null): boolean {
    if (tokenVersion < (this.versions.get(userId) ?? 0)) return true;
    return sessionId !== null && this.sessions.has(sessionId);
  }

  /** Looks at once, after this process has ended a user's tokens. */
  poll(): Promise<void> {
    // One after the other: an answer that was slow to come must not undo a later one.
    this.pollsUnderWay += 1;
    this.polling = this.polling.then(() => this.look()).finally(() => (this.pollsUnderWay -= 1));
    return this.polling;
  }

  private async look(): Promise<void> {
    try {
      await Promise.all([this.lookForUsers(), this.lookForSessions()]);
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing)
        this.logger.warn(`cannot read ended tokens, going on with those known: ${(error as Error).message}`);
      this.isFailing = true;
    }
  }

  private async lookForUsers(): Promise<void> {
    const rows = await this.database.query<{ user_id: string; token_version: number }>(
      `SELECT user_id, token_version FROM user_credentials
       WHERE tokens_revoked_at > UTC_TIMESTAMP(6) - INTERVAL ? SECOND`,
      [this.tokenLifeSeconds],
    );
    // Older revocations need no memory: every token they ended has expired since.
    this.versions.clear();
    for (const row of rows) this.versions.set(String(row.user_id), row.token_version);
  }

  /** People log out all the time, so after the first look only what is new is read. */
  private async lookForSessions(): Promise<void> {
    const lookedAt = performance.now();
    const missed_s = this.hasReadSessions && !this.isFailing ? OVERLAP_S : this.tokenLifeSeconds;
    const rows = await this.database.query<{ session_id: string }>(
      'SELECT session_id FROM auth_sessions WHERE revoked_at > UTC_TIMESTAMP(6) - INTERVAL ? SECOND',
      [missed_s],
    );
    this.hasReadSessions = true;
    for (const { session_id } of rows)
      if (!this.sessions.has(session_id))
        this.sessions.set(session_id, lookedAt + this.tokenLifeSeconds * 1000);
    for (const [sessionId, forgottenAt] of this.sessions) {
      if (forgottenAt > lookedAt) break;
      this.sessions.delete(sessionId);
    }
  }

  private get tokenLifeSeconds(): number {
    return Math.ceil(this.environment.JWT_EXPIRATION_HOURS * 3600) + OVERLAP_S;
  }
}
