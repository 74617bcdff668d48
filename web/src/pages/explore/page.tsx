import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { costsQuery } from '~/api/queries';
import type { Result, Row, Summary } from '~/api/types';
import { plan, only, without, withFilter, type Filter, type Plan } from '~/lib/plan';
import { dayText, rangeText, rangeWords, lengthOf } from '~/lib/dates';
import { changePercent, count, moneyText } from '~/lib/money';
import { abs, compare, type Decimal } from '~/lib/decimal';
import { METRIC_SHORT, dimensionName } from '~/lib/words';
import { planOf, type Anchor, type ExploreSearch, type Scope } from '~/lib/search';
import { FreshnessLine } from '~/shell/freshness';
import { useScope, useScopeSearch, useSetSearch, useSummary } from '~/shell/use-scope';
import { useMay } from '~/shell/use-session';
import { Empty, HeadlineToCome, Loaded, PageFailed, Skeleton } from '~/ui/states';
import { InTurn, Turns } from '~/ui/turns';
import { StartPage } from '../start';
import { CopyAs, Export, GroupBy, Tools } from './parts/tools';
import { MarkMenu, type MarkTarget, type Target } from './parts/mark-menu';
import { NoteDialog, type NoteAsked } from './parts/notes';
import { TrendChart } from './parts/trend-chart';
import { RatesLine } from '../rates-line';
import { idOf, keyOf } from '../use-series';
import { nameRows, totalRow, type Answers } from './rows';
import { driversPlan, nextDimension, useChart, useQuestion, useTable, type Question } from './use-explore';

/* The sentence and the chart come first; tables are long, and so is their code. */
const TrendTable = lazy(() => import('./parts/trend-table').then((m) => ({ default: m.TrendTable })));
const DriversView = lazy(() => import('./parts/drivers-view').then((m) => ({ default: m.DriversView })));
const ChargeTable = lazy(() => import('./parts/charges').then((m) => ({ default: m.ChargeTable })));
const ChargesDrawer = lazy(() => import('./parts/charges').then((m) => ({ default: m.ChargesDrawer })));
const OneChargeDrawer = lazy(() => import('./parts/charges').then((m) => ({ default: m.OneChargeDrawer })));

export function ExplorePage() {
  const summary = useSummary();
  const ready = useScope();
  const search = useScopeSearch();
  if (summary.error && !summary.data) return <PageFailed error={summary.error} onRetry={() => void summary.refetch()} />;
  if (!ready)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /><div className="fresh">{'\u00a0'}</div></div></div>
        <Skeleton height={352} kind="bars" />
      </div>
    );
  if (ready.summary.ledger_version === 0) return <StartPage />;
  const props = { search, scope: ready.scope, anchor: ready.anchor, summary: ready.summary };
  return search.view === 'charges' ? <ChargesView {...props} /> : <TrendView {...props} />;
}

interface ViewProps {
  search: ExploreSearch;
  scope: Scope;
  anchor: Anchor;
  summary: Summary;
}

/** The views of one question, with what each holds where it is known. */
function Tabs({ search, change, charges }: { search: ExploreSearch; change?: string | undefined; charges?: string | undefined }) {
  const { view, ...trend } = search;
  const resources = search.by?.length === 1 && search.by[0] === 'resource';
  const { by: __, order: ___, ...plain } = trend;
  const tab = (name: string, on: boolean, next: ExploreSearch, holds?: string) => (
    <Link to="/explore" search={next} aria-current={on ? 'page' : undefined} activeProps={{}} activeOptions={{ exact: true, includeSearch: true }}>
      {name}
      {holds ? <em>{holds}</em> : null}
    </Link>
  );
  return (
    <nav className="tabs" aria-label="View">
      {tab('Trend', !resources && !view, resources ? plain : trend)}
      {tab('Drivers of change', view === 'drivers', { ...(resources ? plain : trend), view: 'drivers' }, change)}
      {tab('Resources', resources && !view, { ...plain, by: ['resource'] })}
      {tab('Charge rows', view === 'charges', { ...trend, view: 'charges' }, charges)}
    </nav>
  );
}

/** How many charge rows there are: cheap, because it is counted when the bill is read. */
function useChargeCount(scope: Scope): string | undefined {
  const { data, isPlaceholderData } = useQuery(costsQuery(plan({ measures: ['charge_count'], time: scope.time, filters: scope.filters })));
  const n = data?.totals[0]?.['charge_count'];
  return isPlaceholderData || n === null || n === undefined ? undefined : count(Number(n));
}

