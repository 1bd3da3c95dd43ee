import { Global, Module, type Provider } from '@nestjs/common';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import { LOGIN_RATE_LIMITER, MONEY_RATE_LIMITER } from './rate-limit.guard';
import { RateLimiter } from './rate-limiter';
import { RedisConnection } from './redis-connection';

function limiter(
  provide: symbol,
  name: string,
  key: 'RATE_LIMIT_LOGIN_PER_MINUTE' | 'RATE_LIMIT_MONEY_PER_MINUTE',
): Provider {
  return {
    provide,
    inject: [ENVIRONMENT, RedisConnection],
    useFactory: (environment: Environment, redis: RedisConnection) =>
      new RateLimiter({ name, points_per_minute: environment[key], redis: redis.client }),
  };
}

@Global()
@Module({
  providers: [
    RedisConnection,
    limiter(LOGIN_RATE_LIMITER, 'login', 'RATE_LIMIT_LOGIN_PER_MINUTE'),
    limiter(MONEY_RATE_LIMITER, 'money', 'RATE_LIMIT_MONEY_PER_MINUTE'),
  ],
  exports: [RedisConnection, LOGIN_RATE_LIMITER, MONEY_RATE_LIMITER],
})
export class RateLimitModule {}
