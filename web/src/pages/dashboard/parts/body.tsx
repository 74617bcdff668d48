/* What a tile draws: a number, the course by name, the names with their amounts, or what a change is made of. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { allRowsQuery, costsQuery } from '~/api/queries';
import { useToldQuery } from '~/api/told';
import type { Freshness, Row } from '~/api/types';
import { useWidth } from '~/charts/use-width';
import { rangeWords } from '~/lib/dates';
import { abs, compare, parse, sub, sum, type Decimal } from '~/lib/decimal';
import type { Form } from '~/lib/keep';
import { changePercent, countOf } from '~/lib/money';
import { plan } from '~/lib/plan';
import type { Anchor, ExploreSearch, Scope } from '~/lib/search';
import { scopeOnly } from '~/shell/use-scope';
import { Change, Money } from '~/ui/money';
import { Empty, Loaded, Skeleton } from '~/ui/states';
import { partsIn, totalOf } from '../../explore/drivers';
import { BRIDGE, PartsBridge, partAsked, type BridgeProps, type OnPart } from '../../explore/parts/bridge';
import type { PartAsked } from '../../explore/parts/part-drawer';
import { driversPlan, nextDimension, useChart, useQuestion, type Question } from '../../explore/use-explore';
import { Ranking } from '../../ranking';

const PartDrawer = lazy(() => import('../../explore/parts/part-drawer').then((m) => ({ default: m.PartDrawer })));
const TrendChart = lazy(() => import('../../explore/parts/trend-chart').then((m) => ({ default: m.TrendChart })));

interface BodyProps {
  search: ExploreSearch;
  scope: Scope;
  anchor: Anchor;
  freshness: readonly Freshness[];
  form: Form;
  room: number; /* pixels */
  title: string;
}

export function TileBody(props: BodyProps) {
  const { search, scope, anchor, freshness, form } = props;
  const q = useQuestion(search, scope, anchor, freshness as Freshness[]);
  const inside = { ...props, q, currency: scope.currency ?? 'USD' };
  switch (form) {
    case 'number': return <NumberBody {...inside} />;
    case 'line':
    case 'bars': return <ChartBody {...inside} />;
    case 'table': return <TableBody {...inside} />;
    case 'drivers': return <DriversBody {...inside} />;
  }
}

interface Inside extends BodyProps {
  q: Question;
  currency: string;
}

const Nothing = () => <Empty icon="calendar" title="Nothing was charged">In this time, with these filters.</Empty>;

function amountOf(row: Row | undefined, name: string): Decimal | null {
  const value = row?.[name];
  return typeof value === 'string' ? parse(value) : null;
}

/** The total of the time, and its change over the days that are whole on both sides. */
function NumberBody({ scope, q, currency, anchor, room }: Inside) {
  const base = { measures: [scope.metric], filters: scope.filters, currency: scope.convert };
  const whole = useQuery(costsQuery(plan({ ...base, time: scope.time })));
  const against = useQuery({ ...costsQuery(plan({ ...base, time: q.whole.time, ...(q.whole.compare ? { compare: q.whole.compare } : {}) })), enabled: q.whole.compare !== null });
  return (
    <Loaded query={whole} height={room} skeleton="line">
      {(answer) => {
        const row = against.data?.totals[0];
        const now = amountOf(row, scope.metric);
        const before = amountOf(row, `${scope.metric}_before`);
        return (
          <div className="tile-number" style={{ height: room }}>
            <div className="v"><Money value={amountOf(answer.totals[0], scope.metric)} currency={currency} symbol /></div>
            <p className="t2">
              {!scope.compare ? null : !q.whole.compare || against.error ? 'Nothing to compare with' : now && before ? <><b>{changePercent(now, before)}</b> against {rangeWords(q.whole.compare, anchor.today)}{q.whole.cut ? ', whole days' : ''}</> : '\u00a0'}
            </p>
          </div>
        );
      }}
    </Loaded>
  );
}

function ChartBody({ search, q, currency, anchor, freshness, form, room, title }: Inside) {
  const navigate = useNavigate();
  const { series, ghost } = useChart(q, freshness as Freshness[], false);
  return (
    <Loaded query={series} height={room} skeleton="bars">
      {(answer) =>
        answer.series.length === 0 ? <Nothing /> : (
          <Suspense fallback={<Skeleton height={room} kind="bars" />}>
            <TrendChart
              q={q} answer={answer} ghost={form === 'line' ? undefined : ghost} kind={form === 'line' ? 'line' : 'bars'} currency={currency} today={anchor.today} selected={null} height={room} title={title}
              onTarget={(target) => void navigate({ to: '/explore', search: { ...search, filters: target.filters.filter((f) => f.field !== 'currency') } })}
            />
          </Suspense>
        )
      }
    </Loaded>
  );
}

