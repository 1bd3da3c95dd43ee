import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authentication } from '../auth/authentication';
import type { Actor } from '../database';
import { BankError } from '../errors';

/** Who is asking, from the access token. */
export interface Principal {
  user_id: string;
  username: string;
  role: string;
}

export interface BankRequest extends FastifyRequest {
  principal?: Principal;
  authentication?: Authentication;
}

/** The caller; only on routes that need a permission. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<BankRequest>();
  if (!principal) throw new BankError('UNAUTHENTICATED');
  return principal;
});

/** How the caller proved who they are; only on routes that need a permission. */
export const CurrentAuthentication = createParamDecorator(
  (_: unknown, context: ExecutionContext): Authentication => {
    const { authentication } = context.switchToHttp().getRequest<BankRequest>();
    if (!authentication) throw new BankError('UNAUTHENTICATED');
    return authentication;
  },
);

/** What the audit triggers and login_activity write down about where a change came from. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const request = context.switchToHttp().getRequest<BankRequest>();
  return { user_id: request.principal?.user_id ?? null, ip_address: request.ip, request_id: request.id };
});

/** A request that moves money, as the services see it: the client's key, and where to say that the answer is a replay. */
export interface MoneyRequest {
  principal: Principal;
  idempotency_key: string;
  markReplayed(): void;
}

const KEY_FORM = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/**
 * Reads Idempotency-Key, which the procedure scopes to the user. A client that sends none gets one made here, told in the
 * answer's header: its request is posted once, but it cannot be safely repeated.
 */
export const CurrentMoneyRequest = createParamDecorator(
  (_: unknown, context: ExecutionContext): MoneyRequest =>
    moneyRequestOf(
      context.switchToHttp().getRequest<BankRequest>(),
      context.switchToHttp().getResponse<FastifyReply>(),
    ),
);

/** @throws BankError UNAUTHENTICATED, INVALID_IDEMPOTENCY_KEY */
export function moneyRequestOf(request: BankRequest, reply: FastifyReply): MoneyRequest {
  const { principal } = request;
  if (!principal) throw new BankError('UNAUTHENTICATED');
  const header = request.headers['idempotency-key'];
  if (header !== undefined && (typeof header !== 'string' || !KEY_FORM.test(header))) {
    throw new BankError('INVALID_IDEMPOTENCY_KEY', {
      errors: [{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }],
    });
  }
  const key = header ?? request.id;
  if (header === undefined) void reply.header('idempotency-key', key);
  return {
    principal,
    idempotency_key: key,
    markReplayed: () => void reply.header('idempotency-replayed', 'true'),
  };
}
