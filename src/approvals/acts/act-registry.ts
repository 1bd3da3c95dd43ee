import { Injectable } from '@nestjs/common';
import type { ActName } from '../four-eyes.gate';
import { FourEyesService } from '../four-eyes.service';
import type { Act } from './act';
import { LimitActs } from './limit-acts';
import { MoneyActs } from './money-acts';
import { RuleActs } from './rule-acts';
import { StandingActs } from './standing-acts';

/** Every act by its name; the compiler keeps the list complete. */
@Injectable()
export class ActRegistry {
  private readonly acts: Record<ActName, Act>;

  constructor(
    standing: StandingActs,
    readonly money: MoneyActs,
    limits: LimitActs,
    rules: RuleActs,
    fourEyes: FourEyesService,
  ) {
    this.acts = {
      change_role: standing.changeRole,
      post_journal: money.journal,
      post_reversal: money.reversal,
      post_batch: money.batch,
      unfreeze_account: standing.unfreeze,
      set_class_limits: limits.setClass,
      set_user_limits: limits.setUser,
      end_user_limits: limits.endUser,
      change_rule: rules.change,
      set_rule_status: rules.setStatus,
      publish_rule_shadow: rules.publish,
      set_four_eyes: fourEyes.change,
    };
  }

  get(name: ActName): Act {
    return this.acts[name];
  }

  /** By a name that stands in the database. */
  find(name: string): Act | undefined {
    return Object.hasOwn(this.acts, name) ? this.acts[name as ActName] : undefined;
  }
}
