import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import { createRedis, impatientRedisOptions } from '../queue';

/** No request waits longer than this for Redis. */
const TIMEOUT_MS = 500;

/**
 * The API's connection to Redis, which carries work and counters, never truth: the API starts and serves without it. Commands
 * fail at once while it is away; the log says once that it went and once that it is back.
 */
@Injectable()
export class RedisConnection implements OnModuleInit, OnApplicationShutdown {
  readonly client: Redis;
  private readonly logger = new Logger(RedisConnection.name);
  private isAway = false;

  constructor(@Inject(ENVIRONMENT) environment: Environment) {
    this.client = createRedis(environment.REDIS_URL, {
      ...impatientRedisOptions(TIMEOUT_MS),
      enableAutoPipelining: true,
      lazyConnect: true,
      // How long a stopping process waits for a connection to close that may never have been there.
      disconnectTimeout: 200,
    });
    this.client.on('error', (error: Error) => {
      if (!this.isAway) this.logger.warn(`Redis is away: ${error.message}`);
      this.isAway = true;
    });
    this.client.on('ready', () => {
      if (this.isAway) this.logger.warn('Redis is back');
      this.isAway = false;
    });
  }

  /** Waits for the first connection or its failure, half a second at most; tries on in the background. */
  async onModuleInit(): Promise<void> {
    await this.client.connect().catch(() => undefined);
  }

  onApplicationShutdown(): void {
    this.client.disconnect();
  }
}
