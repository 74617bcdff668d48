import { useState } from 'react';
import type { Bill } from '~/api/types';
import { shortMonth } from '~/lib/dates';
import { count } from '~/lib/money';
import { useSourceName } from '~/shell/use-scope';
import { Change, Money } from '~/ui/money';
import { Section, Segmented } from '~/ui/parts';
import { amountsOf, billName, checksText, sorted, stateOf, type BillState } from '../bills';

const FIRST = 20;

const TAGS: Readonly<Record<BillState, readonly [name: string, tag: string]>> = {
  holds: ['Holds', 'tag tag-good'], remark: ['Remark', 'tag tag-warn'], off: ['Does not hold', 'tag tag-bad'],
};

export const StateTag = ({ state }: { state: BillState }) => <span className={TAGS[state][1]}>{TAGS[state][0]}</span>;

function BillRows({ bill, only, onOpen }: { bill: Bill; only: string | null; onOpen: (bill: Bill) => void }) {
  const nameOf = useSourceName();
  const month = `${bill.billing_period}-01`;
  const amounts = amountsOf(bill);
  const lines = amounts.length ? amounts : [null];
  return lines.map((a, i) => (
    <tr key={a?.currency ?? ''}>
      <td className="fill" title={bill.source}>
        {i ? null : (
          <span className="nm"><button type="button" className="row-link" aria-label={billName(bill, nameOf)} onClick={() => onOpen(bill)}>{nameOf(bill.source)}</button></span>
        )}
      </td>
      <td className="n">{i ? null : <>{shortMonth(month)} {month.slice(0, 4)}</>}</td>
      {only ? null : <td className="hide-s t2">{a?.currency ?? '–'}</td>}
      <td className="r hide-s"><Money value={a?.delivered} currency={a?.currency} /></td>
      <td className="r hide-s"><Money value={a?.ledger} currency={a?.currency} /></td>
      <td className="r"><Change value={a?.difference} currency={a?.currency} /></td>
      <td className="hide-s hide-m t2 n">{i ? null : checksText(bill)}</td>
      <td className="r">{i ? null : <StateTag state={stateOf(bill)} />}</td>
    </tr>
  ));
}

/** Every bill with what it comes to; what wants a look first. */
export function BillsTable({ bills, show, onShow, onOpen }: {
  bills: readonly Bill[];
  show: 'all' | 'open';
  onShow: (show: 'all' | 'open') => void;
  onOpen: (bill: Bill) => void;
}) {
  const [all, setAll] = useState(false);
  const open = bills.filter((b) => stateOf(b) !== 'holds');
  const rows = sorted(show === 'open' ? open : bills);
  const shown = all ? rows : rows.slice(0, FIRST);
  const currencies = new Set(bills.flatMap((b) => amountsOf(b).map((a) => a.currency)));
  const only = currencies.size === 1 ? [...currencies][0]! : null;
  const unit = only ? `, ${only}` : '';
  return (
    <Section
      title="Bills"
      sub="one for each source and billing period; a row opens its checks"
      tools={<Segmented label="Which bills" value={show} onChange={onShow} options={[['all', `All ${count(bills.length)}`], ['open', `To look at ${count(open.length)}`]]} />}
    >
      {rows.length ? (
        <div className="scroller" role="region" aria-label="Bills, table" tabIndex={0}>
          <table className="table narrow-names">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col">Period</th>
                {only ? null : <th scope="col" className="hide-s">Currency</th>}
                <th scope="col" className="r hide-s">Delivered{unit}</th>
                <th scope="col" className="r hide-s">Ledger{unit}</th>
                <th scope="col" className="r">Difference</th>
                <th scope="col" className="hide-s hide-m">Checks</th>
                <th scope="col" className="r">State</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((b) => <BillRows key={`${b.source} ${b.billing_period}`} bill={b} only={only} onOpen={onOpen} />)}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="s t2 pt-2">No bill wants a look: each holds, and no check has a remark.</p>
      )}
      {shown.length < rows.length ? <button type="button" className="btn mt-3 self-start" onClick={() => setAll(true)}>All {count(rows.length)} bills</button> : null}
    </Section>
  );
}
