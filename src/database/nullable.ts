import { toIso } from './time';

/** An id as the API writes it. The driver gives small ones as numbers. */
export function idOrNull(id: string | number | null): string | null {
  return id === null ? null : String(id);
}

/** A DATETIME(6) as ISO 8601, as toIso. */
export function timeOrNull(databaseTime: string | null): string | null {
  return databaseTime === null ? null : toIso(databaseTime);
}
