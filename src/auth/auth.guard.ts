import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { BankError } from '../errors';
import type { BankRequest } from '../http/request-context';
import { AuthPolicy } from './auth-policy';
import {
  hasPermission,
  IS_OPEN_WHILE_ENROLLING,
  IS_PUBLIC,
  NEEDS_STEP_UP,
  type Permission,
  REQUIRED_PERMISSIONS,
} from './permissions';
import { TokenService } from './token.service';

/** What a route demands. None of no permissions is ever had: a route that says nothing is closed. */
interface RouteRule {
  is_public: boolean;
  permissions: readonly Permission[];
  needs_step_up: boolean;
  is_open_while_enrolling: boolean;
}
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
    private readonly policy: AuthPolicy,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const rule = this.ruleOf(context.getClass(), context.getHandler());
    if (rule.is_public) return true;
    const request = context.switchToHttp().getRequest<BankRequest>();
    const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!token) throw new BankError('UNAUTHENTICATED');
    const { principal, authentication } = this.tokens.authenticate(token);
    request.principal = principal;
    request.authentication = authentication;
    if (!rule.permissions.some((permission) => hasPermission(principal.role, permission)))
      throw new BankError('FORBIDDEN');
    const isEnrolling = !authentication.has_second_factor && this.policy.needsSecondFactor(principal.role);
    if (isEnrolling && !rule.is_open_while_enrolling) throw new BankError('SECOND_FACTOR_REQUIRED');
    if (rule.needs_step_up && !this.policy.isFresh(authentication)) throw new BankError('STEP_UP_REQUIRED');
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
    const read = <T>(key: string) => this.reflector.getAllAndOverride<T | undefined>(key, targets);
    return {
      is_public: read<boolean>(IS_PUBLIC) ?? false,
      permissions: read<Permission[]>(REQUIRED_PERMISSIONS) ?? [],
      needs_step_up: read<boolean>(NEEDS_STEP_UP) ?? false,
      is_open_while_enrolling: read<boolean>(IS_OPEN_WHILE_ENROLLING) ?? false,
    };
  }
}
