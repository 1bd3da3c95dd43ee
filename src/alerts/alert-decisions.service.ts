import { Injectable } from '@nestjs/common';
import { type Actor, Database, type Queries } from '../database';
import type { MoneyRequest } from '../http/request-context';
import { idempotencyKey, PostingQueue, requestHash } from '../posting';
import { announceCaseEvents } from '../queue';
import { RedisConnection } from '../rate-limit/redis-connection';
import { AlertActions } from '../risk';
import type { AlertDetailAnswer, ConfirmAlertDto, ReleaseAlertDto } from './alerts.dto';
import { AlertsRepository, type Decision } from './alerts.repository';
import { AlertsService } from './alerts.service';

/**
 * Decides, and carries the decision out. What was decided stands at once; where its postings cannot be done right now, the same
 * request again goes on with them, and so does a worker.
 */
@Injectable()
export class AlertDecisionsService {
  private readonly actions: AlertActions;

  constructor(
    database: Database,
    postings: PostingQueue,
    private readonly alerts: AlertsRepository,
    private readonly answers: AlertsService,
    private readonly redis: RedisConnection,
  ) {
    this.actions = new AlertActions(withRetries(database), postings);
  }

  /** @throws BankError IDEMPOTENCY_KEY_REUSED, ALERT_NOT_FOUND, ALERT_CLOSED, VERSION_CONFLICT */
  release(
    actor: Actor,
    request: MoneyRequest,
    alertId: string,
    body: ReleaseAlertDto,
  ): Promise<AlertDetailAnswer> {
    return this.decide(actor, request, {
      alert_id: alertId,
      version: body.version,
      label: body.label,
      reverse: null,
      freeze_receiver: null,
      note: body.note ?? null,
    });
  }

  /** @throws BankError IDEMPOTENCY_KEY_REUSED, ALERT_NOT_FOUND, ALERT_CLOSED, VERSION_CONFLICT */
  confirm(
    actor: Actor,
    request: MoneyRequest,
    alertId: string,
    body: ConfirmAlertDto,
  ): Promise<AlertDetailAnswer> {
    return this.decide(actor, request, {
      alert_id: alertId,
      version: body.version,
      label: 'confirmed_fraud',
      reverse: body.reverse ?? null,
      freeze_receiver: body.freeze_receiver,
      note: body.note ?? null,
    });
  }

  /** The key and hash of a decision, of the same kind as a posting's: one key has one effect, whatever it was used for. */
  keyOf(request: MoneyRequest, decision: object): { key: string; hash: string } {
    return {
      key: idempotencyKey(request.principal.user_id, request.idempotency_key),
      hash: requestHash(decision),
    };
  }

  /** Carries out what was decided on the alerts of a case. */
  async settleCase(caseId: string): Promise<void> {
    for (const alertId of await this.alerts.unsettledOf(caseId)) await this.actions.advance(alertId);
    await this.announce();
  }

  /** Tells the live feeds that there is something new. */
  announce(): Promise<void> {
    return announceCaseEvents(this.redis.client);
  }

  private async decide(
    actor: Actor,
    request: MoneyRequest,
    decision: Omit<Decision, 'key' | 'hash'>,
  ): Promise<AlertDetailAnswer> {
    const { is_replayed } = await this.alerts.decide(actor, {
      ...decision,
      ...this.keyOf(request, decision),
    });
    if (is_replayed) request.markReplayed();
    else await this.announce();
    if (await this.actions.advance(decision.alert_id)) await this.announce();
    return this.answers.get(request.principal, decision.alert_id);
  }
}

/** Procedures that lose a deadlock run again. */
function withRetries(database: Database): Queries {
  return {
    query: (sql, parameters) => database.query(sql, parameters),
    execute: (sql, parameters) => database.execute(sql, parameters),
    call: (procedure, parameters) =>
      database.onConnection(null, (queries) => queries.call(procedure, parameters)),
  };
}