function Headline({ answers, q, anchor, currency }: { answers: Answers | undefined; q: Question; anchor: Anchor; currency: string }) {
  if (!answers) return <HeadlineToCome />;
  const total = totalRow(answers);
  const days = lengthOf(q.scope.time);
  const when = rangeWords(q.scope.time, anchor.today);
  if (!total.amount) return <h1>Nothing was charged. <span>{when}, with these filters.</span></h1>;
  return (
    <h1>
      {moneyText(total.amount, currency)} in {days === 1 ? 'one day' : `${days} days`}.
      <span>
        {total.now && total.before && q.whole.compare
          ? `${q.whole.time.start > q.scope.time.start ? `Over ${rangeWords(q.whole.time, anchor.today)}, ` : ''}${againstWords(total.now, total.before)} ${rangeWords(q.whole.compare, anchor.today)}${q.whole.cut ? ', whole days' : ''}.`
          : `${when}.`}
        <Mover answers={answers} q={q} currency={currency} />
      </span>
    </h1>
  );
}

/** "1.9% more than", "3.4× as much as", "much the same as": what stands before the name of the other range. */
function againstWords(now: Decimal, before: Decimal): string {
  const by = changePercent(now, before);
  if (by === 'new') return 'All of it is new against';
  if (by.endsWith('×')) return `${by} as much as`;
  if (/^[+−]?0\.0%$/.test(by) || by === '·') return now.units === before.units ? 'Exactly as much as' : 'Much the same as';
  return `${by.slice(1)} ${by.startsWith('+') ? 'more' : 'less'} than`;
}

/** Whose change is largest, whichever way it goes. */
function Mover({ answers, q, currency }: { answers: Answers; q: Question; currency: string }) {
  const most = nameRows(answers, q.by[0]!, false)
    .filter((r) => r.change !== null && r.change.units !== 0n)
    .sort((a, b) => compare(abs(b.change!), abs(a.change!)))[0];
  if (!most?.change) return null;
  return (
    <>
      {' '}
      {most.label} {most.change.units > 0n ? 'rose' : 'fell'} most, <em className="m">{moneyText(most.change, currency, { symbol: true, sign: true })}</em>.
    </>
  );
}

/** What changed, and between which amounts; the day count says over how much of the range. */
function DriversHeadline({ answers, q, anchor, currency }: { answers: Answers | undefined; q: Question; anchor: Anchor; currency: string }) {
  if (!answers) return <HeadlineToCome />;
  const { now, before, change } = totalRow(answers);
  if (!now || !before || !change || !q.whole.compare) return <h1>What made the change. <span>There is nothing to compare {rangeWords(q.scope.time, anchor.today)} with.</span></h1>;
  const days = lengthOf(q.whole.time);
  return (
    <h1>
      {moneyText(change, currency, { symbol: true, sign: true })} on {days === 1 ? 'one whole day' : `${days} whole days`}, from {moneyText(before, currency)} to {moneyText(now, currency)}.
      <span>
        {rangeWords(q.whole.time, anchor.today)} against {rangeWords(q.whole.compare, anchor.today)}.
        <Mover answers={answers} q={q} currency={currency} />
      </span>
    </h1>
  );
}

function Nothing({ search, anchor }: { search: ExploreSearch; anchor: Anchor }) {
  const set = useSetSearch();
  if (search.filters?.length)
    return (
      <Empty icon="filter" title="Nothing fits these filters" action={<button type="button" className="btn" onClick={() => set({ filters: undefined })}>Remove the filters</button>}>
        {search.filters.length === 1 ? 'The filter leaves' : 'Together the filters leave'} no charge in this time.
      </Empty>
    );
  return (
    <Empty icon="calendar" title="No charge in this time" action={<button type="button" className="btn" onClick={() => set({ time: '12m' })}>Last 12 months</button>}>
      Data ends on {dayText(anchor.today)}. Another range may have some.
    </Empty>
  );
}

