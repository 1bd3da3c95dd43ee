import { createSecretKey } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import type { Environment } from '../config/environment';
import { ENVIRONMENT } from '../config/config.module';
import { BankError } from '../errors';
import type { Principal } from '../http/request-context';
import { TokenRevocations } from './token-revocations';

interface AccessTokenClaims {
  sub: string;
  username: string;
  role: string;
  /** Version of the user's tokens; a lower one than the user's is refused. */
  ver: number;
  exp: number;
}

/** What a good token says, and for how long that is taken from memory. */
interface VerifiedToken {
  principal: Principal;
  version: number;
  expires_at_ms: number;
  remembered_until_ms: number;
}

const CACHE_SIZE = 10_000;
const CACHE_MS = 60_000;

/**
 * Makes and checks access tokens: JWT, HS256, with expiry, issuer, audience and key id. The secret is given to the library as
 * a key object, because a string is parsed anew at every check, which costs more than posting a transfer; and a token that
 * was found good is remembered for a minute.
 */
@Injectable()
export class TokenService {
  private readonly jwt: JwtService;
  private readonly verified = new LRUCache<string, VerifiedToken>({ max: CACHE_SIZE });

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly revocations: TokenRevocations,
  ) {
    const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = environment;
    this.jwt = new JwtService({
      // The library takes key objects; the wrapper's types name only strings and buffers.
      secret: createSecretKey(Buffer.from(environment.JWT_SECRET)) as unknown as Buffer,
      signOptions: {
        algorithm: 'HS256',
        issuer,
        audience,
        keyid: environment.JWT_KEY_ID,
        expiresIn: this.lifetimeSeconds,
      },
      verifyOptions: { algorithms: ['HS256'], issuer, audience },
    });
  }

  /** Seconds an access token is good for. */
  get lifetimeSeconds(): number {
    return Math.round(this.environment.JWT_EXPIRATION_HOURS * 3600);
  }

  sign(principal: Principal, tokenVersion: number): string {
    return this.jwt.sign(
      { username: principal.username, role: principal.role, ver: tokenVersion },
      { subject: principal.user_id },
    );
  }

  /** @throws BankError TOKEN_EXPIRED or UNAUTHENTICATED */
  verify(token: string): Principal {
    const now = Date.now();
    let known = this.verified.get(token);
    if (!known || known.remembered_until_ms <= now) known = this.check(token, now);
    if (known.expires_at_ms <= now) throw new BankError('TOKEN_EXPIRED');
    if (this.revocations.isRevoked(known.principal.user_id, known.version)) {
      throw new BankError('UNAUTHENTICATED', {
        detail: 'This access token was ended: log in or refresh again',
      });
    }
    return known.principal;
  }

  private check(token: string, now: number): VerifiedToken {
    try {
      const { header, payload } = this.jwt.verify<{ header: { kid?: string }; payload: AccessTokenClaims }>(
        token,
        { complete: true },
      );
      if (header.kid !== this.environment.JWT_KEY_ID) throw new Error('unknown key id');
      const { sub: user_id, username, role, ver: version, exp } = payload;
      const verified = {
        principal: Object.freeze({ user_id, username, role }),
        version,
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
