import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { deliveriesQuery, sourcesQuery } from '~/api/queries';
import type { Result, Summary } from '~/api/types';
import { StackChart } from '~/charts/stack';
import { Figure, SeriesTable } from '~/charts/figure';
import { addDays, addMonths, bucketText, buckets, dayText, rangeText, shortMonth, month as monthNr } from '~/lib/dates';
import { parse, ZERO, add } from '~/lib/decimal';
import { moneyText } from '~/lib/money';
import { only, withFilter } from '~/lib/plan';
import type { Anchor, Scope } from '~/lib/search';
import { METRIC_NAMES } from '~/lib/words';
import { RatesLine } from '../rates-line';
import { FreshnessLine, lateWords, sourceStates } from '~/shell/freshness';
import { latestMonth, monthSummary, useKeptScope, useScope, useSourceName, useSummary } from '~/shell/use-scope';
import { Icon } from '~/ui/icon';
import { Note, Section } from '~/ui/parts';
import { Empty, HeadlineRoom, HeadlineToCome, Loaded, PageFailed, Skeleton } from '~/ui/states';
import { StartPage } from '../start';
import { coverOf, useSeries } from '../use-series';
import { Changes } from './parts/changes';
import { Closed } from './parts/closed';
import { DataStrip } from './parts/data';
import { Headline } from './parts/headline';
import { MonthSection } from './parts/month-section';
import { Ranking } from './parts/ranking';
import { Tiles, TilesToCome, type MonthFacts } from './parts/tiles';
import { expectedOf } from './expected';
import { cumulative, dailyMap, monthOf, useArrivals, useByDimension, useDaily, useMonthForecast, usePainted, usePlaces, useYear, type Month } from './use-overview';

const TREND_MONTHS = 13;

export function OverviewPage() {
  const summary = useSummary();
  const ready = useScope();
  const kept = useKeptScope();
  if (summary.error && !summary.data) return <PageFailed error={summary.error} onRetry={() => void summary.refetch()} />;
  if (!ready) return <LoadingPage />;
  if (ready.summary.ledger_version === 0) return <StartPage />;
  const { scope } = ready;
  const month = monthOf(scope.convert ? latestMonth(ready.summary) : monthSummary(ready.summary, scope.currency));
  if (!month)
    return (
      <div className="page">
        <h1 className="sr">Overview</h1>
        <Empty icon="calendar" title="No whole day of data yet" action={<Link to="/sources" search={kept} className="btn">Sources</Link>}>
          The overview begins when the first day of a month is complete.
        </Empty>
      </div>
    );
  return <MonthPage scope={ready.scope} anchor={ready.anchor} summary={ready.summary} month={month} />;
}

function LoadingPage() {
  return (
    <div className="page" aria-busy="true">
      <div className="head">
        <div><HeadlineToCome lines={6} /><div className="fresh">{'\u00a0'}</div></div>
      </div>
      <TilesToCome />
      <Skeleton height={430} kind="bars" />
    </div>
  );
}

/** Opens what a figure is made of, in Explore, over the same days. */
function useOpen(month: Month) {
  const navigate = useNavigate();
  const scope = useKeptScope();
  return (field: string, by: string) => (id: string | null) => {
    void navigate({
      to: '/explore',
      search: {
        ...scope,
        time: rangeText(month.now),
        compare: rangeText(month.before),
        filters: withFilter(scope.filters ?? [], only(field, id)),
        by: [by],
      },
    });
  };
}