/* Heights of rows, in pixels; a low tile has no room for a head, which is only read out there. */
const LOW = 128;
const rowsIn = (room: number): number => (room < LOW ? Math.floor((room - 30) / 28) : Math.floor((room - 66) / 30));

/** As many of `all` as have room beside the total: where some have none, a row for these takes the last place. */
const shownOf = (all: number, room: number): number => (all <= rowsIn(room) ? all : Math.max(1, rowsIn(room) - 1));

const tableClass = (room: number): string => (room < LOW ? 'tile-table tile-low' : 'tile-table');

/** As many names as have room, the rest as one: they add up to the total. */
function TableBody({ search, scope, q, currency, room }: Inside) {
  const dimension = q.by[0]!;
  const query = useToldQuery(useQuery(costsQuery(plan({ measures: [scope.metric], time: scope.time, group_by: [dimension.id], filters: scope.filters, currency: scope.convert, order: { by: scope.metric, dir: 'desc' }, labels: true }))));
  return (
    <Loaded query={query} height={room}>
      {(answer) => answer.rows.length === 0 ? <Nothing /> : (
        <Ranking
          result={answer} dimension={dimension.id} name={dimension.name} currency={currency} top={shownOf(answer.row_count, room)} bars={false}
          way={{ scope: scopeOnly(search), by: nextDimension(dimension.id, scope.filters) }} className={tableClass(room)}
        />
      )}
    </Loaded>
  );
}

/* Narrower steps have no room for their amounts. */
const STEP = 52;

/** The parts of the change: as a bridge where that has room, else as a table of its largest. Each opens to what it is made of. */
function DriversBody({ q, currency, room }: Inside) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const query = useQuery({ ...allRowsQuery(driversPlan(q, BRIDGE)), enabled: q.whole.compare !== null });
  const [asked, setAsked] = useState<PartAsked | null>(null);
  if (!q.whole.compare) return <Empty icon="explore" title="Nothing to compare with">Save it with a comparison.</Empty>;
  const onPart: OnPart = (kind, parts, whose, filters) => setAsked(partAsked(kind, parts, whose, filters));
  return (
    <div ref={ref} style={{ height: room }}>
      <Loaded query={query} height={room} skeleton="bars">
        {(answer) => {
          const total = totalOf(answer);
          const kinds = partsIn(total.parts);
          if (!kinds.length) return <Empty icon="explore" title="Nothing has changed">Over the days that are whole on both sides.</Empty>;
          if (!width) return null;
          const Drawn = room < LOW || width < STEP * (kinds.length + 2) ? PartsTable : PartsBridge;
          return <Drawn total={total} currency={currency} onPart={onPart} all={q.scope.filters} height={room} />;
        }}
      </Loaded>
      {asked ? <Suspense><PartDrawer q={q} asked={asked} currency={currency} onClose={() => setAsked(null)} /></Suspense> : null}
    </div>
  );
}

function PartsTable({ total, currency, onPart, all, height }: BridgeProps) {
  const kinds = [...partsIn(total.parts)].sort((a, b) => compare(abs(total.parts[b.id]), abs(total.parts[a.id])));
  const shown = kinds.slice(0, shownOf(kinds.length, height));
  const rest = sub(total.change, sum(shown.map((k) => total.parts[k.id])));
  return (
    <table className={`table ${tableClass(height)}`}>
      <thead>
        <tr><th scope="col">Part</th><th scope="col" className="r">Change, {currency}</th></tr>
      </thead>
      <tbody>
        {shown.map((k) => (
          <tr key={k.id}>
            <td className="w-full max-w-0">
              <span className="nm">{k.of ? <button type="button" className="row-link" title={k.hint} onClick={() => onPart(k, total.parts, 'Everything', all)}>{k.name}</button> : k.name}</span>
            </td>
            <td className="r"><Change value={total.parts[k.id]} currency={currency} /></td>
          </tr>
        ))}
        {kinds.length > shown.length ? (
          <tr className="t2"><td>{countOf(kinds.length - shown.length, 'other part')}</td><td className="r"><Change value={rest} currency={currency} /></td></tr>
        ) : null}
        <tr className="tot"><td>Change</td><td className="r"><Money value={total.change} currency={currency} symbol sign /></td></tr>
      </tbody>
    </table>
  );
}
