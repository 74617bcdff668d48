import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Delivery } from '~/api/types';
import { periodText, shortMonth } from '~/lib/dates';
import { count, countOf } from '~/lib/money';
import { useKeptScope, useSourceName } from '~/shell/use-scope';
import { Money } from '~/ui/money';
import { Exact, Section, Segmented } from '~/ui/parts';
import { balance, balanced, totalOf, type Amounts, type BalanceLine } from '../balance';

function Difference({ value, currency, ruled }: { value: Amounts['difference']; currency: string | null; ruled?: boolean }) {
  if (value?.units === 0n) return <span className={ruled ? 'm rule good' : 'm t3'}>0.00</span>;
  return <span className={value ? 'bad' : ''}><Money value={value} currency={currency} sign ruled={ruled ?? false} /></span>;
}

/** The rows as an equation that can be checked by eye: read − left out + added = stored. */
function Rows({ line }: { line: Pick<BalanceLine, 'read' | 'dropped' | 'added' | 'stored'> }) {
  return (
    <>
      <td className="r hide-s">{count(line.read)}</td>
      <td className="r hide-s t2">{line.dropped ? `− ${count(line.dropped)}` : '·'}</td>
      <td className="r hide-s t2">{line.added ? `+ ${count(line.added)}` : '·'}</td>
      <td className="r hide-s">{line.read - line.dropped + line.added === line.stored ? '= ' : '≠ '}{count(line.stored)}</td>
    </>
  );
}

/** Of the further currencies of a source: its rows stand in the first line. */
const NoRows = () => <td className="hide-s" colSpan={4} />;

/** Rows read and stored, amounts delivered and in the ledger: by source, for one billing period. */
export function BalanceSection({ deliveries, periods }: { deliveries: readonly Delivery[]; periods: readonly string[] }) {
  const nameOf = useSourceName();
  const recent = periods.slice(-4);
  const [chosen, setChosen] = useState<string | null>(null);
  const period = chosen ?? recent.at(-2) ?? recent.at(-1) ?? null;
  const lines = balance(deliveries, period);
  const total = totalOf(lines);
  const only = total.amounts.length === 1 && total.amounts[0]?.currency ? `, ${total.amounts[0].currency}` : '';
  const name = period ? periodText(period) : '';
  const kept = useKeptScope();
  return (
    <Section
      title={`Balance, ${name}`}
      tools={
        <>
          {balanced(lines) ? <span className="hide-s flex"><Exact>Balanced</Exact></span> : null}
          <Link to="/reconciliation" search={{ ...kept, ...(period ? { period } : {}) }} className="btn btn-quiet">Checks<span className="hide-s"> and invoices</span></Link>
          {recent.length > 1 ? (
            <Segmented label="Billing period" value={period ?? ''} onChange={setChosen} options={recent.map((p) => [p, shortMonth(`${p}-01`)] as const)} />
          ) : null}
        </>
      }
    >
      <div className="scroller">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Source</th>
              <th scope="col" className="r hide-s">Read</th>
              <th scope="col" className="r hide-s">− left out</th>
              <th scope="col" className="r hide-s">+ added</th>
              <th scope="col" className="r hide-s">= stored</th>
              <th scope="col" className="r hide-s hide-m">Delivered{only}</th>
              <th scope="col" className="r">Ledger{only}</th>
              <th scope="col" className="r">Difference</th>
            </tr>
          </thead>
          <tbody>
            {lines.flatMap((l) =>
              l.amounts.map((a, i) => (
                <tr key={`${l.source} ${a.currency}`}>
                  <td className="fill" title={`${l.source}, ${countOf(l.deliveries, 'delivery', 'deliveries')}`}>{i ? '' : nameOf(l.source)}</td>
                  {i ? <NoRows /> : <Rows line={l} />}
                  <td className="r hide-s hide-m"><Money value={a.delivered} currency={a.currency} symbol={!only} /></td>
                  <td className="r"><Money value={a.ledger} currency={a.currency} symbol={!only} /></td>
                  <td className="r"><Difference value={a.difference} currency={a.currency} /></td>
                </tr>
              )),
            )}
          </tbody>
          <tfoot>
            {total.amounts.map((a, i) => (
              <tr className="tot" key={a.currency}>
                <td>{i ? '' : 'Total'}</td>
                {i ? <NoRows /> : <Rows line={total} />}
                <td className="r hide-s hide-m"><Money value={a.delivered} currency={a.currency} symbol ruled /></td>
                <td className="r"><Money value={a.ledger} currency={a.currency} symbol ruled /></td>
                <td className="r"><Difference value={a.difference} currency={a.currency} ruled /></td>
              </tr>
            ))}
          </tfoot>
        </table>
      </div>
    </Section>
  );
}
