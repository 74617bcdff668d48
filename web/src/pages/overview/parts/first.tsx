/* The first sight of the overview: the sentence and the five figures. */
import type { Result, Summary } from '~/api/types';
import { buckets } from '~/lib/dates';
import { add, parse, ZERO } from '~/lib/decimal';
import type { Scope } from '~/lib/search';
import { FreshnessLine } from '~/shell/freshness';
import { monthSummary } from '~/shell/use-scope';
import { HeadlineRoom, HeadlineToCome } from '~/ui/states';
import { useTurn } from '~/ui/turns';
import { RatesLine } from '../../rates-line';
import { cumulative, dailyMap, useByDimension, useDaily, useYear, type Month, type MonthProps } from '../use-overview';
import { Headline } from './headline';
import { Tiles, type MonthFacts } from './tiles';

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

export function Opening({ scope, summary, month, currency }: MonthProps) {
  const painted = useTurn(1);
  const daily = useDaily(scope, month, painted);
  const services = useByDimension(scope, month, 'service', painted);
  const facts = monthFacts(scope, month, summary, daily, undefined);
  return (
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
  );
}

export function Figures({ scope, summary, month, currency }: MonthProps) {
  const painted = useTurn(1);
  const daily = useDaily(scope, month, painted);
  const services = useByDimension(scope, month, 'service', painted);
  const year = useYear(scope, month, painted);
  const facts = monthFacts(scope, month, summary, daily, year.data);
  return <Tiles facts={{ ...facts, month, year: year.data, services: services.data, currency, metric: scope.metric }} />;
}
