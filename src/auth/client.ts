import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { BankRequest } from '../http/request-context';

/** Where someone logs in from. */
export interface Client {
  ip_address: string | null;
  user_agent: string | null;
}

export const CurrentClient = createParamDecorator((_: unknown, context: ExecutionContext): Client => {
  const request = context.switchToHttp().getRequest<BankRequest>();
  return { ip_address: request.ip, user_agent: request.headers['user-agent'] ?? null };
});
