import {
  type ArgumentsHost,
  type CallHandler,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import type { BankRequest } from '../http/request-context';
import type { ApprovalAnswer } from './approvals.dto';
import { type ActName, FOUR_EYES_ACT, FourEyesGate } from './four-eyes.gate';

/** Thrown past the route's handler: the framework gives a handler's answer the one status of its route. */
export class ApprovalAsked extends Error {
  override name = 'ApprovalAsked';
  constructor(
    readonly approval: ApprovalAnswer,
    readonly isReplayed: boolean,
  ) {
    super(`approval ${approval.approval_id}`);
  }
}

@Injectable()
export class FourEyesInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly gate: FourEyesGate,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const act = this.reflector.get<ActName>(FOUR_EYES_ACT, context.getHandler());
    const http = context.switchToHttp();
    const asked = await this.gate.ask(act, http.getRequest<BankRequest>(), http.getResponse<FastifyReply>());
    if (asked) throw new ApprovalAsked(asked.approval, asked.is_replayed);
    return next.handle();
  }
}

/** 202 Accepted, with the request for approval. */
@Catch(ApprovalAsked)
export class ApprovalAskedFilter implements ExceptionFilter<ApprovalAsked> {
  catch({ approval, isReplayed }: ApprovalAsked, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (isReplayed) void reply.header('idempotency-replayed', 'true');
    void reply.status(202).header('location', `/approvals/${approval.approval_id}`).send(approval);
  }
}
