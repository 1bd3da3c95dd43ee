import { Injectable } from '@nestjs/common';
import { type Actor, toIso } from '../../database';
import { periodStart } from '../../http/fields';
import { PeriodsRepository } from './periods.repository';

/** What a new bank's setting says: no period was ever closed. */
const NEVER = '1900-01-01 00:00:00.000000';

@Injectable()
export class PeriodsService {
  constructor(private readonly periods: PeriodsRepository) {}

  async read(): Promise<{ closed_until: string | null }> {
    const until = await this.periods.closedUntil();
    return { closed_until: until === undefined || until === NEVER ? null : toIso(until) };
  }

  /**
   * Closes the books before `until`, a moment or the beginning of a day in UTC.
   * @throws BankError PERIOD_IN_FUTURE, PERIOD_ALREADY_CLOSED
   */
  async close(actor: Actor, until: string): Promise<{ closed_until: string | null }> {
    await this.periods.close(actor, periodStart(until) ?? until);
    return this.read();
  }
}
