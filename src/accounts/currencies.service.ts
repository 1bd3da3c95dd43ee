import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database';
import { BankError } from '../errors';
import { AmountError, formatAmount, parseAmount } from '../money/amount';

export interface Currency {
  currency: string;
  name: string;
  exponent: number;
  /** false: nothing new is posted in it; its old amounts are still shown. */
  is_active: boolean;
}

/** The currencies of the bank, held in memory: they change with a migration, and every amount needs one. */
@Injectable()
export class CurrenciesService implements OnModuleInit {
  private currencies = new Map<string, Currency>();

  constructor(private readonly database: Database) {}

  async onModuleInit(): Promise<void> {
    const rows = await this.database.query<Omit<Currency, 'is_active'> & { is_active: number }>(
      'SELECT currency, name, exponent, is_active FROM currencies ORDER BY currency',
    );
    this.currencies = new Map(
      rows.map((row) => [row.currency, { ...row, is_active: Boolean(row.is_active) }]),
    );
  }

  /** The currencies that accounts can be opened in. */
  list(): Currency[] {
    return [...this.currencies.values()].filter((currency) => currency.is_active);
  }

  /** Decimals of the currency's minor unit. @throws BankError UNKNOWN_CURRENCY */
  exponent(currency: string): number {
    const known = this.currencies.get(currency);
    if (!known) throw new BankError('UNKNOWN_CURRENCY');
    return known.exponent;
  }

  /** Minor units as a decimal string with the currency's decimals. */
  format(minor: bigint | string | number, currency: string): string {
    return formatAmount(minor, this.exponent(currency));
  }

  /** An amount to move, in minor units. @throws BankError INVALID_AMOUNT naming `field` */
  parse(amount: string | number, currency: string, field = 'amount'): bigint {
    try {
      return parseAmount(amount, this.exponent(currency));
    } catch (error) {
      if (!(error instanceof AmountError)) throw error;
      throw new BankError('INVALID_AMOUNT', {
        detail: `${field} ${error.message}`,
        errors: [{ field, message: error.message }],
      });
    }
  }
}
