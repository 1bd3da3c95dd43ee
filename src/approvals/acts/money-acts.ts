import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CurrenciesService } from '../../accounts/currencies.service';
import { JournalEntryDto } from '../../admin/journals/journals.dto';
import { JournalsService } from '../../admin/journals/journals.service';
import { BankError } from '../../errors';
import { idField } from '../../http/fields';
import { type BankRequest, moneyRequestOf } from '../../http/request-context';
import { dollarsWorth } from '../../money/worth';
import { idempotencyKey, type PostingItem, PostingQueue, requestHash } from '../../posting';
import { ReversalDto } from '../../transactions/dto/money-request.dto';
import type { UnkeyedItem } from '../../transactions/money-commands.service';
import { type ApprovalRow, ApprovalsRepository } from '../approvals.repository';
import { type Act, type ActResult, part, type Proposal } from './act';

const DEFAULT_REVERSAL_OVER_USD = '1000';

const minor = z
  .string()
  .regex(/^-?\d{1,15}$/)
  .transform(BigInt);
/** The items of postings that can be asked for, as they stand in a payload: minor units as strings. */
const itemPayload = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('journal'),
    currency: z.string(),
    description: z.string(),
    actor: z.string(),
    effective_us: z.number().optional(),
    legs: z
      .array(z.strictObject({ account: z.string(), amount: minor }))
      .min(2)
      .max(100),
  }),
  z.strictObject({
    type: z.literal('reversal'),
    actor: z.string(),
    description: z.string().optional(),
    original: z.string(),
  }),
]);
const transactionParams = z.object({ transaction_id: idField });
const batchBody = z.object({
  items: z.array(z.object({ type: z.string(), transaction_id: idField.optional().catch(undefined) })),
});

/** Journals and large reversals: posted under the key of the request itself, so once whatever happens in between. */
@Injectable()
export class MoneyActs {
  constructor(
    private readonly approvals: ApprovalsRepository,
    private readonly journals: JournalsService,
    private readonly currencies: CurrenciesService,
    private readonly queue: PostingQueue,
  ) {}

  readonly journal: Act = {
    kind: 'journal',
    propose: async (request, reply) => {
      const body = part(JournalEntryDto.schema, request.body);
      const actor = request.principal?.user_id;
      if (!body || actor === undefined) return null;
      return this.proposal(request, reply, this.journals.itemOf(actor, body));
    },
    execute: (_actor, payload, approval) => this.post(payload, approval),
  };

  /** Of transactions that are worth more than the setting four_eyes_reversal_over_usd. */
  readonly reversal: Act = {
    kind: 'reversal',
    propose: async (request, reply) => {
      const original = part(transactionParams, request.params)?.transaction_id;
      const body = part(ReversalDto.schema, request.body ?? {});
      const actor = request.principal?.user_id;
      if (original === undefined || !body || actor === undefined) return null;
      if ((await this.largeOf([original])).size === 0) return null;
      return this.proposal(request, reply, {
        actor,
        description: body.description,
        type: 'reversal',
        original,
      });
    },
    execute: (_actor, payload, approval) => this.post(payload, approval),
  };

  /** A batch is answered item by item at once: what needs a second person has no place in it. */
  readonly batch: Act = {
    kind: 'reversal',
    concerns: ({ body }) => hasReversals(body),
    propose: async (request, reply) => {
      const items = part(batchBody, request.body)?.items ?? [];
      const originals = items.map(({ type, transaction_id }) =>
        type === 'reversal' ? transaction_id : undefined,
      );
      const asked = originals.filter((id) => id !== undefined);
      if (asked.length === 0) return null;
      const large = await this.largeOf(asked);
      const index = originals.findIndex((id) => id !== undefined && large.has(id));
      if (index < 0) return null;
      const { principal, idempotency_key } = moneyRequestOf(request, reply);
      if (await this.approvals.isKeyKnown(idempotencyKey(principal.user_id, idempotency_key))) return null;
      throw new BankError('APPROVAL_REQUIRED', {
        detail: `items.${index}: this reversal needs the approval of a second person`,
      });
    },
    execute: () => Promise.reject(new Error('a batch is never asked for')),
  };

  async reversalOverUsd(): Promise<string> {
    const text = await this.approvals.setting('four_eyes_reversal_over_usd');
    return text !== undefined && /^\d{1,12}$/.test(text) ? text : DEFAULT_REVERSAL_OVER_USD;
  }

  /** Of these transactions, those that are worth more than the setting. */
  private async largeOf(transactionIds: string[]): Promise<Set<string>> {
    const over = Number(await this.reversalOverUsd());
    const rows = await this.approvals.amountsOf([...new Set(transactionIds)]);
    const large = rows.filter(
      ({ amount_minor, currency }) =>
        dollarsWorth(BigInt(amount_minor), currency, this.currencies.exponent(currency)) > over,
    );
    return new Set(large.map(({ transaction_id }) => String(transaction_id)));
  }

  /** null: the key is known to postings, from before this needed a second person, and its answer is that of then. */
  private async proposal(
    request: BankRequest,
    reply: FastifyReply,
    item: UnkeyedItem,
  ): Promise<Proposal | null> {
    const { principal, idempotency_key } = moneyRequestOf(request, reply);
    const key = idempotencyKey(principal.user_id, idempotency_key);
    if (await this.approvals.isKeyKnown(key)) return null;
    return { payload: withStrings(item), reason: item.description, key, hash: requestHash(item) };
  }

  private async post(payload: unknown, approval: ApprovalRow): Promise<ActResult> {
    const item = itemPayload.parse(payload);
    if (approval.request_key === null || approval.request_hash === null)
      throw new Error('a request that moves money has a key');
    const keyed: PostingItem = { ...item, key: approval.request_key, hash: approval.request_hash };
    const [outcome] = await this.queue.submit([keyed]);
    if (!outcome) throw new Error('sp_post_batch answered nothing for an item');
    return { code: outcome.code, transaction_id: outcome.transaction_id };
  }
}

function hasReversals(body: unknown): boolean {
  const { items } = (body ?? {}) as { items?: unknown };
  return (
    Array.isArray(items) &&
    items.some((item: unknown) => (item as { type?: unknown } | null)?.type === 'reversal')
  );
}

/** JSON has no bigint. */
function withStrings(item: UnkeyedItem): object {
  return JSON.parse(
    JSON.stringify(item, (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  ) as object;
}
