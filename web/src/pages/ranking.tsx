/* Who costs most: the first few with ways on, the others as one, the total. It adds up. */
import type { Result } from '~/api/types';
import { parse, sub, sum, toPixels } from '~/lib/decimal';
import { count, sharePercent } from '~/lib/money';
import { dimensionName, valueName } from '~/lib/words';
import { Money } from '~/ui/money';
import { Beside, Swatch } from '~/ui/parts';
import { besideOf, idOf, labelOf } from '~/api/told';
import { keyOf } from './use-series';
import { ValueLink, type Way } from './value-link';

interface RankingProps {
  result: Result;
  dimension: string;
  name?: string; /* of the dimension */
  currency: string;
  top: number;
  colours?: ReadonlyMap<string, string> | undefined; /* by key, of a chart beside it, which has the bars then */
  bars?: boolean;
  here?: string | undefined; /* the one whose page this is: it is said, and leads nowhere */
  way?: Way | undefined;
  className?: string;
}

export function Ranking({ result, dimension, name = dimensionName(dimension, undefined), currency, top, colours, bars = !colours, here, way, className = '' }: RankingProps) {
  if (!result.rows.length) return <p className="t2">Nothing of this time.</p>;
  const metric = result.plan.measures[0]!;
  const total = parse((result.totals[0]?.[metric] as string | undefined) ?? '0');
  const shown = result.rows.slice(0, top);
  const amounts = shown.map((r) => parse(r[metric] as string));
  const others = result.row_count - shown.length;
  const rest = sub(total, sum(amounts));
  const max = Math.max(1e-9, ...amounts.map(toPixels));
  return (
    <table className={`table ${className}`}>
      <thead>
        <tr>
          <th scope="col">{name}</th>
          <th scope="col" className="r">{currency}</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((row, i) => {
          const id = idOf(row, dimension);
          const amount = amounts[i]!;
          const label = valueName(labelOf(row, dimension), name);
          const isHere = here !== undefined && id === here;
          return (
            <tr key={keyOf(id)} aria-current={isHere ? 'true' : undefined}>
              <td className="w-full max-w-0">
                <span className="nm">
                  {colours ? <Swatch colour={colours.get(keyOf(id)) ?? 'var(--other)'} /> : null}
                  {isHere ? <b className="b ell">{label}</b> : <ValueLink dimension={dimension} id={id} label={label} way={way} />}
                  <Beside text={besideOf(row, dimension)} />
                </span>
              </td>
              <td className="r"><Money value={amount} currency={currency} /></td>
              <td>
                <span className="shr">
                  {bars ? (
                    <svg className="hide-m" width="44" height="8" aria-hidden="true">
                      <rect width={Math.max(1, (Math.max(0, toPixels(amount)) / max) * 44)} height="8" rx="1" fill="var(--s5)" />
                    </svg>
                  ) : null}
                  <span className="n t2">{sharePercent(amount, total)}</span>
                </span>
              </td>
            </tr>
          );
        })}
        {others > 0 ? (
          <tr className="t2">
            <td>{count(others)}{result.next_cursor ? '+' : ''} other{others === 1 ? '' : 's'}</td>
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
