/* What a tile draws: a number, the course by name, the names with their amounts, or what a change is made of. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { allRowsQuery, costsQuery } from '~/api/queries';
import type { Freshness, Result, Row } from '~/api/types';
import { Waterfall } from '~/charts/waterfall';
import { rangeWords } from '~/lib/dates';
import { format, parse, sub, sum, type Decimal } from '~/lib/decimal';
import type { Form } from '~/lib/keep';
import { changePercent, count, moneyText, sharePercent } from '~/lib/money';
import { plan } from '~/lib/plan';
import type { Anchor, ExploreSearch, Scope } from '~/lib/search';
import { valueName } from '~/lib/words';
import { Money } from '~/ui/money';
import { Empty, Loaded, Skeleton } from '~/ui/states';
import { driversOf, partsIn } from '../../explore/drivers';
import { driversPlan, useChart, useQuestion, type Question } from '../../explore/use-explore';
import { idOf, keyOf, labelOf } from '../../use-series';

const TrendChart = lazy(() => import('../../explore/parts/trend-chart').then((m) => ({ default: m.TrendChart })));

export interface BodyProps {
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

const HEAD_AND_TOTAL = 66;
const ROW = 30;

/** As many names as have room, the rest as one: they add up to the total. */
function TableBody({ scope, q, currency, room }: Inside) {
  const dimension = q.by[0]!;
  const query = useQuery(costsQuery(plan({ measures: [scope.metric], time: scope.time, group_by: [dimension.id], filters: scope.filters, currency: scope.convert, order: { by: scope.metric, dir: 'desc' }, labels: true })));
  return (
    <Loaded query={query} height={room}>
      {(answer) => answer.rows.length === 0 ? <Nothing /> : <Names answer={answer} dimension={dimension} metric={scope.metric} currency={currency} most={Math.max(1, Math.floor((room - HEAD_AND_TOTAL) / ROW))} />}
    </Loaded>
  );
}

function Names({ answer, dimension, metric, currency, most }: { answer: Result; dimension: Question['by'][number]; metric: string; currency: string; most: number }) {
  const total = amountOf(answer.totals[0], metric);
  const shown = answer.rows.slice(0, answer.row_count > most ? Math.max(1, most - 1) : most);
  const others = answer.row_count - shown.length;
  const rest = total && others > 0 ? sub(total, sum(shown.map((r) => amountOf(r, metric)!))) : null;
  return (
    <table className="table tile-table">
      <thead>
        <tr>
          <th scope="col">{dimension.name}</th>
          <th scope="col" className="r">{currency}</th>
          <th scope="col" className="r">Share</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => {
          const value = amountOf(row, metric);
          const label = valueName(labelOf(row, dimension.id), dimension.name);
          return (
            <tr key={keyOf(idOf(row, dimension.id))}>
              <td className="ell" title={label}>{label}</td>
              <td className="r"><Money value={value} currency={currency} /></td>
              <td className="r t2">{value && total ? sharePercent(value, total) : '–'}</td>
            </tr>
          );
        })}
        {rest && total ? (
          <tr>
            <td className="t2">Other ({count(others)})</td>
            <td className="r"><Money value={rest} currency={currency} /></td>
            <td className="r t2">{sharePercent(rest, total)}</td>
          </tr>
        ) : null}
      </tbody>
      <tfoot>
        <tr className="tot">
          <td>Total</td>
          <td className="r"><Money value={total} currency={currency} symbol /></td>
          <td />
        </tr>
      </tfoot>
    </table>
  );
}

const MOST_NAMES = 6;

function DriversBody({ q, currency, room }: Inside) {
  const query = useQuery({ ...allRowsQuery(driversPlan(q, [q.by[0]!.id])), enabled: q.whole.compare !== null });
  if (!q.whole.compare) return <Empty icon="explore" title="Nothing to compare with">Save it with a comparison.</Empty>;
  return (
    <Loaded query={query} height={room} skeleton="bars">
      {(answer) => {
        const { total } = driversOf(answer, q.by[0]!, MOST_NAMES);
        const kinds = partsIn(total.parts);
        if (!kinds.length) return <Empty icon="explore" title="Nothing has changed">Over the days that are whole on both sides.</Empty>;
        const change = moneyText(total.change, currency, { symbol: true, sign: true });
        return (
          <Waterfall
            steps={kinds.map((k) => ({ key: k.id, label: k.name, hint: k.hint, change: format(total.parts[k.id]) }))}
            total={format(total.change)} totalLabel="Change" totalHint="sums exactly" currency={currency} height={room}
            label={`Change by part: ${kinds.map((k) => `${k.name} ${moneyText(total.parts[k.id], currency, { symbol: true, sign: true })}`).join(', ')}; together ${change}.`}
          />
        );
      }}
    </Loaded>
  );
}
