import { Global, Module, type Provider } from '@nestjs/common';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import {
  CODE_RATE_LIMITER,
  LOGIN_RATE_LIMITER,
  MONEY_RATE_LIMITER,
  TAKEN_RATE_LIMITER,
} from './rate-limit.guard';
import { RateLimiter } from './rate-limiter';
import { RedisConnection } from './redis-connection';

type LimitKey = Extract<keyof Environment, `RATE_LIMIT_${string}`>;

function limiter(provide: symbol, name: string, key: LimitKey, window_s = 60): Provider {
  return {
    provide,
    inject: [ENVIRONMENT, RedisConnection],
    useFactory: (environment: Environment, redis: RedisConnection) =>
      new RateLimiter({ name, points: environment[key], window_s, redis: redis.client }),
  };
}

@Global()
@Module({
  providers: [
    RedisConnection,
    limiter(LOGIN_RATE_LIMITER, 'login', 'RATE_LIMIT_LOGIN_PER_MINUTE'),
    limiter(MONEY_RATE_LIMITER, 'money', 'RATE_LIMIT_MONEY_PER_MINUTE'),
    limiter(CODE_RATE_LIMITER, 'codes', 'RATE_LIMIT_CODES_PER_MINUTE'),
    limiter(TAKEN_RATE_LIMITER, 'taken', 'RATE_LIMIT_TAKEN_PER_HOUR', 3600),
  ],
  exports: [RedisConnection, LOGIN_RATE_LIMITER, MONEY_RATE_LIMITER, CODE_RATE_LIMITER, TAKEN_RATE_LIMITER],
})
export class RateLimitModule {}
