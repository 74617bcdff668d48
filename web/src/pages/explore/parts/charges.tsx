/* The raw charge rows behind a figure, page by page, and one of them in full. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { pagesQuery } from '~/api/queries';
import type { Cell, Column, Result, Row } from '~/api/types';
import { instantText } from '~/lib/dates';
import { useRowHeight } from '~/lib/density';
import { count, countOf, groupInteger } from '~/lib/money';
import type { Plan } from '~/lib/plan';
import { useSeesAll } from '~/shell/use-session';
import { Drawer } from '~/ui/dialog';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { Empty, Failed, Skeleton } from '~/ui/states';
import { OriginDrawer } from './origin';
import { CopyAs, Export } from './tools';

/* raw rows carry the columns of FOCUS; these come first, under shorter names */
const FIRST: Readonly<Record<string, string>> = {
  ChargePeriodStart: 'From, UTC', ServiceName: 'Service', SubAccountName: 'Account', ResourceId: 'Resource', ChargeCategory: 'Charge',
  ConsumedQuantity: 'Quantity', EffectiveCost: 'Effective', BilledCost: 'Billed',
};

const title = (column: Column): string => FIRST[column.name] ?? column.name;

function text(value: Cell | undefined): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'object') return Object.entries(value).map(([k, v]) => `${k} = ${String(v)}`).join(', ') || '–';
  return String(value);
}

function Value({ column, row }: { column: Column; row: Row }) {
  const value = row[column.name];
  const currency = (row['BillingCurrency'] as string | undefined) ?? column.unit ?? undefined;
  if (column.kind === 'money') return <Money value={typeof value === 'string' ? value : null} currency={currency} />;
  if (column.kind === 'instant' && typeof value === 'string') return <time dateTime={value}>{instantText(value)}</time>;
  if (column.kind === 'quantity' || column.kind === 'count') return <>{grouped(text(value))}</>;
  return <>{text(value)}</>;
}

/** "10,421.896": digits as they are, in groups; what is no plain number stays. */
const grouped = (number: string): string =>
  number.replace(/^(-?)(\d+)(\.\d+)?$/, (_, sign: string, whole: string, fraction: string | undefined) => `${sign ? '−' : ''}${groupInteger(whole)}${fraction ?? ''}`);

/* what a narrow screen keeps of a row: when, what, how much */
const KEPT = new Set(['ServiceName', 'EffectiveCost']);
const layoutOf = (column: Column, index: number) => `${isNumber(column) ? 'r' : ''}${column.name === 'ServiceName' || column.name === 'ResourceId' ? ' short' : ''}${index === 0 || KEPT.has(column.name) ? '' : ' hide-s'}`;

const isNumber = (column: Column) => ['money', 'count', 'quantity', 'ratio', 'percent'].includes(column.kind);

function columnsOf(result: Result): Column[] {
  const first = Object.keys(FIRST).flatMap((name) => result.columns.find((c) => c.name === name) ?? []);
  return first.length >= 4 ? first : result.columns.slice(0, 8);
}

type OnRow = (result: Result, row: Row) => void;

