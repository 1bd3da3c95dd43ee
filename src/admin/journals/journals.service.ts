import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../../accounts/currencies.service';
import type { MoneyRequest } from '../../http/request-context';
import { idempotencyKey, type PostingItem, PostingQueue, requestHash } from '../../posting';
import type { MoneyAnswer } from '../../transactions/dto/money-answer.dto';
import { MoneyAnswerService } from '../../transactions/money-answer.service';
import type { JournalEntryDto } from './journals.dto';

/** Journals: entries that an administrator books by hand, on any accounts of one currency. */
@Injectable()
export class JournalsService {
  constructor(
    private readonly currencies: CurrenciesService,
    private readonly queue: PostingQueue,
    private readonly answers: MoneyAnswerService,
  ) {}

  /** @throws BankError with the code of the decline, remembered under the key; JOURNAL_UNBALANCED is not remembered */
  async post(request: MoneyRequest, body: JournalEntryDto): Promise<MoneyAnswer> {
    const { principal } = request;
    const draft: Omit<PostingItem, 'key' | 'hash'> = {
      type: 'journal',
      currency: body.currency,
      description: body.description,
      actor: principal.user_id,
      effective_us: body.effective_at === undefined ? undefined : Date.parse(body.effective_at) * 1000,
      legs: body.legs.map(({ account_id, direction, amount }, index) => {
        const minor = this.currencies.parse(amount, body.currency, `legs.${index}.amount`);
        return { account: account_id, amount: direction === 'credit' ? minor : -minor };
      }),
    };
    const [outcome] = await this.queue.submit([
      {
        ...draft,
        key: idempotencyKey(principal.user_id, request.idempotency_key),
        hash: requestHash(draft),
      },
    ]);
    if (!outcome) throw new Error('sp_post_batch answered nothing for an item');
    if (outcome.is_replayed) request.markReplayed();
    return this.answers.answer(outcome, principal);
  }
}
