import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { BankError } from '../errors';
import type { BankRequest } from '../http/request-context';
import { hasPermission, IS_PUBLIC, type Permission, REQUIRED_PERMISSIONS } from './permissions';
import { TokenService } from './token.service';

/** Authenticates and authorises every request. A route that says nothing about permissions is closed. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenService,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<BankRequest>();
    const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!token) throw new BankError('UNAUTHENTICATED');
    const principal = this.tokens.verify(token);
    request.principal = principal;
    const required =
      this.reflector.getAllAndOverride<Permission[] | undefined>(REQUIRED_PERMISSIONS, targets) ?? [];
    if (!required.some((permission) => hasPermission(principal.role, permission)))
      throw new BankError('FORBIDDEN');
    return true;
  }
}
