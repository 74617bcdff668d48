import { bucketText } from '~/lib/dates';
import { abs, toPixels } from '~/lib/decimal';
import { count, signedCount } from '~/lib/money';
import { valueName } from '~/lib/words';
import { Change, Money } from '~/ui/money';
import { ChangeBar, Note } from '~/ui/parts';
import type { Figures, Parts, Split } from '../difference';

const TAGS = { added: ['New', 'tag'], removed: ['Gone', 'tag'], changed: null } as const;

function Amounts({ f, max, currency }: { f: Figures; max: number; currency: string }) {
  return (
    <>
      <td className="r hide-s">{f.charges ? signedCount(f.charges) : <span className="t3">{signedCount(0)}</span>}</td>
      <td className="r hide-s hide-m t2"><Money value={f.before} currency={currency} /></td>
      <td className="r hide-s"><Money value={f.after} currency={currency} /></td>
      <td className="hide-s"><ChangeBar share={max ? toPixels(f.change) / max : 0} /></td>
      <td className="r"><Change value={f.change} currency={currency} /></td>
    </>
  );
}

/** The values that differ, the rest of them, and what stayed: the lines add up to the change of the bill. */
export function PartsTable({ parts, split, name, labels, onOpen }: {
  parts: Parts;
  split: Split;
  name: string;
  labels: ReadonlyMap<string, string>; /* of values that go by another name than their own */
  onOpen: ((value: string | null) => void) | null; /* null: there is nothing to open */
}) {
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
              const label = split === 'time' && r.value ? bucketText(r.value, 'day') : valueName(labels.get(r.value ?? '') ?? r.value, name);
              return (
                <tr key={r.value ?? '\u0000'}>
                  <td className="fill" title={r.value && split !== 'time' && r.value !== label ? `${label}, ${r.value}` : label}>
                    {r.status === 'removed' || !onOpen ? label : <button type="button" className="row-link" onClick={() => onOpen(r.value)}>{label}</button>}
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