function TrendView({ search, scope, anchor, summary }: ViewProps) {
  const q = useQuestion(search, scope, anchor, summary.freshness);
  const table = useTable(q, [q.by[0]!.id], search.order);
  const charges = useChargeCount(scope);
  const [target, setTarget] = useState<MarkTarget | null>(null);
  const [rows, setRows] = useState<{ plan: Plan; name: string } | null>(null);
  const [note, setNote] = useState<NoteAsked | null>(null);
  const set = useSetSearch();
  const currency = scope.currency ?? table.result?.currency ?? 'USD';
  const empty = table.data && !table.isPlaceholderData && table.data.count === 0;
  const change = table.data && !table.isPlaceholderData ? totalRow(table.data).change : null;
  const drivers = search.view === 'drivers';
  const asked = drivers && q.whole.compare ? driversPlan(q, q.by.map((d) => d.id)) : planOf(search, anchor);
  return (
    <div className="page">
      <div className="head">
        <div>
          {table.error && !table.data ? (
            <h1>This question failed. <span>The reason stands below.</span></h1>
          ) : drivers ? (
            <DriversHeadline answers={table.data} q={q} anchor={anchor} currency={currency} />
          ) : (
            <Headline answers={table.data} q={q} anchor={anchor} currency={currency} />
          )}
          <FreshnessLine freshness={summary.freshness} />
          <RatesLine rates={table.result?.rates} currency={currency} />
        </div>
      </div>
      <Tabs search={search} charges={charges} change={change ? moneyText(change, currency, { symbol: true, sign: true }) : undefined} />
      {drivers ? (
        <Suspense fallback={<Skeleton height={600} />}>
          <DriversView
            q={q}
            currency={currency}
            onTarget={setTarget}
            onCompare={() => set({ compare: undefined })}
            tools={
              <>
                <GroupBy q={q} search={search} alone />
                <CopyAs plan={asked} />
                <Export plan={asked} name={`farthing-drivers-${scope.time.start}.csv`} />
              </>
            }
          />
        </Suspense>
      ) : empty ? (
        <Nothing search={search} anchor={anchor} />
      ) : (
        <Trend q={q} search={search} anchor={anchor} summary={summary} table={table} plan={asked} currency={currency} selected={target?.mark ?? null} onTarget={setTarget} onNote={setNote} />
      )}
      {target ? (
        <Acts key={`${target.dimension}${target.id}`} target={target} q={q} search={search} currency={currency} onClose={() => setTarget(null)} onCharges={setRows} onNote={setNote} />
      ) : null}
      {rows ? <Suspense><ChargesDrawer {...rows} onClose={() => setRows(null)} /></Suspense> : null}
      {note ? <NoteDialog {...note} onClose={() => setNote(null)} /> : null}
    </div>
  );
}

/** The chart over the table, as one answer. */
function Trend({ q, search, anchor, summary, table, plan: asked, currency, selected, onTarget, onNote }: {
  q: Question;
  search: ExploreSearch;
  anchor: Anchor;
  summary: Summary;
  table: ReturnType<typeof useTable>;
  plan: Plan;
  currency: string;
  selected: MarkTarget['mark'] | null;
  onTarget: (target: MarkTarget) => void;
  onNote: (note: NoteAsked) => void;
}) {
  const nested = useTable(q, q.by.map((d) => d.id), search.order, q.by.length > 1);
  const [deep, setDeep] = useState(false);
  const { series, ghost } = useChart(q, summary.freshness, deep);
  return (
    <Turns of={2}>
      <Tools q={q} search={search} plan={asked} today={anchor.today} partial={(series.data?.partial.size ?? 0) > 0} />
      <Loaded query={series} height={352} skeleton="bars">
        {(answer) => (
          <TrendChart q={q} answer={answer} ghost={ghost} kind={search.chart ?? 'bars'} currency={currency} today={anchor.today} selected={selected ?? null} onTarget={onTarget} onNote={onNote} />
        )}
      </Loaded>
      <InTurn at={2} room={<Skeleton height={360} />}>
        <Suspense fallback={<Skeleton height={360} />}>
          <Loaded query={table} height={360}>
            {(answers) => (
              <TrendTable
                q={q}
                answers={answers}
                nested={q.by.length > 1 ? nested.data : undefined}
                series={series.data}
                currency={currency}
                search={search}
                today={anchor.today}
                metricName={METRIC_SHORT[q.scope.metric]}
                onTarget={onTarget}
                onEnd={table.more}
                onOther={() => setDeep(true)}
              />
            )}
          </Loaded>
        </Suspense>
      </InTurn>
      <FootNote q={q} answers={table.data} result={table.result} />
    </Turns>
  );
}

