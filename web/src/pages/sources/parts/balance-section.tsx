import { useState } from 'react';
import type { Delivery } from '~/api/types';
import { monthText, shortMonth } from '~/lib/dates';
import { count } from '~/lib/money';
import { Money } from '~/ui/money';
import { Exact, Section, Segmented } from '~/ui/parts';
import { balance, balanced, totalOf, type BalanceLine } from '../balance';

function Difference({ value, currency, ruled }: { value: BalanceLine['difference']; currency: string; ruled?: boolean }) {
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

/** Rows read and stored, amounts delivered and in the ledger: by source, for one billing period. */
export function BalanceSection({ deliveries, periods, currency }: { deliveries: readonly Delivery[]; periods: readonly string[]; currency: string }) {
  const recent = periods.slice(-4);
  const [chosen, setChosen] = useState<string | null>(null);
  const period = chosen ?? recent.at(-2) ?? recent.at(-1) ?? null;
  const lines = balance(deliveries, period, currency);
  const total = totalOf(lines);
  const name = period ? `${monthText(`${period}-01`)} ${period.slice(0, 4)}` : '';
  return (
    <Section
      title={`Balance, ${name}`}
      tools={
        <>
          {balanced(lines) ? <span className="hide-s flex"><Exact>Balanced</Exact></span> : null}
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
              <th scope="col" className="r hide-s hide-m">Delivered, {currency}</th>
              <th scope="col" className="r">Ledger, {currency}</th>
              <th scope="col" className="r">Difference</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((l) => (
              <tr key={l.source}>
                <td className="fill" title={`${l.source}, ${l.deliveries === 1 ? '1 delivery' : `${l.deliveries} deliveries`}`}>{l.source}</td>
                <Rows line={l} />
                <td className="r hide-s hide-m"><Money value={l.delivered} currency={currency} /></td>
                <td className="r"><Money value={l.ledger} currency={currency} /></td>
                <td className="r"><Difference value={l.difference} currency={currency} /></td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr className="tot">
              <td>Total</td>
              <Rows line={total} />
              <td className="r hide-s hide-m"><Money value={total.delivered} currency={currency} symbol ruled /></td>
              <td className="r"><Money value={total.ledger} currency={currency} symbol ruled /></td>
              <td className="r"><Difference value={total.difference} currency={currency} ruled /></td>
            </tr>
          </tfoot>
        </table>
      </div>
    </Section>
  );
}
