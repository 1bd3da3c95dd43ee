import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import type { Actor } from '../database';
import { type Act, part } from './acts/act';
import { SetFourEyesDto } from './approvals.dto';
import { ApprovalsRepository } from './approvals.repository';
import { type ApprovalKind, KIND_NAMES, kindsOf } from './kinds';

const payloadSchema = z.strictObject({ kinds: z.array(z.enum(KIND_NAMES)) });

/** Which kinds of acts need a second person: what the bank set, or else what the environment says. */
@Injectable()
export class FourEyesService {
  constructor(
    private readonly approvals: ApprovalsRepository,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** Read at each act, so that every API process agrees at once. */
  async required(): Promise<{ kinds: ApprovalKind[]; is_default: boolean }> {
    const setting = await this.approvals.setting('four_eyes');
    if (setting !== undefined) return { kinds: kindsOf(setting), is_default: false };
    const { FOUR_EYES, NODE_ENV } = this.environment;
    const isAuto = FOUR_EYES.trim() === 'auto';
    return {
      kinds: kindsOf(isAuto ? (NODE_ENV === 'production' ? 'all' : 'none') : FOUR_EYES),
      is_default: true,
    };
  }

  /** Whoever could turn the others off alone would need nobody for any: four_eyes_change comes with them. */
  async set(actor: Actor, kinds: readonly ApprovalKind[]): Promise<void> {
    const wanted = KIND_NAMES.filter(
      (kind) => kinds.includes(kind) || (kinds.length > 0 && kind === 'four_eyes_change'),
    );
    await this.approvals.setFourEyes(actor, wanted.join(','));
  }

  readonly change: Act = {
    kind: 'four_eyes_change',
    propose: async ({ body }) => {
      const change = part(SetFourEyesDto.schema, body);
      return change ? { payload: { kinds: change.kinds }, reason: change.reason } : null;
    },
    execute: async (actor, payload) => {
      const { kinds } = payloadSchema.parse(payload);
      await this.set(actor, kinds);
      return { code: 'OK', kinds };
    },
  };
}
