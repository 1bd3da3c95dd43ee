import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { AccountDto } from '../../accounts/dto/account.dto';
import { currencyField, cursorField, idField, limitField, pageOf, textField } from '../../http/fields';
import { flagField } from '../../http/query-fields';

export class AdminAccountParams extends createZodDto(z.object({ account_id: idField })) {}

export class AdminAccountsQueryDto extends createZodDto(
  z.strictObject({
    user_id: idField.optional(),
    status: z.enum(['active', 'frozen', 'closed']).optional(),
    currency: currencyField.optional(),
    account_type: z
      .string()
      .regex(/^[a-z_]{1,32}$/, 'must be an account type such as checking')
      .optional()
      .meta({ example: 'checking' }),
    q: textField(64, 1)
      .optional()
      .meta({ description: 'Part of the account number or of the username', example: 'FLRN8915' }),
    include_system: flagField
      .optional()
      .meta({ description: "true: the bank's own accounts too", example: 'false' }),
    cursor: cursorField,
    limit: limitField,
  }),
) {}

/** A body that may be left out. */
export class ChangeStatusDto extends createZodDto(
  z.preprocess(
    (body) => body ?? {},
    z.strictObject({
      reason: textField(200, 3)
        .optional()
        .meta({ description: 'Kept in the audit log', example: 'Court order 4711/26' }),
    }),
  ),
) {}

const adminAccount = AccountDto.schema.extend({
  user_id: z.string().nullable().meta({ example: '42', description: "null: one of the bank's own" }),
  username: z.string().nullable().meta({ example: 'grace.hopper' }),
});

export type AdminAccountAnswer = z.output<typeof adminAccount>;
export class AdminAccountDto extends createZodDto(adminAccount) {}
export class AdminAccountListDto extends createZodDto(pageOf(adminAccount)) {}
