/* What the overview asks. All of it is about one month: the last with data. */
import { useQuery } from '@tanstack/react-query';
import { allRowsQuery, costsQuery, forecastQuery } from '~/api/queries';
import type { MonthSummary, Result, Summary } from '~/api/types';
import { addDays, addMonths, buckets, daysBetween, monthText, type Range } from '~/lib/dates';
import { ZERO, add, format, parse, type Decimal } from '~/lib/decimal';
import { plan } from '~/lib/plan';
import type { Scope } from '~/lib/search';
import { useToldQuery } from '~/api/told';

export interface Month {
  now: Range; /* first of the month to the last whole day */
  before: Range; /* the same days of the month before */
  beforeWhole: Range;
  name: string;
  beforeName: string;
  until: string;
}

/** What each part of the page is about. */
export interface MonthProps {
  scope: Scope;
  currency: string; /* in which its figures are */
  summary: Summary;
  month: Month;
}

export function monthOf(summary: MonthSummary | null): Month | null {
  const month = summary?.month;
  if (!month?.until || month.until < month.start) return null;
  const end = addDays(month.until, 1);
  const start = addMonths(month.start, -1);
  const same = addDays(start, daysBetween(month.start, end));
  return {
    now: { start: month.start, end },
    before: { start, end: same < month.start ? same : month.start },
    beforeWhole: { start, end: month.start },
    name: monthText(month.start),
    beforeName: monthText(start),
    until: month.until,
  };
}

/** Running totals by day; a day without charges adds nothing. */
export function cumulative(daily: ReadonlyMap<string, string>, days: Range): string[] {
  let total: Decimal = ZERO;
  return buckets(days, 'day').map((day) => {
    total = add(total, parse(daily.get(day) ?? '0'));
    return format(total);
  });
}

export function useDaily(scope: Scope, month: Month, enabled: boolean) {
  const time = { start: month.beforeWhole.start, end: month.now.end };
  return useQuery({ ...costsQuery(plan({ measures: [scope.metric], time, grain: 'day', filters: scope.filters, currency: scope.convert })), enabled });
}

/** Are there days of it to come? */
export const isOpen = (month: Month): boolean => month.now.end < addMonths(month.now.start, 1);

const HISTORY_MONTHS = 24;

/** The rest of a month that is not over, from the days of two years. */
export function useMonthForecast(scope: Scope, month: Month, enabled: boolean) {
  const time = { start: addMonths(month.now.start, -HISTORY_MONTHS), end: month.now.end };
  const asked = plan({ measures: [scope.metric], time, grain: 'day', filters: scope.filters, currency: scope.convert });
  return useQuery({ ...forecastQuery(asked, { until: 'month_end' }), enabled: enabled && isOpen(month) });
}

export const dailyMap = (result: Result, metric: string): Map<string, string> =>
  new Map(result.rows.map((r) => [String(r['time']), r[metric] as string]));

const monthPlan = (scope: Scope, month: Month, group_by: readonly string[]) =>
  plan({
    measures: [scope.metric],
    time: month.now,
    group_by,
    filters: scope.filters,
    compare: month.before,
    currency: scope.convert,
    order: { by: scope.metric, dir: 'desc' },
    labels: true,
  });

export const useByDimension = (scope: Scope, month: Month, dimension: string, enabled: boolean) =>
  useToldQuery(useQuery({ ...allRowsQuery(monthPlan(scope, month, [dimension])), enabled }));

/** In which accounts a service moved: asked for only where there is room to say it. */
export const usePlaces = (scope: Scope, month: Month, enabled: boolean) =>
  useToldQuery(useQuery({ ...allRowsQuery(monthPlan(scope, month, ['service', 'sub_account'])), enabled: enabled && matchMedia('(min-width: 1101px)').matches }));

/** Totals of the year by month: year to date and how it came about. */
export function useYear(scope: Scope, month: Month, enabled: boolean) {
  const time = { start: `${month.until.slice(0, 4)}-01-01`, end: month.now.end };
  return useQuery({ ...costsQuery(plan({ measures: [scope.metric], time, grain: 'month', filters: scope.filters, currency: scope.convert })), enabled });
}

/** Which source had charges on which day of the month. */
export function useArrivals(month: Month, end: string) {
  const time = { start: month.now.start, end };
  return useQuery(allRowsQuery(plan({ measures: ['charge_count'], time, group_by: ['source'], grain: 'day' })));
}
