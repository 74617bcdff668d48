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

/** Read = stored + left out, delivered = ledger: by source, for one billing period. */
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
          {balanced(lines) ? <Exact>Balanced</Exact> : null}
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
              <th scope="col" className="r hide-s hide-m">Left out</th>
              <th scope="col" className="r hide-s hide-m">Stored</th>
              <th scope="col" className="r hide-s">Delivered, {currency}</th>
              <th scope="col" className="r">Ledger, {currency}</th>
              <th scope="col" className="r">Difference</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((l) => (
              <tr key={l.source}>
                <td className="short" title={l.source}>{l.source} <span className="t3 s hide-s">{l.deliveries === 1 ? '1 delivery' : `${l.deliveries} deliveries`}</span></td>
                <td className="r hide-s">{count(l.read)}</td>
                <td className="r hide-s hide-m">{count(l.dropped)}</td>
                <td className="r hide-s hide-m">{count(l.stored)}</td>
                <td className="r hide-s"><Money value={l.delivered} currency={currency} /></td>
                <td className="r"><Money value={l.ledger} currency={currency} /></td>
                <td className="r"><Difference value={l.difference} currency={currency} /></td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr className="tot">
              <td>Total</td>
              <td className="r hide-s">{count(total.read)}</td>
              <td className="r hide-s hide-m">{count(total.dropped)}</td>
              <td className="r hide-s hide-m">{count(total.stored)}</td>
              <td className="r hide-s"><Money value={total.delivered} currency={currency} symbol ruled /></td>
              <td className="r"><Money value={total.ledger} currency={currency} symbol ruled /></td>
              <td className="r"><Difference value={total.difference} currency={currency} ruled /></td>
            </tr>
          </tfoot>
        </table>
      </div>
    </Section>
  );
}