function FootNote({ q, answers, result }: { q: Question; answers: Answers | undefined; result: Result | undefined }) {
  if (!answers || !result) return null;
  const name = q.by[0]!.name.toLowerCase();
  const here = new Set(answers.rows.map((r) => keyOf(idOf(r, q.by[0]!.id))));
  const gone = (answers.compared ?? []).filter((r) => !here.has(keyOf(idOf(r, q.by[0]!.id)))).length;
  return (
    <p className="foot-note">
      {count(answers.count)}{answers.more ? '+' : ''} {answers.count === 1 ? name : name.replace(/y$/, 'ie') + 's'}{gone && !answers.more ? `, and ${gone} that ${gone === 1 ? 'is' : 'are'} only in the time before` : ''}. Ledger version {count(result.ledger_version)}.
      {q.whole.cut && q.whole.compare
        ? ` Changes are over ${rangeWords(q.whole.time)} against ${rangeWords(q.whole.compare)}: days that are not complete are left out on both sides.`
        : ''}
      {q.scope.compare && !q.whole.compare ? ' There is no bill of the time to compare with.' : ''}
      {result.warnings.map((w) => ` ${w}`)}
    </p>
  );
}

/** The menu of a figure and what its items do to the search. */
function Acts({ target, q, search, currency, onClose, onCharges, onNote }: {
  target: Target;
  q: Question;
  search: ExploreSearch;
  currency: string;
  onClose: () => void;
  onCharges: (open: { plan: Plan; name: string }) => void;
  onNote: (note: NoteAsked) => void;
}) {
  const mayNote = useMay('annotations.write');
  const set = useSetSearch();
  const own = search.filters ?? [];
  const next = nextDimension(target.dimension, target.filters);
  const inside = target.filters.filter((f: Filter) => f.field !== 'currency').reduce<Filter[]>((all, f) => (all.some((x) => JSON.stringify(x) === JSON.stringify(f)) ? all : withFilter(all, f)), []);
  const bucket = rangeText(target.time) !== rangeText(q.scope.time);
  const here = bucket ? { time: rangeText(target.time), ...(lengthOf(target.time) <= 3 && q.grain !== 'hour' ? { grain: 'day' as const } : {}) } : {};
  const then = (run: () => void) => () => {
    onClose();
    run();
  };
  return (
    <MarkMenu
      target={target}
      currency={currency}
      next={dimensionName(next, undefined)}
      onClose={onClose}
      acts={{
        only: then(() => set({ filters: withFilter(own, only(target.dimension, target.id)) })),
        leaveOut: then(() => set({ filters: withFilter(own, without(target.dimension, target.id)) })),
        breakDown: then(() => set({ ...here, filters: inside, by: next === 'service' ? undefined : [next], order: undefined })),
        note: bucket && mayNote ? then(() => onNote({ date: target.time.start, notes: [] })) : null,
        resources: then(() => set({ ...here, filters: inside, by: ['resource'], order: undefined })),
        charges: then(() => onCharges({ name: `${target.label}, ${target.when}`, plan: plan({ measures: [], time: target.time, filters: target.filters, rows: true }) })),
      }}
    />
  );
}

function ChargesView({ search, scope, anchor, summary }: ViewProps) {
  const [one, setOne] = useState<{ result: Result; row: Row } | null>(null);
  const asked = planOf(search, anchor);
  return (
    <div className="page">
      <div className="head">
        <div>
          <h1>Every charge, as it was billed. <span>{rangeWords(scope.time, anchor.today)}, one row each.</span></h1>
          <FreshnessLine freshness={summary.freshness} />
        </div>
      </div>
      <Tabs search={search} charges={useChargeCount(scope)} />
      <div className="tools">
        <span className="grow" />
        <CopyAs plan={asked} />
        <Export plan={asked} name={`farthing-charges-${scope.time.start}.csv`} />
      </div>
      <Suspense fallback={<Skeleton height={600} />}>
        <ChargeTable plan={asked} onRow={(result, row) => setOne({ result, row })} />
        {one ? <OneChargeDrawer {...one} onClose={() => setOne(null)} /> : null}
      </Suspense>
    </div>
  );
}

