import { ERRORS, type ErrorCode } from './error-codes';

/** docs/errors.md, from the one table of codes. */
export function errorReference(): string {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  const rows = codes
    .sort((a, b) => ERRORS[a].status - ERRORS[b].status || a.localeCompare(b))
    .map((code) => {
      const { status, title, retryable, help } = ERRORS[code];
      return `| ${status} | \`${code}\` | ${title} | ${help} | ${retryable ? 'yes' : 'no'} |`;
    });
  return `# Error codes

Made by \`npm run generate\` from \`src/errors/error-codes.ts\`; do not edit.

Every error is \`application/problem+json\` (RFC 9457): \`type\`, \`title\`, \`status\`, \`detail\`, \`code\`, \`retryable\`, \`request_id\` and,
for validation, \`errors: [{field, message}]\`. \`retryable\` says whether the same request may succeed later unchanged; with the same
\`Idempotency-Key\` a repeat never has a second effect.

| Status | Code | Title | What to do | Retryable |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
