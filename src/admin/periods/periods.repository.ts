import { Injectable } from '@nestjs/common';
import { type Actor, Database } from '../../database';

@Injectable()
export class PeriodsRepository {
  constructor(private readonly database: Database) {}

  /** DATETIME(6) before which the books are closed. */
  async closedUntil(): Promise<string | undefined> {
    const [row] = await this.database.query<{ setting_value: string }>(
      "SELECT setting_value FROM bank_settings WHERE setting_key = 'books_closed_until'",
    );
    return row?.setting_value;
  }

  /** @throws SIGNAL PERIOD_IN_FUTURE, PERIOD_ALREADY_CLOSED */
  async close(actor: Actor, until: string): Promise<void> {
    await this.database.onConnection(actor, (queries) => queries.call('sp_close_period', [until]));
  }
}
