import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { BankRequest } from '../http/request-context';
import { clientKey } from './client-key';
import type { RateLimiter } from './rate-limiter';

export const LOGIN_RATE_LIMITER = Symbol('LOGIN_RATE_LIMITER');
export const MONEY_RATE_LIMITER = Symbol('MONEY_RATE_LIMITER');
/** One-time and recovery codes tried, by user. */
export const CODE_RATE_LIMITER = Symbol('CODE_RATE_LIMITER');
/** Answers that a username or an e-mail address is taken, by who was told. */
export const TAKEN_RATE_LIMITER = Symbol('TAKEN_RATE_LIMITER');

/** Counts by the client's address: who guesses passwords has no user yet. */
@Injectable()
export class LoginRateLimitGuard implements CanActivate {
  constructor(@Inject(LOGIN_RATE_LIMITER) private readonly limiter: RateLimiter) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return this.limiter.take(clientKey(context.switchToHttp().getRequest<BankRequest>().ip));
  }
}

/** Counts by the user. */
@Injectable()
export class MoneyRateLimitGuard implements CanActivate {
  constructor(@Inject(MONEY_RATE_LIMITER) private readonly limiter: RateLimiter) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { principal, ip } = context.switchToHttp().getRequest<BankRequest>();
    return this.limiter.take(principal?.user_id ?? clientKey(ip));
  }
}
