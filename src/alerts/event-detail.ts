import type { CurrenciesService } from '../accounts/currencies.service';
import { type JsonColumn, parsed } from './json-column';

/** The detail of an event for a client: amounts in major units, such as `held` for `held_minor`, of the currency that it names itself or of its transaction's. */
export function eventDetail(
  json: JsonColumn,
  currency: string | null,
  currencies: CurrenciesService,
): Record<string, unknown> | null {
  const detail = parsed(json) as Record<string, unknown> | null;
  if (detail === null || detail === undefined) return null;
  const own = typeof detail.currency === 'string' ? detail.currency : currency;
  return Object.fromEntries(
    Object.entries(detail).map(([name, value]) =>
      name.endsWith('_minor') && typeof value === 'string' && own !== null
        ? [name.slice(0, -'_minor'.length), currencies.format(value, own)]
        : [name, value],
    ),
  );
}
