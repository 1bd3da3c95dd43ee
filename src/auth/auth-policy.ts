import { Inject, Injectable } from '@nestjs/common';
import type { Environment } from '../config/environment';
import { ENVIRONMENT } from '../config/config.module';
import type { Authentication } from './authentication';
import { ROLES } from './permissions';

/** What the settings ask of a session: who needs a second factor, and how fresh a proof dangerous acts want. */
@Injectable()
export class AuthPolicy {
  private readonly secondFactorRoles: ReadonlySet<string>;
  private readonly freshSeconds: number;

  constructor(@Inject(ENVIRONMENT) environment: Environment) {
    const { NODE_ENV, TOTP_REQUIRED_ROLES, STEP_UP_MINUTES } = environment;
    const roles = NODE_ENV === 'production' ? ['admin', ...TOTP_REQUIRED_ROLES] : TOTP_REQUIRED_ROLES;
    const known: readonly string[] = ROLES;
    // A role that is misspelt would leave its people without the second factor that somebody meant them to have.
    if (roles.some((role) => !known.includes(role)))
      throw new Error(`TOTP_REQUIRED_ROLES: must be a list of ${ROLES.join(', ')}`);
    this.secondFactorRoles = new Set(roles);
    this.freshSeconds = STEP_UP_MINUTES * 60;
  }

  needsSecondFactor(role: string): boolean {
    return this.secondFactorRoles.has(role);
  }

  isFresh({ authenticated_at_s }: Authentication): boolean {
    return Date.now() / 1000 < authenticated_at_s + this.freshSeconds;
  }
}
