import type { CurrenciesService } from '../accounts/currencies.service';
import { type JsonColumn, parsed } from './json-column';

/** The detail of an event for a client: amounts in major units, such as `held` for `held_minor`. */
export function eventDetail(
  json: JsonColumn,
  currency: string | null,
  currencies: CurrenciesService,
): Record<string, unknown> | null {
  const detail = parsed(json) as Record<string, unknown> | null;
  if (detail === null || detail === undefined) return null;
  return Object.fromEntries(
    Object.entries(detail).map(([name, value]) =>
      name.endsWith('_minor') && typeof value === 'string' && currency !== null
        ? [name.slice(0, -'_minor'.length), currencies.format(value, currency)]
        : [name, value],
    ),
  );
}
