import type { Delivery } from '~/api/types';
import { add, parse, ZERO, type Decimal } from '~/lib/decimal';
import { Change, Money } from '~/ui/money';
import { useSourceName } from '~/shell/use-scope';
import { Exact } from '~/ui/parts';

interface Line {
  source: string;
  billed: Decimal;
  difference: Decimal | null;
}

function lines(deliveries: readonly Delivery[], period: string, currency: string): Line[] {
  const out = new Map<string, Line>();
  for (const d of deliveries) {
    if (d.billing_period !== period || d.status !== 'loaded' || d.currency !== currency || d.billed_cost === null) continue;
    const line = out.get(d.source) ?? { source: d.source, billed: ZERO, difference: ZERO };
    line.billed = add(line.billed, parse(d.billed_cost));
    line.difference = d.difference === null || line.difference === null ? null : add(line.difference, parse(d.difference));
    out.set(d.source, line);
  }
  return [...out.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
}

/** The month before as it was delivered, against what the ledger holds of it. */
export function Closed({ deliveries, period, name, currency }: { deliveries: readonly Delivery[]; period: string; name: string; currency: string }) {
  const nameOf = useSourceName();
  const rows = lines(deliveries, period, currency);
  if (!rows.length) return null;
  const known = rows.every((r) => r.difference !== null);
  const difference = rows.reduce((t, r) => add(t, r.difference ?? ZERO), ZERO);
  const balanced = known && rows.every((r) => r.difference!.units === 0n);
  return (
    <>
      <div className="sec">
        <h2>{name}, as delivered</h2>
        <span className="grow" />
        {balanced ? <Exact>Balanced</Exact> : null}
      </div>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col" className="r">Billed, {currency}</th>
            <th scope="col" className="r">Difference</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.source}>
              <td className="fill" title={r.source}>{nameOf(r.source)}</td>
              <td className="r"><Money value={r.billed} currency={currency} /></td>
              <td className="r"><Change value={r.difference} currency={currency} /></td>
            </tr>
          ))}
          <tr className="tot">
            <td>Total</td>
            <td className="r"><Money value={rows.reduce((t, r) => add(t, r.billed), ZERO)} currency={currency} symbol ruled /></td>
            <td className="r">{balanced ? <span className="m rule">±0.00</span> : <Money value={known ? difference : null} currency={currency} sign ruled />}</td>
          </tr>
        </tbody>
      </table>
    </>
  );
}
