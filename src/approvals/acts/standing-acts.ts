import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ChangeStatusDto, AdminAccountParams } from '../../admin/accounts/admin-accounts.dto';
import { AdminAccountsService } from '../../admin/accounts/admin-accounts.service';
import { ChangeRoleDto, UserParams } from '../../admin/users/admin-users.dto';
import { AdminUsersService } from '../../admin/users/admin-users.service';
import { ROLES } from '../../auth/permissions';
import { BankError } from '../../errors';
import { ApprovalsRepository } from '../approvals.repository';
import { type Act, part } from './act';

const rolePayload = z.strictObject({ user_id: z.string(), from_role: z.string(), role: z.enum(ROLES) });
const unfreezePayload = z.strictObject({
  account_id: z.string(),
  fraud_alert_id: z.string(),
  reason: z.string().optional(),
});

/** Who may do what, and accounts that fraud had frozen. */
@Injectable()
export class StandingActs {
  constructor(
    private readonly approvals: ApprovalsRepository,
    private readonly users: AdminUsersService,
    private readonly accounts: AdminAccountsService,
  ) {}

  /** A role is changed from what it was when it was asked for. */
  readonly changeRole: Act = {
    kind: 'role_change',
    propose: async ({ params, body }) => {
      const user_id = part(UserParams.schema, params)?.user_id;
      const change = part(ChangeRoleDto.schema, body);
      if (user_id === undefined || !change) return null;
      const from_role = await this.approvals.roleOf(user_id);
      if (from_role === undefined || from_role === change.role) return null;
      return {
        payload: { user_id, from_role, role: change.role },
        subject_user_id: user_id,
        reason: change.reason,
      };
    },
    execute: async (actor, payload) => {
      const { user_id, from_role, role } = rolePayload.parse(payload);
      if ((await this.approvals.roleOf(user_id)) !== from_role) throw new BankError('VERSION_CONFLICT');
      await this.users.changeStanding(actor, user_id, { role });
      return { code: 'OK', user_id, role };
    },
  };

  /** Only where confirmed fraud had frozen it; whether other fraud came to light in the meantime is looked at again. */
  readonly unfreeze: Act = {
    kind: 'unfreeze',
    propose: async ({ params, body }) => {
      const account_id = part(AdminAccountParams.schema, params)?.account_id;
      const change = part(ChangeStatusDto.schema, body);
      if (account_id === undefined || !change) return null;
      const fraud_alert_id = await this.approvals.fraudOf(account_id);
      if (fraud_alert_id === null) return null;
      return { payload: { account_id, fraud_alert_id, ...change }, reason: change.reason };
    },
    execute: async (actor, payload) => {
      const { account_id, fraud_alert_id, reason } = unfreezePayload.parse(payload);
      if ((await this.approvals.fraudOf(account_id)) !== fraud_alert_id)
        throw new BankError('VERSION_CONFLICT');
      await this.accounts.setStatus(actor, account_id, 'active', reason);
      return { code: 'OK', account_id, status: 'active' };
    },
  };
}
