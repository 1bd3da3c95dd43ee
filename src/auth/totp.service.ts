import { Injectable } from '@nestjs/common';
import { type Actor, Database, type Queries } from '../database';
import { BankError } from '../errors';
import type { Principal } from '../http/request-context';
import { AuthPolicy } from './auth-policy';
import type { Authentication } from './authentication';
import { CredentialsRepository } from './credentials.repository';
import { hashRecoveryCode, newRecoveryCode, RECOVERY_CODES } from './recovery-codes';
import { SecretChecker } from './secret-checker';
import { type GivenCode, SecondFactorService } from './second-factor.service';
import { SessionsRepository } from './sessions.repository';
import { type AccessToken, SessionsService } from './sessions.service';
import { TokenRevocations } from './token-revocations';
import { newTotpSecret, otpauthUri, TOTP_DIGITS, TOTP_PERIOD_S } from './totp-codes';
import { TotpRepository } from './totp.repository';

export interface TotpStatus {
  is_enrolled: boolean;
  enrolled_at: string | null;
  /** Whether the user's role needs one. */
  is_required: boolean;
  recovery_codes_left: number;
}

export interface TotpEnrolment {
  secret: string;
  otpauth_uri: string;
  algorithm: 'SHA1';
  digits: number;
  period_s: number;
}

/** What people and administrators do about second factors. */
@Injectable()
export class TotpService {
  constructor(
    private readonly database: Database,
    private readonly totp: TotpRepository,
    private readonly secondFactor: SecondFactorService,
    private readonly checker: SecretChecker,
    private readonly credentials: CredentialsRepository,
    private readonly sessions: SessionsService,
    private readonly records: SessionsRepository,
    private readonly revocations: TokenRevocations,
    private readonly policy: AuthPolicy,
  ) {}

  async status({ user_id, role }: Principal): Promise<TotpStatus> {
    const { confirmed_at } = await this.totp.find(user_id);
    return {
      is_enrolled: confirmed_at !== null,
      enrolled_at: confirmed_at,
      is_required: this.policy.needsSecondFactor(role),
      recovery_codes_left: await this.totp.recoveryCodesLeft(user_id),
    };
  }

  /**
   * Makes a shared secret, which counts from its first code on; until then the old one does, if there is one, whose code is asked for.
   * @throws BankError PASSWORD_INVALID, USER_LOCKED, TOTP_REQUIRED, TOTP_INVALID, SECOND_FACTOR_UNAVAILABLE
   */
  async begin(
    actor: Actor,
    { user_id, username }: Principal,
    { password, ...code }: GivenCode & { password: string },
  ): Promise<TotpEnrolment> {
    await this.checker.require('password', user_id, password, 'PASSWORD_INVALID');
    await this.secondFactor.pass(user_id, code, actor);
    const secret = newTotpSecret();
    await this.totp.savePending(user_id, this.secondFactor.seal(secret, user_id));
    return {
      secret,
      otpauth_uri: otpauthUri(username, secret),
      algorithm: 'SHA1',
      digits: TOTP_DIGITS,
      period_s: TOTP_PERIOD_S,
    };
  }

  /**
   * The first code of the new secret: it counts from now on. The session that gave it has a second factor.
   * @throws BankError TOTP_NOT_PENDING, TOTP_INVALID, RATE_LIMITED
   */
  async confirm(
    actor: Actor,
    principal: Principal,
    authentication: Authentication,
    code: string,
  ): Promise<AccessToken & { recovery_codes: string[] }> {
    const { user_id } = principal;
    const { pending_secret: pending } = await this.totp.find(user_id);
    if (pending === null) throw new BankError('TOTP_NOT_PENDING');
    const step = await this.secondFactor.firstStep(user_id, pending, code);
    const recovery_codes = await this.database.transaction(actor, async (queries) => {
      if (!(await this.totp.confirm(queries, user_id, pending, step)))
        throw new BankError('TOTP_NOT_PENDING');
      return this.makeRecoveryCodes(queries, user_id);
    });
    return { ...(await this.sessions.reauthenticated(principal, authentication, true)), recovery_codes };
  }

  /**
   * New recovery codes in place of those that are left.
   * @throws BankError TOTP_NOT_ENROLLED, TOTP_INVALID, USER_LOCKED, RATE_LIMITED
   */
  async renewRecoveryCodes(actor: Actor, userId: string, code: string): Promise<string[]> {
    if (!(await this.secondFactor.pass(userId, { totp_code: code }, actor)))
      throw new BankError('TOTP_NOT_ENROLLED');
    return this.database.transaction(actor, (queries) => this.makeRecoveryCodes(queries, userId));
  }

  /**
   * Takes the second factor of a user away, for one who lost phone and recovery codes, and ends all sessions of the user.
   * @throws BankError USER_NOT_FOUND, TOTP_NOT_ENROLLED
   */
  async disable(actor: Actor, userId: string): Promise<void> {
    await this.database.transaction(actor, async (queries) => {
      if (!(await this.credentials.endTokens(queries, userId))) throw new BankError('USER_NOT_FOUND');
      if (!(await this.totp.disable(queries, userId))) throw new BankError('TOTP_NOT_ENROLLED');
      await this.totp.replaceRecoveryCodes(queries, userId, []);
      await this.records.revokeAllOf(queries, userId, 'totp_disabled');
    });
    await this.revocations.poll();
  }

  /**
   * Proves again who the caller is: with a code when they have a second factor, else with the password.
   * @throws BankError TOTP_REQUIRED, TOTP_INVALID, PASSWORD_INVALID, USER_LOCKED, RATE_LIMITED
   */
  async stepUp(
    actor: Actor,
    principal: Principal,
    authentication: Authentication,
    { password, ...code }: GivenCode & { password?: string | undefined },
  ): Promise<AccessToken> {
    const gaveCode = await this.secondFactor.pass(principal.user_id, code, actor);
    if (!gaveCode) {
      if (password === undefined) {
        throw new BankError('VALIDATION_FAILED', {
          errors: [{ field: 'password', message: 'is required, as you have no second factor' }],
        });
      }
      await this.checker.require('password', principal.user_id, password, 'PASSWORD_INVALID');
    }
    return this.sessions.reauthenticated(principal, authentication, gaveCode);
  }

  private async makeRecoveryCodes(queries: Queries, userId: string): Promise<string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await this.totp.replaceRecoveryCodes(queries, userId, codes.map(hashRecoveryCode));
    return codes;
  }
}
