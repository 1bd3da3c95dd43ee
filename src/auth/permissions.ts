import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

/** What a route may need. Routes are guarded by permissions, never by role names: new roles only add a line below. */
export type Permission =
  | 'profile:manage'
  | 'accounts:own'
  | 'transactions:own'
  | 'analytics:own'
  | 'accounts:read_all'
  | 'transactions:read_all'
  | 'users:read_all'
  | 'users:manage'
  | 'limits:read'
  | 'limits:manage'
  | 'approvals:read'
  | 'accounts:manage'
  | 'ledger:post_any'
  | 'ledger:close_period'
  | 'audit:read'
  | 'risk:read'
  | 'risk:review'
  | 'rules:manage'
  | 'lists:manage'
  | 'models:manage';

const CUSTOMER: Permission[] = ['profile:manage', 'accounts:own', 'transactions:own', 'analytics:own'];
const AUDITOR: Permission[] = [
  'profile:manage',
  'accounts:read_all',
  'transactions:read_all',
  'users:read_all',
  'audit:read',
  'risk:read',
  'limits:read',
  'approvals:read',
];
const ANALYST: Permission[] = [
  'profile:manage',
  'accounts:read_all',
  'transactions:read_all',
  'risk:read',
  'risk:review',
  'rules:manage',
  'lists:manage',
  'models:manage',
  'limits:read',
  'approvals:read',
];
const ADMIN: Permission[] = [
  ...new Set<Permission>([
    ...CUSTOMER,
    ...AUDITOR,
    ...ANALYST,
    'users:manage',
    'limits:manage',
    'accounts:manage',
    'ledger:post_any',
    'ledger:close_period',
  ]),
];

const PERMISSIONS: Record<string, ReadonlySet<Permission>> = {
  customer: new Set(CUSTOMER),
  auditor: new Set(AUDITOR),
  analyst: new Set(ANALYST),
  admin: new Set(ADMIN),
};

export const ROLES = ['customer', 'auditor', 'analyst', 'admin'] as const;

/** Whether a role has a permission. A role nobody knows has none. */
export function hasPermission(role: string, permission: Permission): boolean {
  return PERMISSIONS[role]?.has(permission) ?? false;
}

export const REQUIRED_PERMISSIONS = 'florin:permissions';
export const IS_PUBLIC = 'florin:public';
export const NEEDS_STEP_UP = 'florin:step-up';
export const IS_OPEN_WHILE_ENROLLING = 'florin:while-enrolling';
/** In the OpenAPI document, for clients that want to ask for the code beforehand. */
export const STEP_UP_EXTENSION = 'x-step-up';

/** The route needs one of these. Every route has this or @Public(), or the API refuses to start. */
export const RequirePermission = (...permissions: Permission[]) =>
  SetMetadata(REQUIRED_PERMISSIONS, permissions);

/** The route is open to everyone. */
export const Public = () => SetMetadata(IS_PUBLIC, true);

/**
 * The act is dangerous: who asks must have logged in or stepped up (POST /auth/step-up) within STEP_UP_MINUTES, or is answered
 * STEP_UP_REQUIRED. Stands beside @RequirePermission and documents itself.
 */
export const StepUp = () =>
  applyDecorators(SetMetadata(NEEDS_STEP_UP, true), ApiExtension(STEP_UP_EXTENSION, true));

/** The route also serves those whose role needs a second factor and who have not given one in this session. */
export const OpenWhileEnrolling = () => SetMetadata(IS_OPEN_WHILE_ENROLLING, true);
