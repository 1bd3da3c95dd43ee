import { createSecretKey } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import type { Environment } from '../config/environment';
import { ENVIRONMENT } from '../config/config.module';
import { BankError } from '../errors';
import type { Principal } from '../http/request-context';
import { type Authentication, UNSAID } from './authentication';
import { TokenRevocations } from './token-revocations';

interface AccessTokenClaims {
  sub: string;
  username: string;
  role: string;
  /** Version of the user's tokens; a lower one than the user's is refused. */
  ver: number;
  exp: number;
  /** The session. */
  sid?: string;
  /** When the user last proved who they are: OpenID Connect Core 1.0, section 2. */
  auth_time?: number;
  /** How: "pwd", and "otp" for a one-time or recovery code, of RFC 8176. */
  amr?: string[];
}

/** What a good token says. */
export interface Authenticated {
  principal: Principal;
  authentication: Authentication;
}

/** And for how long that is taken from memory. */
interface VerifiedToken extends Authenticated {
  version: number;
  expires_at_ms: number;
  remembered_until_ms: number;
}

const CACHE_SIZE = 10_000;
const CACHE_MS = 60_000;

/**
 * Makes and checks access tokens: JWT, HS256, with expiry, issuer, audience and key id. Two keys are good at once: one signs, and the
 * other, where there is one, only checks, so that keys are replaced without anybody being logged out (docs/security.md). A secret is
 * given to the library as a key object, because a string is parsed anew at every check, which costs more than posting a transfer;
 * and a token that was found good is remembered for a minute.
 */
@Injectable()
export class TokenService {
  private readonly signer: JwtService;
  private readonly checkers: ReadonlyMap<string, JwtService>;
  private readonly verified = new LRUCache<string, VerifiedToken>({ max: CACHE_SIZE });

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly revocations: TokenRevocations,
  ) {
    const { JWT_KEY_ID, JWT_SECRET, JWT_SECOND_KEY_ID, JWT_SECOND_SECRET } = environment;
    this.signer = this.jwt(JWT_KEY_ID, JWT_SECRET);
    const second: [string, JwtService][] =
      JWT_SECOND_KEY_ID !== undefined && JWT_SECOND_SECRET !== undefined
        ? [[JWT_SECOND_KEY_ID, this.jwt(JWT_SECOND_KEY_ID, JWT_SECOND_SECRET)]]
        : [];
    this.checkers = new Map([[JWT_KEY_ID, this.signer], ...second]);
  }

  /** Seconds an access token is good for. */
  get lifetimeSeconds(): number {
    return Math.round(this.environment.JWT_EXPIRATION_HOURS * 3600);
  }

  sign(principal: Principal, tokenVersion: number, authentication = UNSAID): string {
    const { session_id, authenticated_at_s, has_second_factor } = authentication;
    return this.signer.sign(
      {
        username: principal.username,
        role: principal.role,
        ver: tokenVersion,
        ...(session_id === null ? {} : { sid: session_id }),
        auth_time: authenticated_at_s,
        amr: has_second_factor ? ['pwd', 'otp'] : ['pwd'],
      },
      { subject: principal.user_id },
    );
  }

  /** @throws BankError TOKEN_EXPIRED or UNAUTHENTICATED */
  verify(token: string): Principal {
    return this.authenticate(token).principal;
  }

  /** @throws BankError TOKEN_EXPIRED or UNAUTHENTICATED */
  authenticate(token: string): Authenticated {
    const now = Date.now();
    let known = this.verified.get(token);
    if (!known || known.remembered_until_ms <= now) known = this.check(token, now);
    if (known.expires_at_ms <= now) throw new BankError('TOKEN_EXPIRED');
    if (this.revocations.isRevoked(known.principal.user_id, known.version, known.authentication.session_id)) {
      throw new BankError('UNAUTHENTICATED', {
        detail: 'This access token was ended: log in or refresh again',
      });
    }
    return known;
  }

  private jwt(keyId: string, secret: string): JwtService {
    const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = this.environment;
    return new JwtService({
      // The library takes key objects; the wrapper's types name only strings and buffers.
      secret: createSecretKey(Buffer.from(secret)) as unknown as Buffer,
      signOptions: { algorithm: 'HS256', issuer, audience, keyid: keyId, expiresIn: this.lifetimeSeconds },
      verifyOptions: { algorithms: ['HS256'], issuer, audience },
    });
  }

  private check(token: string, now: number): VerifiedToken {
    try {
      const checker = this.checkers.get(keyIdOf(token));
      if (!checker) throw new Error('unknown key id');
      const { sub, username, role, ver, exp, sid, auth_time, amr } = checker.verify<AccessTokenClaims>(token);
      const verified = {
        principal: Object.freeze({ user_id: sub, username, role }),
        authentication: Object.freeze({
          session_id: sid ?? null,
          authenticated_at_s: auth_time ?? 0,
          has_second_factor: amr?.includes('otp') ?? false,
        }),
        version: ver,
        expires_at_ms: exp * 1000,
        remembered_until_ms: now + CACHE_MS,
      };
      this.verified.set(token, verified);
      return verified;
    } catch (error) {
      throw new BankError(
        (error as Error).name === 'TokenExpiredError' ? 'TOKEN_EXPIRED' : 'UNAUTHENTICATED',
      );
    }
  }
}

/** The key id that an unchecked token claims: it only says which key to check with. */
function keyIdOf(token: string): string {
  const [header = ''] = token.split('.', 1);
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: unknown };
  return typeof kid === 'string' ? kid : '';
}
