import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import {
  askForPrejudgement,
  createRedis,
  patientRedisOptions,
  type Prejudgement,
  PREJUDGEMENT_ANSWERS,
  type PrejudgementAnswer,
  type ProposedTransaction,
} from '../queue';
import { RedisConnection } from '../rate-limit/redis-connection';

/** Asks the workers, and waits for an answer no longer than the budget. */
@Injectable()
export class PrejudgementClient implements OnModuleInit, OnApplicationShutdown {
  /** How long a customer waits for a judgement before the bank posts as held. Tests on a slow machine wait longer. */
  readonly options = { budget_ms: 300 };
  private readonly waiting = new Map<string, (answer: Prejudgement) => void>();
  private readonly subscriber: Redis;

  constructor(
    @Inject(ENVIRONMENT) { REDIS_URL }: Environment,
    private readonly redis: RedisConnection,
  ) {
    // A connection that never was takes its time to close: a stopping process does not wait for it.
    this.subscriber = createRedis(REDIS_URL, {
      ...patientRedisOptions(),
      lazyConnect: true,
      disconnectTimeout: 100,
    });
    // The API's other connection says in the log when Redis goes and comes.
    this.subscriber.on('error', () => undefined);
    this.subscriber.on('message', (_channel: string, message: string) => this.take(message));
  }

  /** Waits for nothing: until Redis is there, nobody is asked. */
  onModuleInit(): void {
    this.subscriber.subscribe(PREJUDGEMENT_ANSWERS).catch(() => undefined);
  }

  onApplicationShutdown(): void {
    this.subscriber.disconnect();
  }

  /** null: no answer within the budget, or nobody to ask. */
  async ask(proposed: ProposedTransaction): Promise<Prejudgement | null> {
    if (this.subscriber.status !== 'ready' || this.redis.client.status !== 'ready') return null;
    const id = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Prejudgement | null>((resolve) => {
        timer = setTimeout(() => resolve(null), this.options.budget_ms);
        this.waiting.set(id, resolve);
        askForPrejudgement(this.redis.client, { id, proposed }).catch(() => resolve(null));
      });
    } finally {
      clearTimeout(timer);
      this.waiting.delete(id);
    }
  }

  /** Answers to other processes, and those that come too late, find nobody waiting. */
  private take(message: string): void {
    const read = readAnswer(message);
    if (!read) return;
    const { id, ...answer } = read;
    this.waiting.get(id)?.(answer);
  }
}

/** Whoever shares the Redis server may write to the channel, also another version of Florin: what is no answer is nothing to us. */
function readAnswer(message: string): PrejudgementAnswer | null {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return null;
  }
  return isAnswer(value) ? value : null;
}

function isAnswer(value: unknown): value is PrejudgementAnswer {
  if (typeof value !== 'object' || value === null) return false;
  const { id, decision, risk_score, rules, reasons } = value as Partial<
    Record<keyof PrejudgementAnswer | 'reasons', unknown>
  >;
  return (
    typeof id === 'string' &&
    (decision === 'post' || decision === 'hold' || decision === 'decline') &&
    typeof risk_score === 'number' &&
    Array.isArray(rules) &&
    rules.every((rule) => typeof rule === 'string') &&
    (reasons === undefined || Array.isArray(reasons))
  );
}
