import type { Result } from '~/api/types';
import { parse, sub, sum, toPixels } from '~/lib/decimal';
import { sharePercent } from '~/lib/money';
import { dimensionName, valueName } from '~/lib/words';
import { idOf, keyOf, labelOf } from '../../use-series';
import { Money } from '~/ui/money';
import { Swatch } from '~/ui/parts';

/** Who costs most this month: the first few, the others as one, the total. */
export function Ranking({ result, dimension, currency, top, colours, onOpen }: {
  result: Result;
  dimension: string;
  currency: string;
  top: number;
  colours?: ReadonlyMap<string, string> | undefined;
  onOpen: (id: string | null) => void;
}) {
  const metric = result.plan.measures[0]!;
  const total = parse((result.totals[0]?.[metric] as string | undefined) ?? '0');
  const shown = result.rows.slice(0, top);
  const others = result.row_count - shown.length;
  const rest = sub(total, sum(shown.map((r) => parse(r[metric] as string))));
  const max = Math.max(1e-9, ...shown.map((r) => toPixels(parse(r[metric] as string))));
  const name = dimensionName(dimension, undefined);
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">{name}</th>
          <th scope="col" className="r">{currency}</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => {
          const id = idOf(row, dimension);
          const value = parse(row[metric] as string);
          const label = valueName(labelOf(row, dimension), name);
          return (
            <tr key={keyOf(id)}>
              <td className="w-full max-w-0">
                <span className="nm">
                  {colours ? <Swatch colour={colours.get(keyOf(id)) ?? 'var(--other)'} /> : null}
                  <button type="button" className="row-link" title={id && id !== label ? `${label}, ${id}` : label} onClick={() => onOpen(id)}>{label}</button>
                </span>
              </td>
              <td className="r"><Money value={value} currency={currency} /></td>
              <td>
                <span className="shr">
                  {/* names that a chart beside them has coloured need the room, and the chart has the bars */}
                  {colours ? null : (
                    <svg className="hide-m" width="44" height="8" aria-hidden="true">
                      <rect width={Math.max(1, (Math.max(0, toPixels(value)) / max) * 44)} height="8" rx="1" fill="var(--s5)" />
                    </svg>
                  )}
                  <span className="n t2">{sharePercent(value, total)}</span>
                </span>
              </td>
            </tr>
          );
        })}
        {others > 0 ? (
          <tr className="t2">
            <td>{others} other{others === 1 ? '' : 's'}</td>
            <td className="r"><Money value={rest} currency={currency} /></td>
            <td><span className="n">{sharePercent(rest, total)}</span></td>
          </tr>
        ) : null}
        <tr className="tot">
          <td>Total</td>
          <td className="r"><Money value={total} currency={currency} symbol ruled /></td>
          <td />
        </tr>
      </tbody>
    </table>
  );
}
