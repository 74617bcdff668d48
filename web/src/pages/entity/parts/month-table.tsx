/* What a thing cost, month by month. It adds up. */
import type { EntityDetail } from '~/api/types';
import { bucketText } from '~/lib/dates';
import { Money } from '~/ui/money';

export function MonthTable({ entity }: { entity: EntityDetail }) {
  if (!entity.by_month.length) return <p className="t2">No month of this time has a charge.</p>;
  return (
    <table className="table">
      <thead><tr><th scope="col">Month</th><th scope="col" className="r">{entity.by_month[0]!.currency}</th></tr></thead>
      <tbody>
        {entity.by_month.map((m) => (
          <tr key={`${m.month} ${m.currency}`}>
            <td>{m.month ? bucketText(m.month, 'month') : '–'}</td>
            <td className="r"><Money value={m.cost} currency={m.currency ?? undefined} /></td>
          </tr>
        ))}
        {entity.totals.map((t) => (
          <tr key={t.currency} className="tot"><td>Total</td><td className="r"><Money value={t.cost} currency={t.currency ?? undefined} symbol ruled /></td></tr>
        ))}
      </tbody>
    </table>
  );
}
