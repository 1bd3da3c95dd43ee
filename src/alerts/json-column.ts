/** A JSON column: MySQL gives it parsed, MariaDB as text. */
export type JsonColumn = unknown;

export function parsed(json: JsonColumn): unknown {
  return typeof json === 'string' ? (JSON.parse(json) as unknown) : json;
}
