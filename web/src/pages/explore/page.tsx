import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { costsQuery } from '~/api/queries';
import type { Result, Row, Summary } from '~/api/types';
import { plan, type Plan } from '~/lib/plan';
import { dayText, rangeWords, lengthOf } from '~/lib/dates';
import { count, moneyText } from '~/lib/money';
import { METRIC_SHORT } from '~/lib/words';
import { planOf, type Anchor, type ExploreSearch, type Scope } from '~/lib/search';
import { FreshnessLine } from '~/shell/freshness';
import { useScope, useScopeSearch, useSetSearch, useSummary } from '~/shell/use-scope';
import { Empty, HeadlineToCome, Loaded, PageFailed, Skeleton } from '~/ui/states';
import { InTurn, Turns } from '~/ui/turns';
import { StartPage } from '../start';
import { CopyAs, Export, GroupBy, Tools } from './parts/tools';
import { Acts } from './parts/acts';
import type { MarkTarget } from './parts/mark-menu';
import { NoteDialog, type NoteAsked } from './parts/notes';
import { Mover, againstText } from './parts/sentences';
import { TrendChart } from './parts/trend-chart';
import { RatesLine } from '../rates-line';
import { idOf } from '~/api/told';
import { keyOf } from '../use-series';
import { totalRow, type Answers } from './rows';
import { driversPlan, useChart, useQuestion, useTable, type Question } from './use-explore';

/* The sentence and the chart come first; tables are long, and so is their code. */
const TrendTable = lazy(() => import('./parts/trend-table').then((m) => ({ default: m.TrendTable })));
const UnshownPage = lazy(() => import('./parts/unshown').then((m) => ({ default: m.UnshownPage })));
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
  if (search.plan) return <Suspense fallback={<Skeleton height={352} />}><UnshownPage plan={search.plan} summary={ready.summary} /></Suspense>;
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
        {againstText(answers, q, anchor.today)}
        <Mover answers={answers} q={q} currency={currency} />
      </span>
    </h1>
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
                <Export plan={asked} name={`farthing-drivers-${scope.time.start}`} />
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
        <Acts key={`${target.dimension}${target.id}`} target={target} q={q} own={search.filters ?? []} go={set} currency={currency} onClose={() => setTarget(null)} onCharges={setRows} onNote={setNote} />
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
        <Export plan={asked} name={`farthing-charges-${scope.time.start}`} />
      </div>
      <Suspense fallback={<Skeleton height={600} />}>
        <ChargeTable plan={asked} onRow={(result, row) => setOne({ result, row })} />
        {one ? <OneChargeDrawer {...one} onClose={() => setOne(null)} /> : null}
      </Suspense>
    </div>
  );
}

