import type { Bill } from '~/api/types';
import { parse } from '~/lib/decimal';
import { count, countOf, signedCount } from '~/lib/money';
import { checkName } from '~/lib/words';
import { Icon } from '~/ui/icon';
import { Change, Money } from '~/ui/money';
import { Exact, Section } from '~/ui/parts';
import { amountsOf, checkRows, type BillState, type CheckRow } from '../bills';
import { StateTag } from './bills-table';

const ICONS: Readonly<Record<BillState, readonly ['check' | 'warn', string]>> = { holds: ['check', 'good'], remark: ['warn', 'warn'], off: ['warn', 'bad'] };

/** What the deliveries say against what the ledger answers, by currency; and the rows. */
export function Amounts({ bill }: { bill: Bill }) {
  const amounts = amountsOf(bill);
  const exact = amounts.length > 0 && amounts.every((a) => a.difference?.units === 0n);
  return (
    <Section title="Delivered and in the ledger" tools={exact ? <Exact>Balanced</Exact> : null}>
      <div className="scroller" role="region" aria-label="Amounts" tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col" className="hide-s">Provider’s column</th>
              <th scope="col" className="r hide-s">Delivered</th>
              <th scope="col" className="r">Ledger</th>
              <th scope="col" className="r">Difference</th>
            </tr>
          </thead>
          <tbody>
            {amounts.map((a) => (
              <tr key={a.currency}>
                <td>{a.accrued ? 'Effective' : 'Billed'} cost{a.currency ? `, ${a.currency}` : ''}</td>
                <td className="hide-s mono t2">{a.column ?? 'none'}</td>
                <td className="r hide-s"><Money value={a.delivered} currency={a.currency} /></td>
                <td className="r"><Money value={a.ledger} currency={a.currency} /></td>
                <td className="r"><Change value={a.difference} currency={a.currency} /></td>
              </tr>
            ))}
            <tr>
              <td>Rows, stored and counted</td>
              <td className="hide-s" />
              <td className="r hide-s">{count(bill.rows_stored)}</td>
              <td className="r">{count(bill.ledger_rows)}</td>
              <td className={bill.rows_stored === bill.ledger_rows ? 'r t3' : 'r'}>{signedCount(bill.rows_stored - bill.ledger_rows)}</td>
            </tr>
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** What was compared, and where it does not hold the places. */
function What({ row, several }: { row: CheckRow; several: boolean }) {
  const { check, state, times } = row;
  return (
    <div className="flex gap-2.5">
      <Icon name={ICONS[state][0]} className={`flex-none mt-px ${ICONS[state][1]}`} />
      <div className="min-w-0">
        {checkName(check.id)}{check.currency ? `, ${check.currency}` : ''}
        <small className="n">{check.detail}</small>
        {(check.where ?? []).map((w) => <small key={w} className="n">{w}</small>)}
        {several ? <small className="n">{times > 1 ? countOf(times, 'delivery', 'deliveries') : `delivery ${check.delivery ?? ''}`}</small> : null}
      </div>
    </div>
  );
}

export function Checks({ bill }: { bill: Bill }) {
  const rows = checkRows(bill);
  const several = bill.deliveries.length > 1;
  /* amounts of several deliveries are in one row only where there is one of them */
  const amount = (r: CheckRow, pick: 'expected' | 'found') => (r.times === 1 && r.check[pick] !== undefined ? <Money value={r.check[pick]} currency={r.check.currency ?? bill.currency} /> : <span className="t3">·</span>);
  return (
    <Section title="Checks" sub={rows.length ? `${countOf(bill.checks.length, 'check')}, of ${countOf(bill.deliveries.length, 'delivery', 'deliveries')}` : undefined}>
      {rows.length ? (
        <div className="scroller" role="region" aria-label="Checks, table" tabIndex={0}>
          <table className="table wraps">
            <thead>
              <tr>
                <th scope="col">What was compared</th>
                <th scope="col" className="r hide-s">Expected</th>
                <th scope="col" className="r hide-s">Found</th>
                <th scope="col" className="r">Difference</th>
                <th scope="col" className="r">State</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((r, i) => (
                <tr key={`${i} ${r.check.id}`}>
                  <td><What row={r} several={several} /></td>
                  <td className="r hide-s">{amount(r, 'expected')}</td>
                  <td className="r hide-s">{amount(r, 'found')}</td>
                  <td className="r">{r.times === 1 && r.check.difference !== undefined ? <Change value={parse(r.check.difference)} currency={r.check.currency ?? bill.currency} /> : <span className="t3">·</span>}</td>
                  <td className="r"><StateTag state={r.state} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="s t2 pt-2">No check was made: {bill.deliveries.length ? 'the bill has nothing that could be compared.' : 'no current delivery brought these charges.'}</p>
      )}
    </Section>
  );
}
