import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { amountField, currencyField, idField, textField, timeField } from '../../http/fields';

const optional = {
  description: textField(255).meta({ example: 'Rent for March' }).optional(),
  currency: currencyField
    .optional()
    .meta({ description: 'A check: refused when the account has another currency' }),
  effective_at: timeField.optional().meta({ description: 'When it happened, if not now' }),
};

const pin = z
  .string()
  .regex(/^\d{4,6}$/, 'must be 4 to 6 digits')
  .optional()
  .meta({ example: '4711', description: 'Needed from the amount limit on, when you have set one' });

export const CHANNELS = [
  'card_present',
  'chip',
  'contactless',
  'online',
  'mobile',
  'phone',
  'atm',
  'branch',
] as const;

const merchant = z.strictObject({
  name: textField(120, 1).meta({ example: 'Corner Bakery' }),
  mcc: z
    .string()
    .regex(/^\d{4}$/, 'must be a merchant category code of four digits')
    .meta({ example: '5812' }),
  city: textField(80).optional().meta({ example: 'Pune' }),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be an ISO 3166 code of two letters')
    .optional()
    .meta({ example: 'IN' }),
});

const deposit = { account_id: idField, amount: amountField, ...optional };
const transfer = {
  sender_account_id: idField,
  receiver_account_id: idField.optional(),
  receiver_account_number: z.string().max(40).optional().meta({ example: 'XF42FLRN891505762833' }),
  amount: amountField,
  ...optional,
};
const payment = {
  account_id: idField,
  amount: amountField,
  merchant,
  channel: z.enum(CHANNELS).meta({ example: 'online' }),
  ...optional,
};
const hold = {
  account_id: idField,
  amount: amountField,
  merchant: merchant.optional(),
  channel: z.enum(CHANNELS).optional().meta({ example: 'online' }),
  description: optional.description,
  currency: optional.currency,
  expires_at: timeField
    .optional()
    .meta({ example: '2100-01-01T00:00:00Z', description: 'In seven days by default' }),
};
const capture = {
  amount: amountField
    .optional()
    .meta({ description: 'The whole hold by default; what is not captured is released' }),
  description: optional.description,
};

const hasOneReceiver = (body: { receiver_account_id?: unknown; receiver_account_number?: unknown }) =>
  (body.receiver_account_id === undefined) !== (body.receiver_account_number === undefined);
const oneReceiver = {
  error: 'give either receiver_account_id or receiver_account_number',
  path: ['receiver_account_id'],
};

const cash = z
  .strictObject({ ...deposit, pin })
  .meta({ example: { account_id: '42', amount: '125.50', description: 'Counter 3' } });

export class DepositDto extends createZodDto(cash) {}
export class WithdrawDto extends createZodDto(cash) {}
export class TransferDto extends createZodDto(
  z
    .strictObject({ ...transfer, pin })
    .refine(hasOneReceiver, oneReceiver)
    .meta({
      example: {
        sender_account_id: '42',
        receiver_account_number: 'XF42FLRN891505762833',
        amount: '125.50',
        description: 'Rent for March',
      },
    }),
) {}
export class PaymentDto extends createZodDto(z.strictObject({ ...payment, pin })) {}
export class HoldDto extends createZodDto(z.strictObject({ ...hold, pin })) {}
export class CaptureDto extends createZodDto(z.strictObject(capture)) {}
export class VoidDto extends createZodDto(z.strictObject({ description: optional.description })) {}
export class ReversalDto extends createZodDto(z.strictObject({ description: optional.description })) {}

const kind = <T extends string>(type: T) => z.literal(type);

const batchItem = z.discriminatedUnion('type', [
  z.strictObject({ type: kind('deposit'), ...deposit }),
  z.strictObject({ type: kind('withdrawal'), ...deposit }),
  z.strictObject({ type: kind('transfer'), ...transfer }).refine(hasOneReceiver, oneReceiver),
  z.strictObject({ type: kind('payment'), ...payment }),
  z.strictObject({ type: kind('hold'), ...hold }),
  z.strictObject({ type: kind('capture'), hold_id: idField, ...capture }),
  z.strictObject({ type: kind('void'), hold_id: idField, description: optional.description }),
  z.strictObject({ type: kind('reversal'), transaction_id: idField, description: optional.description }),
]);

export class BatchDto extends createZodDto(
  z.strictObject({
    items: z
      .array(batchItem)
      .min(1)
      .max(1000)
      .meta({
        example: [
          { type: 'transfer', sender_account_id: '42', receiver_account_id: '57', amount: '20.00' },
          { type: 'deposit', account_id: '42', amount: '5.00' },
        ],
      }),
    linked: z.boolean().default(false).meta({ description: 'true: all items or none' }),
    pin,
  }),
) {}

/** Any money request, with its kind. */
export type MoneyCommand = z.output<typeof batchItem>;
