/* What stands below the first sight of the overview, each part with the questions of its own. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useDeferredValue } from 'react';
import { deliveriesQuery, sourcesQuery } from '~/api/queries';
import type { Summary } from '~/api/types';
import { Figure, SeriesTable } from '~/charts/figure';
import { StackChart } from '~/charts/stack';
import { addDays, addMonths, bucketText, buckets, dayText, month as monthNr, rangeText, shortMonth } from '~/lib/dates';
import { add, parse, ZERO } from '~/lib/decimal';
import { moneyText } from '~/lib/money';
import { METRIC_NAMES } from '~/lib/words';
import { sourceStates } from '~/shell/freshness';
import { useKeptScope } from '~/shell/use-scope';
import { useSeesAll } from '~/shell/use-session';
import { Icon } from '~/ui/icon';
import { Section } from '~/ui/parts';
import { Loaded } from '~/ui/states';
import { Ranking } from '../../ranking';
import { coverOf, useSeries } from '../../use-series';
import type { Way } from '../../value-link';
import { expectedOf } from '../expected';
import { dailyMap, useArrivals, useByDimension, useDaily, useMonthForecast, usePlaces, type Month, type MonthProps } from '../use-overview';
import { Changes } from './changes';
import { Closed } from './closed';
import { DataStrip } from './data';
import { MonthSection } from './month-section';
import { Needs } from './needs';

const TREND_MONTHS = 13;

/** To what a figure is made of, over the same days. */
function useWay(month: Month, by: string): Way {
  return { scope: { ...useKeptScope(), time: rangeText(month.now), compare: rangeText(month.before) }, by };
}

export function MonthPart({ scope, month, currency }: MonthProps) {
  const daily = useDaily(scope, month, true);
  const forecast = useMonthForecast(scope, month, daily.data !== undefined);
  const data = useDeferredValue(daily.data); /* the chart is drawn in pieces, as what <Loaded> holds */
  if (!data)
    return (
      <Section title="Month to date">
        <Loaded query={daily} height={386} skeleton="bars">{() => null}</Loaded>
      </Section>
    );
  return (
    <Loaded query={{ ...daily, data }} height={430}>
      {(result) => <MonthSection month={month} daily={dailyMap(result, scope.metric)} expected={forecast.data && !forecast.isPlaceholderData ? expectedOf(forecast.data, month, currency) : null} unknown={forecast.error !== null} currency={currency} />}
    </Loaded>
  );
}

export const NeedsPart = Needs;

export function AccountsPart({ scope, month, currency, top }: MonthProps & { top: number }) {
  const accounts = useByDimension(scope, month, 'sub_account', true);
  const way = useWay(month, 'service');
  return (
    <Section title="Accounts" sub="month to date">
      <Loaded query={accounts} height={top > 4 ? 380 : 192}>
        {(result) => <Ranking result={result} dimension="sub_account" currency={currency} top={top} way={way} />}
      </Loaded>
    </Section>
  );
}

export function ChangesPart({ scope, month, currency }: MonthProps) {
  const services = useByDimension(scope, month, 'service', true);
  const places = usePlaces(scope, month, true);
  const search = useKeptScope();
  const way = useWay(month, 'sub_account');
  return (
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
        {(result) => <Changes result={result} places={places.isPlaceholderData ? undefined : places.data} month={month} currency={currency} way={way} />}
      </Loaded>
    </Section>
  );
}

export function DataPart({ month, summary, currency }: { month: Month; summary: Summary; currency: string }) {
  const end = addDays(summary.today < month.until ? month.until : summary.today, 1);
  const stop = end > addMonths(month.now.start, 1) ? addMonths(month.now.start, 1) : end;
  const arrivals = useArrivals(month, stop);
  const sources = useQuery(sourcesQuery());
  const closed = month.beforeWhole.start.slice(0, 7);
  const seesAll = useSeesAll();
  const deliveries = useInfiniteQuery({ ...deliveriesQuery(closed), enabled: seesAll });
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

export function TrendPart({ scope, summary, month, currency }: MonthProps) {
  const services = useByDimension(scope, month, 'service', true);
  const way = useWay(month, 'sub_account');
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
          {(result) => <Ranking result={result} dimension="service" currency={currency} top={8} colours={trend.data?.colours} way={way} />}
        </Loaded>
      </Section>
    </div>
  );
}

