import { MAX_AMOUNT_MINOR } from '../money/amount';
import { idempotencyKey, requestHash, type BatchItem } from '../posting';
import { CURRENCY, SOURCE, type Client } from './customers.repository';
import type { PayDay, RowEvent, SalaryEvent, TimelineEvent } from './timeline';

/** Apart from the keys of the API's users, whatever they send. */
const SCOPE = `import:${SOURCE}`;
const OPENING_BEFORE_SALARY_US = 3_600_000_000;

/** The key under which a transaction of the data set is posted, whoever loads it and however often. */
export function transactionKey(id: string): string {
  return idempotencyKey(SCOPE, `transaction:${id}`);
}

/** Key and hash of an event. The hash covers what the data set says, not what the bank made of it. */
export function identityOf(event: TimelineEvent): { key: string; hash: string } {
  if (event.kind === 'salary') {
    const { client, payDay, amountMinor } = event;
    return {
      key: idempotencyKey(SCOPE, `salary:${client.clientId}:${payDay.date}`),
      hash: requestHash(['salary', client.clientId, payDay.date, amountMinor]),
    };
  }
  const { id, clientId, cardId, effectiveUs, amountMinor, channel, merchant, errors } = event.row;
  const place = [merchant.number, merchant.mcc, merchant.city, merchant.state];
  return {
    key: transactionKey(id),
    hash: requestHash([clientId, cardId, effectiveUs, amountMinor, channel, ...place, errors]),
  };
}

export function salaryItem(event: SalaryEvent): BatchItem {
  return {
    ...identityOf(event),
    type: 'deposit',
    credit: event.client.accountId,
    amount: event.amountMinor,
    currency: CURRENCY,
    effective_us: event.payDay.effectiveUs,
    description: `Salary ${event.payDay.date.slice(0, 7)}`,
  };
}

/** A payment, or a refund when the amount is negative; with a declined_reason when the card network refused it. */
export function rowItem(event: RowEvent, merchantId: string): BatchItem {
  const { row, client, cardId } = event;
  const isRefund = row.amountMinor < 0n;
  const { number, city, state } = row.merchant;
  return {
    ...identityOf(event),
    type: isRefund ? 'refund' : 'payment',
    ...(isRefund ? { credit: client.accountId } : { debit: client.accountId }),
    amount: isRefund ? -row.amountMinor : row.amountMinor,
    currency: CURRENCY,
    actor: client.userId,
    effective_us: row.effectiveUs,
    merchant: merchantId,
    card: cardId ?? undefined,
    channel: row.channel,
    description: [`Merchant ${number}`, city ?? 'online', state].filter((part) => part !== null).join(', '),
    declined_reason: row.errors ?? undefined,
  };
}

/**
 * The deposit for a client whom salary and credit limits do not carry; more than one when it is larger than a single item may
 * be. Its key names the state of the account for which it was worked out: once posted, that state is gone, so it cannot be
 * posted a second time.
 */
export function openingItems(client: Client, amountMinor: bigint, firstPayDay: PayDay): BatchItem[] {
  const items: BatchItem[] = [];
  for (let rest = amountMinor; rest > 0n; rest -= MAX_AMOUNT_MINOR) {
    const amount = rest < MAX_AMOUNT_MINOR ? rest : MAX_AMOUNT_MINOR;
    const identity = ['opening', client.clientId, client.lastAccountSeq, items.length];
    items.push({
      key: idempotencyKey(SCOPE, identity.join(':')),
      hash: requestHash([...identity, amount]),
      type: 'deposit',
      credit: client.accountId,
      amount,
      currency: CURRENCY,
      effective_us: firstPayDay.effectiveUs - OPENING_BEFORE_SALARY_US,
      description: 'Opening balance',
    });
  }
  return items;
}