/** The month's figures: without filters the summary has them already; with filters they come with the days. */
function monthFacts(scope: Scope, month: Month, summary: Summary, daily: ReturnType<typeof useDaily>, year: Result | undefined): MonthFacts {
  /* the summary is as billed */
  const own = scope.convert ? null : monthSummary(summary, scope.currency);
  const only = scope.filters.every((f) => f.field === 'currency');
  if (own && only && summary.metric === scope.metric && own.month_to_date !== null) {
    const before = own.previous.amount === null ? null : parse(own.previous.amount);
    const whole = own.previous.whole_month === null ? null : parse(own.previous.whole_month);
    return { now: parse(own.month_to_date), before, beforeWhole: before && whole, yearToDate: parse(own.year_to_date ?? own.month_to_date) };
  }
  const yearToDate = year?.rows.map((r) => parse(r[scope.metric] as string)).reduce(add, ZERO);
  if (!daily.data || daily.isPlaceholderData) return { now: undefined, before: undefined, beforeWhole: undefined, yearToDate };
  const map = dailyMap(daily.data, scope.metric);
  const last = (days: Parameters<typeof cumulative>[1]) => parse(cumulative(map, days).at(-1) ?? '0');
  const known = buckets(month.beforeWhole, 'day').some((d) => map.has(d));
  return { now: last(month.now), before: known ? last(month.before) : null, beforeWhole: known ? last(month.beforeWhole) : null, yearToDate };
}

function MonthPage({ scope, summary, month }: { scope: Scope; anchor: Anchor; summary: Summary; month: Month }) {
  const painted = usePainted();
  const nameOf = useSourceName();
  const daily = useDaily(scope, month, painted);
  const services = useByDimension(scope, month, 'service', painted);
  const accounts = useByDimension(scope, month, 'sub_account', painted);
  const year = useYear(scope, month, painted);
  const forecast = useMonthForecast(scope, month, painted);
  const places = usePlaces(scope, month, painted);
  const search = useKeptScope();
  const open = useOpen(month);
  const currency = scope.currency ?? daily.data?.currency ?? 'USD';
  const states = sourceStates(summary.freshness);
  const late = states.filter((s) => s.lateDays > 0);

  const facts = monthFacts(scope, month, summary, daily, year.data);

  return (
    <div className="page">
      <div className="head">
        <div>
          {facts.now ? (
            <HeadlineRoom lines={6}>
              <Headline month={month} now={facts.now} before={facts.before ?? null} currency={currency} services={services.isPlaceholderData ? undefined : services.data} failed={services.error !== null} />
            </HeadlineRoom>
          ) : daily.error ? (
            <h1>{month.name} is not known right now. <span>The question below failed; the rest of the page stands.</span></h1>
          ) : (
            <HeadlineToCome lines={6} />
          )}
          <FreshnessLine freshness={summary.freshness} />
          <RatesLine rates={daily.data?.rates} currency={currency} />
        </div>
      </div>
      {late.length ? (
        <Note>
          <b className="b">{late.map((s) => nameOf(s.source)).join(', ')}</b> {late.length === 1 ? `is ${lateWords(late[0]!.lateDays)}` : 'are late'}: what is not there is in no figure here, and is not taken as 0. <Link to="/sources" search={search} className="link">See sources</Link>
        </Note>
      ) : null}
      {summary.currencies.length > 1 && !scope.convert ? (
        <p className="s t2 mb-3">
          Figures are what is billed in {currency}. Also billed, and not added: {summary.by_currency.filter((c) => c.currency !== currency).map((c) => `${c.month_to_date ? moneyText(parse(c.month_to_date), c.currency) : c.currency}`).join(', ')} this month.
        </p>
      ) : null}
      <Tiles facts={{ ...facts, month, year: year.data, services: services.data, currency, metric: scope.metric }} />
      <div className="cols">
        <div>
          {daily.data ? (
            <Loaded query={daily} height={430}>
              {(result) => <MonthSection month={month} daily={dailyMap(result, scope.metric)} expected={forecast.data && !forecast.isPlaceholderData ? expectedOf(forecast.data, month, currency) : null} unknown={forecast.error !== null} currency={currency} />}
            </Loaded>
          ) : (
            <Section title="Month to date">
              <Loaded query={daily} height={386} skeleton="bars">{() => null}</Loaded>
            </Section>
          )}
        </div>
        <Section title="Accounts" sub="month to date">
          <Loaded query={accounts} height={380}>
            {(result) => <Ranking result={result} dimension="sub_account" currency={currency} top={8} onOpen={open('sub_account', 'service')} />}
          </Loaded>
        </Section>
      </div>
      <div className="cols cols-b">
        <Section
          title="What changed"
          sub={`${dayText(month.now.start, month.until)} to ${dayText(month.until, month.until)} against the same days of ${month.beforeName}`}
          tools={
            <Link to="/explore" search={{ ...search, time: rangeText(month.now), compare: rangeText(month.before), view: 'drivers' }} className="btn btn-quiet">
              <Icon name="drill" />
              All drivers
            </Link>
          }
        >
          <Loaded query={services} height={420}>
            {(result) => <Changes result={result} places={places.isPlaceholderData ? undefined : places.data} month={month} currency={currency} onOpen={open('service', 'sub_account')} />}
          </Loaded>
        </Section>
        {painted ? <DataSection month={month} summary={summary} currency={currency} /> : <Section title="Data"><Skeleton height={200} /></Section>}
      </div>
      {painted ? <TrendRow scope={scope} summary={summary} month={month} currency={currency} services={services} onOpen={open('service', 'sub_account')} /> : null}
    </div>
  );
}

