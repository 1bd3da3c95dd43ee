import { Inject, Injectable } from '@nestjs/common';
import type { Environment } from '../config/environment';
import { ENVIRONMENT } from '../config/config.module';
import { BankError } from '../errors';
import type { Principal } from '../http/request-context';
import { parseDecimal } from '../money/amount';
import { CredentialsRepository } from './credentials.repository';
import { SecretChecker } from './secret-checker';
import { WaitingLine } from './waiting-line';

/** Money that leaves an account. */
export interface Outgoing {
  currency: string;
  amount_minor: bigint;
  /** Decimals of the currency. */
  exponent: number;
}

/** More decimals than any currency has, so that one number stands for the limit in all of them. */
const LIMIT_EXPONENT = 12;

/** One user's PINs are compared one after the other, so that nobody fills the line that all users share. */
const USER_LINE = { running_max: 1, waiting_max: 2, retry_after_s: 1 };

/** Asks customers who have set a PIN for it when much money moves. */
@Injectable()
export class PinService {
  private readonly limit: bigint;
  private readonly lines = new Map<string, WaitingLine>();

  constructor(
    @Inject(ENVIRONMENT) environment: Environment,
    private readonly credentials: CredentialsRepository,
    private readonly checker: SecretChecker,
  ) {
    this.limit = parseDecimal(environment.PIN_REQUIRED_FROM, LIMIT_EXPONENT);
  }

  /**
   * Lets a request go on, or not. It counts as a whole: many small amounts are a large one. Below PIN_REQUIRED_FROM, in major
   * units of each currency, it costs no query.
   * @throws BankError PIN_REQUIRED, PIN_INVALID, USER_LOCKED; TOO_MANY_LOGINS when the user's other PINs are being compared
   */
  async requirePin(
    { user_id }: Principal,
    outgoing: readonly Outgoing[],
    pin: string | undefined,
  ): Promise<void> {
    if (!this.reachesLimit(outgoing)) return;
    const secret = await this.credentials.findSecret('pin', user_id);
    if (!secret?.hash) return;
    if (pin === undefined) throw new BankError('PIN_REQUIRED');
    const line = this.lines.get(user_id) ?? new WaitingLine(USER_LINE);
    this.lines.set(user_id, line);
    try {
      // Read again when it is its turn: the one before may have brought the lock.
      await line.run(() => this.checker.require('pin', user_id, pin, 'PIN_INVALID'));
    } finally {
      if (line.isEmpty) this.lines.delete(user_id);
    }
  }

  private reachesLimit(outgoing: readonly Outgoing[]): boolean {
    const sums = new Map<string, bigint>();
    for (const { currency, amount_minor, exponent } of outgoing) {
      const amount = amount_minor * 10n ** BigInt(LIMIT_EXPONENT - exponent);
      sums.set(currency, (sums.get(currency) ?? 0n) + amount);
    }
    return [...sums.values()].some((sum) => sum >= this.limit);
  }
}
