import { applyDecorators, UseGuards } from '@nestjs/common';
import { LoginRateLimitGuard, MoneyRateLimitGuard } from './rate-limit.guard';

const GUARDS = { login: LoginRateLimitGuard, money: MoneyRateLimitGuard };

/**
 * Limits how often a route is asked: `login` counts by the client's address, `money` by the user. The guards of routes run after
 * the one that authenticates, so `money` knows who asks. Answers RATE_LIMITED with Retry-After.
 */
export const RateLimit = (name: keyof typeof GUARDS) => applyDecorators(UseGuards(GUARDS[name]));
