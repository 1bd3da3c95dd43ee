import { Inject, Injectable } from '@nestjs/common';
import type { Environment } from '../config/environment';
import { ENVIRONMENT } from '../config/config.module';
import { BankError } from '../errors';
import type { Principal } from '../http/request-context';
import { parseDecimal } from '../money/amount';
import { CredentialsRepository } from './credentials.repository';
import { SecretChecker } from './secret-checker';

export interface PinCheck {
  amount_minor: bigint;
  /** Decimals of the amount's currency. */
  exponent: number;
  pin?: string | undefined;
}

/** More decimals than any currency has, so that one number stands for the limit in all of them. */
const LIMIT_EXPONENT = 12;

/** Asks customers who have set a PIN for it when much money moves. */
@Injectable()
export class PinService {
  private readonly limit: bigint;

  constructor(
    @Inject(ENVIRONMENT) environment: Environment,
    private readonly credentials: CredentialsRepository,
    private readonly checker: SecretChecker,
  ) {
    this.limit = parseDecimal(environment.PIN_REQUIRED_FROM, LIMIT_EXPONENT);
  }

  /**
   * Lets the movement go on, or not. Below PIN_REQUIRED_FROM, in major units of the currency, it costs no query.
   * @throws BankError PIN_REQUIRED, PIN_INVALID, USER_LOCKED
   */
  async requirePin(principal: Principal, { amount_minor, exponent, pin }: PinCheck): Promise<void> {
    if (amount_minor * 10n ** BigInt(LIMIT_EXPONENT - exponent) < this.limit) return;
    const secret = await this.credentials.findSecret('pin', principal.user_id);
    if (!secret?.hash) return;
    if (pin === undefined) throw new BankError('PIN_REQUIRED');
    if (!(await this.checker.isRight(secret, pin))) throw new BankError('PIN_INVALID');
  }
}
