/* What one part of a change is made of: its resources, and the charges of each side. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { costsQuery } from '~/api/queries';
import { rangeWords, type Range } from '~/lib/dates';
import { plan, type Filter, type Part, type Plan } from '~/lib/plan';
import { countOf } from '~/lib/money';
import type { Decimal } from '~/lib/decimal';
import { valueName } from '~/lib/words';
import { Change, Money } from '~/ui/money';
import { Segmented } from '~/ui/parts';
import { Empty, Loaded } from '~/ui/states';
import { figures } from '../../places';
import { idOf, labelOf } from '~/api/told';
import { keyOf } from '../../use-series';
import { mirrored } from '../drivers';
import type { Question } from '../use-explore';
import { ChargeTable, RowsDrawer } from './charges';

/** A part of a row, or of the whole: what the drawer is opened with. */
export interface PartAsked {
  name: string; /* "Amazon EC2: quantity" */
  hint: string;
  part: Part;
  filters: readonly Filter[];
  amount: Decimal;
}

type Side = 'resources' | 'now' | 'before';

/** The question of one side: resources compare both ranges, charges are those of one. */
function planOf(q: Question, asked: PartAsked, side: Side): Plan {
  const { time, compare } = q.whole;
  if (side === 'resources')
    return plan({
      measures: [q.scope.metric], time, group_by: ['resource'], filters: asked.filters, compare: compare!, currency: q.scope.convert,
      part: asked.part, order: { by: 'change', dir: asked.amount.units < 0n ? 'asc' : 'desc' }, labels: true,
    });
  const range: Range = side === 'now' ? time : compare!;
  const other: Range = side === 'now' ? compare! : time;
  return plan({
    measures: [], time: range, filters: asked.filters, compare: other, currency: null, rows: true,
    part: side === 'now' ? asked.part : mirrored(asked.part),
  });
}

function Resources({ asked, of, currency }: { asked: PartAsked; of: Plan; currency: string }) {
  const query = useQuery(costsQuery(of));
  return (
    <Loaded query={query} height={320}>
      {(result) => {
        if (!result.rows.length) return <Empty icon="box" title="No charges">Neither range has a charge of this part.</Empty>;
        const metric = result.plan.measures[0]!;
        const total = figures(result.totals[0], metric);
        return (
          <>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Resource</th>
                  <th scope="col" className="r hide-s">Before</th>
                  <th scope="col" className="r hide-s">Now</th>
                  <th scope="col" className="r">Change, {currency}</th>
                </tr>
              </thead>
              <tbody>
                {result.rows.map((row) => {
                  const f = figures(row, metric);
                  const name = valueName(labelOf(row, 'resource'), 'Resource');
                  return (
                    <tr key={keyOf(idOf(row, 'resource'))}>
                      <td><span className="nm"><span className="ell" title={idOf(row, 'resource') ?? ''}>{name}</span></span></td>
                      <td className="r hide-s t2"><Money value={f.before} currency={currency} /></td>
                      <td className="r hide-s"><Money value={f.now} currency={currency} /></td>
                      <td className="r"><Change value={f.change} currency={currency} /></td>
                    </tr>
                  );
                })}
              </tbody>
              <tfoot>
                <tr className="tot">
                  <td>Total</td>
                  <td className="r hide-s"><Money value={total.before} currency={currency} symbol ruled /></td>
                  <td className="r hide-s"><Money value={total.now} currency={currency} symbol ruled /></td>
                  <td className="r"><Money value={total.change} currency={currency} symbol sign ruled /></td>
                </tr>
              </tfoot>
            </table>
            <p className="foot-note">
              {countOf(result.rows.length, 'row')}{result.next_cursor ? ', the largest; the total is of all' : ''}.
              {asked.part === 'compared' ? ' Quantity, price and mix are of the same charges, those whose price has a quantity on both sides: their total is that of the three.' : ''}
            </p>
          </>
        );
      }}
    </Loaded>
  );
}

export function PartDrawer({ q, asked, currency, onClose }: { q: Question; asked: PartAsked; currency: string; onClose: () => void }) {
  const [side, setSide] = useState<Side>('resources');
  const of = planOf(q, asked, side);
  return (
    <RowsDrawer title={asked.name} plan={of} file={`farthing-${asked.part}-${side}`} onClose={onClose}>
      {(onRow) => (
        <>
          <div className="flex flex-wrap items-center gap-2 mb-3">
            <b><Money value={asked.amount} currency={currency} symbol sign /></b> <span className="t2">{asked.hint}</span>
            <span className="grow" />
            <Segmented
              label="What is shown"
              value={side}
              onChange={setSide}
              options={[['resources', 'Resources'], ['now', `Charges, ${rangeWords(q.whole.time)}`], ['before', `Charges, ${rangeWords(q.whole.compare!)}`]]}
            />
          </div>
          {side === 'resources' ? <Resources asked={asked} of={of} currency={currency} /> : <ChargeTable key={side} plan={of} onRow={onRow} />}
        </>
      )}
    </RowsDrawer>
  );
}
