import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { amountField, currencyField, idField, textField, timeField } from '../../http/fields';

const leg = z.strictObject({
  account_id: idField,
  direction: z.enum(['debit', 'credit']),
  amount: amountField,
});

export class JournalEntryDto extends createZodDto(
  z
    .strictObject({
      currency: currencyField,
      description: textField(255, 1).meta({ example: 'Correction of fee 1042' }),
      effective_at: timeField.optional().meta({ description: 'When it happened, if not now' }),
      legs: z
        .array(leg)
        .min(2)
        .max(100)
        .meta({
          description: 'Each account once; debits equal credits',
          example: [
            { account_id: '4', direction: 'debit', amount: '15.00' },
            { account_id: '42', direction: 'credit', amount: '15.00' },
          ],
        }),
    })
    .superRefine(({ legs }, context) => {
      const seen = new Set<string>();
      for (const [index, { account_id }] of legs.entries()) {
        if (seen.has(account_id)) {
          context.addIssue({
            code: 'custom',
            path: ['legs', index, 'account_id'],
            message: 'has a leg already: give each account one',
          });
        }
        seen.add(account_id);
      }
    }),
) {}