/** Every column of one row, amounts to the last digit. */
function OneCharge({ result, row }: { result: Result; row: Row }) {
  const [origin, setOrigin] = useState(false);
  const seesAll = useSeesAll();
  const id = seesAll ? row['x_id'] : null;
  return (
    <>
      {typeof id === 'string' ? <button type="button" className="btn" onClick={() => setOrigin(true)}><Icon name="rows" />Origin</button> : null}
      {origin && typeof id === 'string' ? <OriginDrawer id={id} onClose={() => setOrigin(false)} /> : null}
      <dl className="kv">
        {result.columns.map((c) => (
          <div key={c.name} className="contents">
            <dt>{c.name}</dt>
            <dd className={c.kind === 'money' ? 'n' : ''}>{c.kind === 'money' ? text(row[c.name]) : <Value column={c} row={row} />}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

export function ChargeTable({ plan, onRow }: { plan: Plan; onRow: OnRow }) {
  const query = useInfiniteQuery(pagesQuery(plan));
  const first = query.data?.pages[0];
  const rows = query.data?.pages.flatMap((p) => p.rows) ?? [];
  const ref = useRef<HTMLDivElement>(null);
  const rowHeight = useRowHeight();
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => ref.current, estimateSize: () => rowHeight, overscan: 16 });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - 40) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (query.error) return <Failed error={query.error} onRetry={() => void query.refetch()} height={320} />;
  if (!first || query.isPlaceholderData) return <Skeleton height={480} />;
  if (!rows.length) return <Empty icon="rows" title="No charge rows">Nothing was charged here in this time.</Empty>;
  const columns = columnsOf(first);
  const spacer = (height: number) => (height > 0 ? <tr aria-hidden="true"><td colSpan={columns.length} style={{ height, border: 0 }} /></tr> : null);
  return (
    <>
      <div ref={ref} className="scroller-y" tabIndex={0} role="region" aria-label="Charge rows">
        <table className="table" aria-rowcount={first.row_count}>
          <thead>
            <tr>
              {columns.map((c, k) => (
                <th key={c.name} scope="col" className={layoutOf(c, k)}>
                  {title(c)}
                  {c.kind === 'money' && first.currency ? `, ${first.currency}` : ''}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {spacer(items[0]?.start ?? 0)}
            {items.map((item) => {
              const row = rows[item.index]!;
              return (
                <tr key={item.index}>
                  {columns.map((c, k) => (
                    <td key={c.name} className={layoutOf(c, k)}>
                      {k === 0 ? (
                        <button type="button" className="row-link" onClick={() => onRow(first, row)}><Value column={c} row={row} /></button>
                      ) : (
                        <Value column={c} row={row} />
                      )}
                    </td>
                  ))}
                </tr>
              );
            })}
            {spacer(virtual.getTotalSize() - (items.at(-1)?.end ?? 0))}
          </tbody>
          <tfoot>
            <tr className="tot">
              {columns.map((c, k) => (
                <td key={c.name} className={layoutOf(c, k)}>
                  {k === 0 ? 'Total' : c.kind === 'money' && first.totals[0]?.[c.name] ? <Money value={first.totals[0][c.name] as string} currency={first.currency} symbol ruled /> : null}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
      <p className="foot-note" role="status">
        {countOf(rows.length, 'charge row')}{hasNextPage ? ' so far, more as you scroll' : ''}. Ledger version {count(first.ledger_version)}.
      </p>
    </>
  );
}

/** What `plan` asks for, to be copied and taken out as `file`; a charge row of it opens in its place. */
export function RowsDrawer({ title: name, plan, file, onClose, children }: {
  title: string;
  plan: Plan;
  file: string;
  onClose: () => void;
  children: (onRow: OnRow) => ReactNode;
}) {
  const [one, setOne] = useState<{ result: Result; row: Row } | null>(null);
  return (
    <Drawer
      wide
      title={one ? 'One charge' : name}
      onClose={onClose}
      tools={one ? <button type="button" className="btn btn-quiet" onClick={() => setOne(null)}><Icon name="rows" />All rows</button> : null}
      footer={
        <>
          <CopyAs plan={plan} />
          <Export plan={plan} name={file} />
        </>
      }
    >
      {one ? <OneCharge {...one} /> : children((result, row) => setOne({ result, row }))}
    </Drawer>
  );
}

export function ChargesDrawer({ plan, name, onClose }: { plan: Plan; name: string; onClose: () => void }) {
  return (
    <RowsDrawer title={`Charge rows: ${name}`} plan={plan} file="farthing-charges" onClose={onClose}>
      {(onRow) => <ChargeTable plan={plan} onRow={onRow} />}
    </RowsDrawer>
  );
}

export function OneChargeDrawer({ result, row, onClose }: { result: Result; row: Row; onClose: () => void }) {
  return (
    <Drawer title="One charge" onClose={onClose}>
      <OneCharge result={result} row={row} />
    </Drawer>
  );
}
