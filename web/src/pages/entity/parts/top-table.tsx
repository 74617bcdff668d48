/* Short tables of a thing's page: the dearest values with ways on, and its months. Both add up. */
import { Link } from '@tanstack/react-router';
import type { EntityDetail, Result } from '~/api/types';
import { bucketText } from '~/lib/dates';
import { parse, sub, sum, toPixels } from '~/lib/decimal';
import { pageOf } from '~/lib/entities';
import { sharePercent } from '~/lib/money';
import { only, withFilter } from '~/lib/plan';
import { dimensionName, valueName } from '~/lib/words';
import { useKeptScope } from '~/shell/use-scope';
import { Money } from '~/ui/money';
import { idOf, keyOf, labelOf } from '../../use-series';

function Way({ dimension, id, label }: { dimension: string; id: string | null; label: string }) {
  const kept = useKeptScope();
  const page = pageOf(dimension, id);
  const title = id && id !== label ? `${label}, ${id}` : label;
  if (page) return <Link to={page.to} params={page.params} search={kept} className="row-link" title={title}>{label}</Link>;
  return <Link to="/explore" search={{ ...kept, filters: withFilter(kept.filters ?? [], only(dimension, id)) }} className="row-link" title={title}>{label}</Link>;
}

/** `here` is the one whose page this is: it is said, and leads nowhere. */
export function TopTable({ result, dimension, currency, top, here }: { result: Result; dimension: string; currency: string; top: number; here?: string }) {
  const metric = result.plan.measures[0]!;
  const total = parse((result.totals[0]?.[metric] as string | undefined) ?? '0');
  const shown = result.rows.slice(0, top);
  const amounts = shown.map((r) => parse(r[metric] as string));
  const others = result.row_count - shown.length;
  const max = Math.max(1e-9, ...amounts.map(toPixels));
  const name = dimensionName(dimension, undefined);
  if (!shown.length) return <p className="t2">Nothing of this time.</p>;
  return (
    <table className="table">
      <thead>
        <tr><th scope="col">{name}</th><th scope="col" className="r">{currency}</th><th scope="col">Share</th></tr>
      </thead>
      <tbody>
        {shown.map((row, i) => {
          const id = idOf(row, dimension);
          const label = valueName(labelOf(row, dimension), name);
          return (
            <tr key={keyOf(id)} aria-current={here !== undefined && id === here ? 'true' : undefined}>
              <td className="w-full max-w-0"><span className="nm">{here !== undefined && id === here ? <b className="b ell">{label}</b> : <Way dimension={dimension} id={id} label={label} />}</span></td>
              <td className="r"><Money value={amounts[i]!} currency={currency} /></td>
              <td>
                <span className="shr">
                  <svg className="hide-m" width="44" height="8" aria-hidden="true"><rect width={Math.max(1, (Math.max(0, toPixels(amounts[i]!)) / max) * 44)} height="8" rx="1" fill="var(--s5)" /></svg>
                  <span className="n t2">{sharePercent(amounts[i]!, total)}</span>
                </span>
              </td>
            </tr>
          );
        })}
        {others > 0 ? (
          <tr className="t2">
            <td>{others}{result.next_cursor ? '+' : ''} other{others === 1 ? '' : 's'}</td>
            <td className="r"><Money value={sub(total, sum(amounts))} currency={currency} /></td>
            <td><span className="n">{sharePercent(sub(total, sum(amounts)), total)}</span></td>
          </tr>
        ) : null}
        <tr className="tot"><td>Total</td><td className="r"><Money value={total} currency={currency} symbol ruled /></td><td /></tr>
      </tbody>
    </table>
  );
}

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
