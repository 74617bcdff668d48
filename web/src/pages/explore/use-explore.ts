/* What Explore asks: the table, its comparison over whole days, the second dimension, the series. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { costsQuery, dimensionsQuery, pagesQuery } from '~/api/queries';
import type { Result } from '~/api/types';
import { buckets } from '~/lib/dates';
import { plan, type Filter, type Plan } from '~/lib/plan';
import { DEFAULT_BY, grainOf, type Anchor, type ExploreSearch, type Scope } from '~/lib/search';
import { dimensionName } from '~/lib/words';
import { sourceStates, wholeUntil } from '~/shell/freshness';
import { useTold, useToldQuery } from '~/api/told';
import { coverOf, useGhost, useSeries, wholePart, type WholePart } from '../use-series';
import type { Answers, Dimension } from './rows';

const MAX_ROWS = 1000;
const MOST_SPARKS = 40;

export interface Question {
  scope: Scope;
  by: Dimension[];
  grain: ReturnType<typeof grainOf>;
  top: number;
  whole: WholePart;
  end: string; /* first day that is not complete */
  byChange: boolean;
}

export function useQuestion(search: ExploreSearch, scope: Scope, anchor: Anchor, freshness: Result['freshness']): Question {
  const { data: known } = useQuery(dimensionsQuery());
  const end = wholeUntil(sourceStates(freshness), anchor.today);
  return {
    scope,
    by: (search.by ?? DEFAULT_BY).map((id) => ({ id, name: dimensionName(id, known) })),
    grain: grainOf(search, scope.time),
    top: search.top ?? 8,
    whole: wholePart(scope.time, scope.compare, coverOf(freshness, end)),
    end,
    byChange: search.order?.by === 'change' || search.order?.by === 'change_pct',
  };
}

function answersOf(metric: string, pages: readonly Result[] | undefined, compared: Result | undefined): Answers | undefined {
  const first = pages?.[0];
  if (!first) return undefined;
  return {
    metric,
    rows: pages.flatMap((p) => p.rows),
    compared: compared?.rows ?? null,
    total: first.totals[0],
    comparedTotal: compared?.totals[0],
    count: Math.max(first.row_count, pages.reduce((n, p) => n + p.rows.length, 0)),
    more: pages.at(-1)!.next_cursor !== null,
  };
}

/**
 * The table by these dimensions. Money is asked for over the whole time; the comparison over the days that
 * are complete, because half a day set against a whole one says nothing.
 */
export function useTable(q: Question, dims: readonly string[], order: ExploreSearch['order'], enabled = true) {
  const { scope, whole } = q;
  const base = { measures: [scope.metric], group_by: dims, filters: scope.filters, currency: scope.convert, labels: true as const };
  const byAmount = { by: scope.metric, dir: 'desc' as const };
  const pages = useInfiniteQuery({
    ...pagesQuery(plan({ ...base, time: scope.time, order: q.byChange ? byAmount : (order ?? byAmount) })),
    enabled,
  });
  const compared = useQuery({
    ...costsQuery(plan({ ...base, time: whole.time, ...(whole.compare ? { compare: whole.compare } : {}), order: order ?? byAmount })),
    enabled: enabled && whole.compare !== null,
  });
  const told = useTold(pages.data?.pages);
  const beside = useToldQuery(compared);
  const waiting = whole.compare !== null && !compared.data && !compared.error;
  return {
    data: waiting ? undefined : answersOf(scope.metric, told, whole.compare ? beside.data : undefined),
    error: pages.error ?? compared.error,
    isPlaceholderData: pages.isPlaceholderData || compared.isPlaceholderData,
    refetch: () => {
      if (pages.error) void pages.refetch();
      if (compared.error) void compared.refetch();
    },
    more: pages.hasNextPage && !pages.isFetchingNextPage ? () => void pages.fetchNextPage() : undefined,
    result: pages.data?.pages[0],
  };
}

/** The chart's names over time; with `deep`, more of them, for the courses of the rows under Other. */
export function useChart(q: Question, freshness: Result['freshness'], deep: boolean) {
  const { scope } = q;
  const steps = buckets(scope.time, q.grain).length;
  const depth = deep ? Math.max(q.top, Math.min(MOST_SPARKS, Math.floor(MAX_ROWS / Math.max(1, steps)))) : q.top;
  const question = {
    metric: scope.metric,
    time: scope.time,
    filters: scope.filters as readonly Filter[],
    currency: scope.convert,
    dimension: q.by[0]!.id,
    dimensionName: q.by[0]!.name,
    grain: q.grain,
    top: q.top,
    depth,
  };
  const cover = coverOf(freshness, q.end);
  return { series: useSeries(question, cover), ghost: useGhost(question, scope.compare, cover) };
}

/* From a name to the names inside it. */
const INSIDE: Readonly<Record<string, string>> = {
  provider: 'sub_account', billing_account: 'sub_account', source: 'service', sub_account: 'service', service_category: 'service',
  service: 'sub_account', region: 'service', charge_category: 'service', billing_period: 'service', currency: 'service',
};

export function nextDimension(dimension: string, filters: readonly Filter[]): string {
  const fixed = new Set(filters.filter((f) => f.op === 'in' && f.values.length === 1).map((f) => f.field));
  let next = INSIDE[dimension] ?? (dimension === 'resource' ? 'charge_category' : 'service');
  for (let step = 0; step < 4 && (fixed.has(next) || next === dimension); step++) next = INSIDE[next] ?? 'resource';
  return fixed.has(next) || next === dimension ? 'resource' : next;
}

/** The change by these dimensions, without its parts: what a cube can answer. */
export function changePlan(q: Question, dimensions: readonly string[]): Plan {
  return plan({
    measures: [q.scope.metric], time: q.whole.time, group_by: dimensions, filters: q.scope.filters, currency: q.scope.convert,
    ...(q.whole.compare ? { compare: q.whole.compare } : {}), labels: true,
  });
}

/** The question about these dimensions; the same that "copy as" gives. */
export function driversPlan(q: Question, dimensions: readonly string[]): Plan {
  return plan({ ...changePlan(q, dimensions), analysis: 'drivers' });
}
