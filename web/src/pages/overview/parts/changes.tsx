import type { Result } from '~/api/types';
import { parse, sub, toPixels, abs } from '~/lib/decimal';
import { countOf } from '~/lib/money';
import { Money } from '~/ui/money';
import { ChangeBar } from '~/ui/parts';
import { placesOf } from '../../places';
import { keyOf } from '../../use-series';
import { ValueLink, type Way } from '../../value-link';
import { movers, type Mover } from '../movers';
import type { Month } from '../use-overview';

const SERVICE = { id: 'service', name: 'Service' };
const ACCOUNT = { id: 'sub_account', name: 'Account' };

function MoverRow({ m, place, max, currency, way }: { m: Mover; place: string | undefined; max: number; currency: string; way: Way }) {
  return (
    <tr>
      <td>
        <span className="nm">
          <ValueLink dimension="service" id={m.id} label={m.label} way={way} />
        </span>
      </td>
      <td className="hide-s hide-m t2 s fill" title={place}>{place ?? ''}</td>
      <td className="r hide-s hide-m t2"><Money value={m.before} currency={currency} /></td>
      <td className="r hide-s"><Money value={m.now} currency={currency} /></td>
      <td className="hide-s"><ChangeBar share={max ? toPixels(parse(m.change)) / max : 0} /></td>
      <td className="r"><Money value={m.change} currency={currency} sign /></td>
    </tr>
  );
}

/** Risers and fallers, and everyone else in one line: the table adds up. */
export function Changes({ result, places, month, currency, way }: { result: Result; places: Result | undefined; month: Month; currency: string; way: Way }) {
  const { risers, fallers, rest } = movers(result, 'service', 5);
  const metric = result.plan.measures[0]!;
  const total = result.totals[0];
  const max = Math.max(0, ...[...risers, ...fallers].map((m) => toPixels(abs(parse(m.change)))));
  const now = total?.[metric] as string | undefined;
  const before = total?.[`${metric}_before`] as string | undefined;
  const place = places ? placesOf(places, [...risers, ...fallers].map((m) => ({ key: keyOf(m.id), change: parse(m.change) })), SERVICE, ACCOUNT) : undefined;
  const row = (m: Mover) => <MoverRow key={m.id ?? ' '} m={m} place={place?.get(keyOf(m.id))} max={max} currency={currency} way={way} />;
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Service</th>
          <th scope="col" className="hide-s hide-m">Where</th>
          <th scope="col" className="r hide-s hide-m">{month.beforeName}, {currency}</th>
          <th scope="col" className="r hide-s">{month.name}, {currency}</th>
          <th scope="col" className="hide-s"><span className="sr">Change as a bar</span></th>
          <th scope="col" className="r">Change</th>
        </tr>
      </thead>
      <tbody>
        {risers.map(row)}
        {risers.length && fallers.length ? <tr className="gap" aria-hidden="true"><td colSpan={6} /></tr> : null}
        {fallers.map(row)}
        {rest.count ? (
          <tr className="t2">
            <td>{countOf(rest.count, 'other service')}</td>
            <td className="hide-s hide-m" />
            <td className="r hide-s hide-m"><Money value={rest.before} currency={currency} /></td>
            <td className="r hide-s"><Money value={rest.now} currency={currency} /></td>
            <td className="hide-s" />
            <td className="r"><Money value={rest.change} currency={currency} sign /></td>
          </tr>
        ) : null}
        <tr className="tot">
          <td>Total</td>
          <td className="hide-s hide-m" />
          <td className="r hide-s hide-m"><Money value={before} currency={currency} symbol ruled /></td>
          <td className="r hide-s"><Money value={now} currency={currency} symbol ruled /></td>
          <td className="hide-s" />
          <td className="r"><Money value={now && before ? sub(parse(now), parse(before)) : null} currency={currency} symbol sign ruled /></td>
        </tr>
      </tbody>
    </table>
  );
}
