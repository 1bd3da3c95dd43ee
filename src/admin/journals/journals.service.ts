import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../../accounts/currencies.service';
import { microsecondsOf } from '../../http/fields';
import type { MoneyRequest } from '../../http/request-context';
import type { MoneyAnswer } from '../../transactions/dto/money-answer.dto';
import type { UnkeyedItem } from '../../transactions/money-commands.service';
import { TransactionsService } from '../../transactions/transactions.service';
import type { JournalEntryDto } from './journals.dto';

/** Journals: entries that an administrator books by hand, on any accounts of one currency. */
@Injectable()
export class JournalsService {
  constructor(
    private readonly currencies: CurrenciesService,
    private readonly transactions: TransactionsService,
  ) {}

  /** @throws BankError with the code of the decline, remembered under the key; JOURNAL_UNBALANCED is not remembered */
  async post(request: MoneyRequest, body: JournalEntryDto): Promise<MoneyAnswer> {
    return this.transactions.postOne(request, this.itemOf(request.principal.user_id, body));
  }

  /** The posting item of a journal. @throws BankError INVALID_AMOUNT, UNKNOWN_CURRENCY */
  itemOf(actor: string, body: JournalEntryDto): UnkeyedItem & { type: 'journal' } {
    return {
      type: 'journal',
      currency: body.currency,
      description: body.description,
      actor,
      effective_us: body.effective_at === undefined ? undefined : microsecondsOf(body.effective_at),
      legs: body.legs.map(({ account_id, direction, amount }, index) => {
        const minor = this.currencies.parse(amount, body.currency, `legs.${index}.amount`);
        return { account: account_id, amount: direction === 'credit' ? minor : -minor };
      }),
    };
  }
}
