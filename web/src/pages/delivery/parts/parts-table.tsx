import { weekdayText, shortDay } from '~/lib/dates';
import { abs, toPixels, type Decimal } from '~/lib/decimal';
import { count } from '~/lib/money';
import { valueName } from '~/lib/words';
import { Money } from '~/ui/money';
import { ChangeBar, Note } from '~/ui/parts';
import type { Figures, Parts, Split } from '../difference';
import { signedCount } from './totals';

const TAGS = { added: ['New', 'tag'], removed: ['Gone', 'tag'], changed: null } as const;

const dayName = (day: string) => `${weekdayText(day)} ${shortDay(day)}`;

function Amounts({ f, max, currency }: { f: Figures; max: number; currency: string }) {
  const change = (value: Decimal) => (value.units === 0n ? <span className="t3">±0.00</span> : <Money value={value} currency={currency} sign />);
  return (
    <>
      <td className="r hide-s">{f.charges ? signedCount(f.charges) : <span className="t3">±0</span>}</td>
      <td className="r hide-s hide-m t2"><Money value={f.before} currency={currency} /></td>
      <td className="r hide-s"><Money value={f.after} currency={currency} /></td>
      <td className="hide-s"><ChangeBar share={max ? toPixels(f.change) / max : 0} /></td>
      <td className="r">{change(f.change)}</td>
    </>
  );
}

/** The values that differ, the rest of them, and what stayed: the lines add up to the change of the bill. */
export function PartsTable({ parts, split, name, onOpen }: { parts: Parts; split: Split; name: string; onOpen: (value: string | null) => void }) {
  const { currency, rows, rest, same, total } = parts;
  const max = Math.max(0, ...rows.map((r) => toPixels(abs(r.change))));
  return (
    <>
      {parts.addsUp ? null : <Note bad>The rows by {name.toLowerCase()} do not add up to the change of the bill in {currency}. Ask again; if it stays so, it is an error of Farthing.</Note>}
      <div className="scroller">
        <table className="table" aria-label={`By ${name.toLowerCase()}, ${currency}`}>
          <thead>
            <tr>
              <th scope="col">{name}</th>
              <th scope="col" className="r hide-s">Charges</th>
              <th scope="col" className="r hide-s hide-m">Before, {currency}</th>
              <th scope="col" className="r hide-s">After, {currency}</th>
              <th scope="col" className="hide-s"><span className="sr">Change as a bar</span></th>
              <th scope="col" className="r">Change, {currency}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => {
              const tag = TAGS[r.status];
              const label = split === 'time' && r.value ? dayName(r.value) : valueName(r.value, name);
              return (
                <tr key={r.value ?? '\u0000'}>
                  <td className="fill" title={label}>
                    {r.status === 'removed' ? label : <button type="button" className="row-link" onClick={() => onOpen(r.value)}>{label}</button>}
                    {tag ? <span className={`${tag[1]} ml-2`}>{tag[0]}</span> : null}
                  </td>
                  <Amounts f={r} max={max} currency={currency} />
                </tr>
              );
            })}
            {rest ? (
              <tr className="t2">
                <td>{count(rest.count)} more</td>
                <Amounts f={rest} max={max} currency={currency} />
              </tr>
            ) : null}
            {same.units === 0n ? null : (
              <tr className="t2">
                <td>All else, unchanged</td>
                <td className="r hide-s t3">·</td>
                <td className="r hide-s hide-m"><Money value={same} currency={currency} /></td>
                <td className="r hide-s"><Money value={same} currency={currency} /></td>
                <td className="hide-s" />
                <td className="r t3">·</td>
              </tr>
            )}
          </tbody>
          <tfoot>
            <tr className="tot">
              <td>Total</td>
              <td className="r hide-s">{signedCount(total.charges)}</td>
              <td className="r hide-s hide-m"><Money value={total.before} currency={currency} symbol ruled={parts.addsUp} /></td>
              <td className="r hide-s"><Money value={total.after} currency={currency} symbol ruled={parts.addsUp} /></td>
              <td className="hide-s" />
              <td className="r"><Money value={total.change} currency={currency} symbol sign ruled={parts.addsUp} /></td>
            </tr>
          </tfoot>
        </table>
      </div>
    </>
  );
}
