import type { Permission } from '../auth/permissions';

/**
 * The kinds of acts that can need a second person, with the permission that whoever asks and whoever approves must have. `approvers`
 * are the roles that have it, for the database, which checks them once more; a test holds them against the permissions.
 */
export const APPROVAL_KINDS = {
  role_change: { permission: 'users:manage', approvers: ['admin'] },
  journal: { permission: 'ledger:post_any', approvers: ['admin'] },
  reversal: { permission: 'ledger:post_any', approvers: ['admin'] },
  unfreeze: { permission: 'accounts:manage', approvers: ['admin'] },
  limit_change: { permission: 'limits:manage', approvers: ['admin'] },
  rule_change: { permission: 'rules:manage', approvers: ['analyst', 'admin'] },
  four_eyes_change: { permission: 'users:manage', approvers: ['admin'] },
} as const satisfies Record<string, { permission: Permission; approvers: readonly string[] }>;

export type ApprovalKind = keyof typeof APPROVAL_KINDS;

export const KIND_NAMES = Object.keys(APPROVAL_KINDS) as [ApprovalKind, ...ApprovalKind[]];

/** The kinds that a list names, which is separated by commas; `all` and `none` are lists too. Names that nobody knows are none. */
export function kindsOf(list: string): ApprovalKind[] {
  const names = list.split(',').map((name) => name.trim());
  return names.includes('all') ? [...KIND_NAMES] : KIND_NAMES.filter((kind) => names.includes(kind));
}
