import type { FastifyReply } from 'fastify';
import type { BankRequest } from '../http/request-context';
import type { ApprovalAnswer } from './approvals.dto';

/** Every act that a second person may have to approve. */
export const ACT_NAMES = [
  'change_role',
  'post_journal',
  'post_reversal',
  'post_batch',
  'unfreeze_account',
  'set_class_limits',
  'set_user_limits',
  'end_user_limits',
  'change_rule',
  'set_rule_status',
  'publish_rule_shadow',
  'set_four_eyes',
] as const;
export type ActName = (typeof ACT_NAMES)[number];

export const FOUR_EYES_ACT = 'florin:four-eyes';

/** What stands between a route and its act. */
export abstract class FourEyesGate {
  /**
   * The request for approval that the act became; null: it may be done at once.
   * @throws BankError APPROVAL_REQUIRED where the act needs one and cannot ask for it, IDEMPOTENCY_KEY_REUSED
   */
  abstract ask(
    act: ActName,
    request: BankRequest,
    reply: FastifyReply,
  ): Promise<{ approval: ApprovalAnswer; is_replayed: boolean } | null>;
}
