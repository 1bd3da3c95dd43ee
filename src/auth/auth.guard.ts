import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { BankError } from '../errors';
import type { BankRequest } from '../http/request-context';
import { hasPermission, IS_PUBLIC, type Permission, REQUIRED_PERMISSIONS } from './permissions';
import { TokenService } from './token.service';

/** What a route demands. None of no permissions is ever had: a route that says nothing is closed. */
type RouteRule = 'public' | readonly Permission[];
type Handler = ReturnType<ExecutionContext['getHandler']>;
type Controller = ReturnType<ExecutionContext['getClass']>;

/** Authenticates and authorises every request. A route that says nothing about permissions is closed. */
@Injectable()
export class AuthGuard implements CanActivate {
  /** Routes do not change while the API runs, and metadata is slow to read. */
  private readonly rules = new Map<Controller, Map<Handler, RouteRule>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenService,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const rule = this.ruleOf(context.getClass(), context.getHandler());
    if (rule === 'public') return true;
    const request = context.switchToHttp().getRequest<BankRequest>();
    const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!token) throw new BankError('UNAUTHENTICATED');
    const principal = this.tokens.verify(token);
    request.principal = principal;
    if (!rule.some((permission) => hasPermission(principal.role, permission)))
      throw new BankError('FORBIDDEN');
    return true;
  }

  private ruleOf(controller: Controller, handler: Handler): RouteRule {
    let rules = this.rules.get(controller);
    if (!rules) this.rules.set(controller, (rules = new Map<Handler, RouteRule>()));
    let rule = rules.get(handler);
    if (!rule) rules.set(handler, (rule = this.readRule([handler, controller])));
    return rule;
  }

  private readRule(targets: [Handler, Controller]): RouteRule {
    if (this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, targets)) return 'public';
    return this.reflector.getAllAndOverride<Permission[] | undefined>(REQUIRED_PERMISSIONS, targets) ?? [];
  }
}
