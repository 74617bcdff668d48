/* The table under the chart: names, amounts, shares, course, change. Long ones draw only what is in sight. */
import { createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { Spark } from '~/charts/spark';
import { abs, parse, toPixels, type Decimal } from '~/lib/decimal';
import { changePercent, sharePercent } from '~/lib/money';
import { useRowHeight } from '~/lib/density';
import type { Order } from '~/lib/plan';
import { Icon } from '~/ui/icon';
import type { Spot } from '~/ui/menu';
import { Money } from '~/ui/money';
import { Beside, ChangeBar, Swatch } from '~/ui/parts';
import type { TableRow } from '../rows';

const VIRTUAL_FROM = 80;

export interface CostTableProps {
  rows: readonly TableRow[];
  total: Pick<TableRow, 'amount' | 'now' | 'before' | 'change'>;
  name: string;
  metricName: string;
  metric: string;
  currency: string;
  compares: boolean;
  spanName: string;
  colours: ReadonlyMap<string, string> | undefined;
  courses: ReadonlyMap<string, readonly (string | null)[]> | undefined;
  open: ReadonlySet<string>;
  order: Order;
  onOrder: (by: string) => void;
  onToggle: (key: string) => void;
  onPick: (row: TableRow, spot: Spot) => void;
  onEnd?: (() => void) | undefined;
}

const features = tableFeatures({});
const helper = createColumnHelper<typeof features, TableRow>();

const LAYOUT: Readonly<Record<string, string>> = {
  name: '', amount: 'r', share: 'hide-s', course: 'hide-s', before: 'r hide-s hide-m', bar: 'hide-s', change: 'r hide-s', percent: 'r',
};

function Sort({ by, order, onOrder, children }: { by: string; order: Order; onOrder: (by: string) => void; children: ReactNode }) {
  const on = order.by === by;
  return (
    <button type="button" className="sort" onClick={() => onOrder(by)}>
      {children} {on ? <span className="ar" aria-hidden="true">{order.dir === 'desc' ? '▼' : '▲'}</span> : null}
    </button>
  );
}

function Name({ row, props }: { row: TableRow; props: CostTableProps }) {
  const expandable = row.children > 0;
  const open = props.open.has(row.key);
  const colour = row.kind === 'child' || row.kind === 'rest' ? null : row.kind === 'other' ? 'var(--other)' : props.colours?.get(row.key);
  return (
    <span className={row.kind === 'child' || row.kind === 'rest' ? 'nm pl-6' : 'nm'}>
      {colour ? <Swatch colour={colour} /> : row.kind === 'name' && props.colours ? <Swatch colour="transparent" /> : null}
      {row.kind === 'rest' ? (
        row.label
      ) : row.kind === 'other' ? (
        <button type="button" data-other className="row-link" aria-expanded={open} onClick={() => props.onToggle(row.key)}>{row.label}</button>
      ) : (
        <button
          type="button"
          className="row-link"
          aria-haspopup="menu"
          title={row.id ?? ''}
          onClick={(event) => props.onPick(row, event.currentTarget.getBoundingClientRect())}
        >
          {row.label}
        </button>
      )}
      <Beside text={row.beside} />
      {expandable ? (
        <button type="button" className="flex" aria-expanded={open} aria-label={`${open ? 'Close' : 'Open'} ${row.label}`} onClick={() => props.onToggle(row.key)}>
          <Icon name={open ? 'down' : 'right'} small />
        </button>
      ) : null}
    </span>
  );
}

function Share({ row, total, max, colour }: { row: TableRow; total: Decimal | null; max: number; colour: string }) {
  if (!row.amount || !total) return <span className="t3">–</span>;
  const width = Math.max(1, (Math.max(0, toPixels(row.amount)) / max) * 84);
  return (
    <span className="shr">
      <svg width={width} height="8" aria-hidden="true"><rect width={width} height="8" rx="1" fill={colour} /></svg>
      <span className="n t2">{sharePercent(row.amount, total)}</span>
    </span>
  );
}

const percent = (row: Pick<TableRow, 'now' | 'before'>) => (row.now && row.before ? changePercent(row.now, row.before) : '–');

function useColumns(props: CostTableProps) {
  return useMemo(() => {
    const { currency, order, onOrder } = props;
    const maxAmount = Math.max(1e-9, ...props.rows.map((r) => (r.amount ? toPixels(r.amount) : 0)));
    const maxChange = Math.max(1e-9, ...props.rows.map((r) => (r.change ? toPixels(abs(r.change)) : 0)));
    const colourOf = (row: TableRow) => (row.kind === 'other' ? 'var(--other)' : (props.colours?.get(row.kind === 'child' || row.kind === 'rest' ? (row.parent ?? '') : row.key) ?? 'var(--s4)'));
    const money = helper.columns([
      helper.display({ id: 'name', header: () => props.name, cell: ({ row }) => <Name row={row.original} props={props} /> }),
      helper.display({
        id: 'amount',
        header: () => <Sort by={props.metric} order={order} onOrder={onOrder}>{props.metricName}, {currency}</Sort>,
        cell: ({ row }) => <Money value={row.original.amount} currency={currency} />,
      }),
      helper.display({ id: 'share', header: () => 'Share', cell: ({ row }) => <Share row={row.original} total={props.total.amount} max={maxAmount} colour={colourOf(row.original)} /> }),
      helper.display({
        id: 'course',
        header: () => props.spanName,
        cell: ({ row }) => <Spark values={(props.courses?.get(row.original.key) ?? []).filter((v) => v !== null).map((v) => toPixels(parse(v)))} />,
      }),
    ]);
    if (!props.compares) return money;
    return [
      ...money,
      ...helper.columns([
        helper.display({ id: 'before', header: () => 'Before', cell: ({ row }) => <span className="t2"><Money value={row.original.before} currency={currency} /></span> }),
        helper.display({
          id: 'bar', header: () => <span className="sr">Change as a bar</span>,
          cell: ({ row }) => (row.original.change ? <ChangeBar share={toPixels(row.original.change) / maxChange} /> : null),
        }),
        helper.display({
          id: 'change', header: () => <Sort by="change" order={order} onOrder={onOrder}>Change, {currency}</Sort>,
          cell: ({ row }) => <Money value={row.original.change} currency={currency} sign />,
        }),
        helper.display({ id: 'percent', header: () => <Sort by="change_pct" order={order} onOrder={onOrder}>%</Sort>, cell: ({ row }) => <span className="n">{percent(row.original)}</span> }),
      ]),
    ];
  }, [props]);
}

function Total({ props }: { props: CostTableProps }) {
  const { total, currency } = props;
  return (
    <tr className="tot">
      <td>Total</td>
      <td className="r"><Money value={total.amount} currency={currency} symbol ruled /></td>
      <td className="hide-s" />
      <td className="hide-s" />
      {props.compares ? (
        <>
          <td className="r hide-s hide-m"><Money value={total.before} currency={currency} symbol ruled /></td>
          <td className="hide-s" />
          <td className="r hide-s"><Money value={total.change} currency={currency} symbol sign ruled /></td>
          <td className="r n">{percent(total)}</td>
        </>
      ) : null}
    </tr>
  );
}

/** Which rows are drawn: all of a short table, a window of a long one with room kept above and below. */
function useWindow(count: number, onEnd: (() => void) | undefined) {
  const ref = useRef<HTMLDivElement>(null);
  const long = count > VIRTUAL_FROM;
  const rowHeight = useRowHeight();
  const virtual = useVirtualizer({
    count: long ? count : 0,
    getScrollElement: () => ref.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    onChange: (v) => {
      const last = v.getVirtualItems().at(-1);
      if (last && last.index >= count - 40) onEnd?.();
    },
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  const items = virtual.getVirtualItems();
  if (!long) return { ref, long, indexes: null, above: 0, below: 0 };
  return { ref, long, indexes: items.map((i) => i.index), above: items[0]?.start ?? 0, below: virtual.getTotalSize() - (items.at(-1)?.end ?? 0) };
}

export function CostTable(props: CostTableProps) {
  const columns = useColumns(props);
  const data = props.rows as TableRow[];
  const table = useTable({ features, columns, data, getRowId: (row) => row.key });
  const rows = table.getRowModel().rows;
  const { ref, long, indexes, above, below } = useWindow(rows.length, props.onEnd);
  const drawn = indexes ? indexes.flatMap((i) => rows[i] ?? []) : rows;
  const spacer = (height: number) => (height > 0 ? <tr aria-hidden="true"><td colSpan={columns.length} style={{ height, border: 0 }} /></tr> : null);
  return (
    <div ref={ref} className={long ? 'scroller-y' : 'scroller'} {...(long ? { tabIndex: 0, role: 'region', 'aria-label': 'Costs' } : {})}>
      <table className="table" aria-rowcount={rows.length}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => (
                <th key={header.id} scope="col" className={LAYOUT[header.column.id] ?? ''} {...sortState(header.column.id, props)}>
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {spacer(above)}
          {drawn.map((row) => (
            <tr key={row.id} className={row.original.kind === 'child' || row.original.kind === 'rest' ? 't2' : ''}>
              {row.getAllCells().map((cell) => (
                <td key={cell.id} className={LAYOUT[cell.column.id] ?? ''}>
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
          {spacer(below)}
        </tbody>
        <tfoot>
          <Total props={props} />
        </tfoot>
      </table>
    </div>
  );
}

function sortState(id: string, { order, metric }: CostTableProps): { 'aria-sort'?: 'ascending' | 'descending' } {
  const by = { amount: metric, change: 'change', percent: 'change_pct' }[id];
  return by && by === order.by ? { 'aria-sort': order.dir === 'asc' ? 'ascending' : 'descending' } : {};
}
