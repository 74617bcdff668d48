import type { RateUsed } from '~/api/types';
import { shortDay } from '~/lib/dates';

/** One sentence a currency: its first and its last rate, and how many there are between. */
function sentence(rates: readonly RateUsed[]): string {
  const first = rates[0]!;
  const last = rates.at(-1)!;
  const one = (r: RateUsed) => `${r.exact ? '' : 'about '}${r.rate} of ${shortDay(r.rate_date)}`;
  const by = first.by ? `, by way of ${first.by}` : '';
  return rates.length === 1 ? `${first.from} at ${one(first)}${by}` : `${first.from} at ${one(first)} to ${one(last)}${by}, ${rates.length} rates`;
}

/** By which rates the figures above were converted; nothing when none was. */
export function RatesLine({ rates, currency }: { rates: readonly RateUsed[] | undefined; currency: string }) {
  if (!rates?.length) return null;
  const names = [...new Set(rates.map((r) => r.from))];
  return (
    <p className="s t2 n" data-rates>
      Converted into {currency} by the rates of each day: {names.map((n) => sentence(rates.filter((r) => r.from === n))).join('; ')}.
    </p>
  );
}