function DataSection({ month, summary, currency }: { month: Month; summary: Summary; currency: string }) {
  const end = addDays(summary.today < month.until ? month.until : summary.today, 1);
  const stop = end > addMonths(month.now.start, 1) ? addMonths(month.now.start, 1) : end;
  const arrivals = useArrivals(month, stop);
  const sources = useQuery(sourcesQuery());
  const closed = month.beforeWhole.start.slice(0, 7);
  const deliveries = useInfiniteQuery(deliveriesQuery(closed));
  const search = useKeptScope();
  const days = buckets({ start: month.now.start, end: stop }, 'day');
  return (
    <Section title="Data" sub="one cell a day" tools={<Link to="/sources" search={search} className="btn btn-quiet">Sources</Link>}>
      <Loaded query={arrivals} height={200}>
        {(result) => <DataStrip states={sourceStates(summary.freshness)} arrivals={result} days={days} sources={sources.data} />}
      </Loaded>
      {deliveries.data ? (
        <Closed
          deliveries={deliveries.data.pages.flatMap((p) => p.data)}
          period={closed}
          name={month.beforeName}
          currency={currency}
        />
      ) : null}
    </Section>
  );
}

function TrendRow({ scope, summary, month, currency, services, onOpen }: {
  scope: Scope;
  summary: Summary;
  month: Month;
  currency: string;
  services: ReturnType<typeof useByDimension>;
  onOpen: (id: string | null) => void;
}) {
  const time = { start: addMonths(month.now.start, 1 - TREND_MONTHS), end: month.now.end };
  const trend = useSeries(
    { metric: scope.metric, time, filters: scope.filters, currency: scope.convert, dimension: 'service', dimensionName: 'service', grain: 'month', top: 8, depth: 8 },
    coverOf(summary.freshness, month.now.end),
  );
  const total = trend.data?.totals.reduce((t, v) => (v === null ? t : add(t, parse(v))), ZERO);
  const sentence = total ? `${METRIC_NAMES[scope.metric]} by month and service, ${moneyText(total, currency)} in all.` : '';
  const name = (b: string) => bucketText(b, 'month');
  return (
    <div className="cols cols-b">
      <Section title="Trend" sub={`${TREND_MONTHS} months by service; the last is not complete`}>
        <Loaded query={trend} height={352} skeleton="bars">
          {(answer) => (
            <Figure sentence={sentence} table={<SeriesTable buckets={answer.buckets} name={name} series={answer.series} currency={currency} />}>
              <StackChart
                kind="bars"
                buckets={answer.buckets}
                tick={(b) => (monthNr(b) === 1 ? b.slice(0, 4) : shortMonth(b))}
                name={name}
                series={answer.series}
                partial={answer.partial}
                missing={answer.missing}
                currency={currency}
                height={352}
                label={sentence}
              />
            </Figure>
          )}
        </Loaded>
      </Section>
      <Section title="Services" sub="month to date">
        <Loaded query={services} height={352}>
          {(result) => <Ranking result={result} dimension="service" currency={currency} top={8} colours={trend.data?.colours} onOpen={onOpen} />}
        </Loaded>
      </Section>
    </div>
  );
}

