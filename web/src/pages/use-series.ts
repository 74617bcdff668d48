/*
 * Amounts over time by one dimension: the dearest names and the rest as Other. Three questions, each exact:
 * who is dearest, those over time, and everything over time. Other is the difference, so that the parts
 * always add up to the total.
 */
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { allRowsQuery, costsQuery } from '~/api/queries';
import type { Freshness, Result } from '~/api/types';
import type { Series } from '~/charts/stack';
import { colourOf, slots } from '~/lib/colour';
import { addDays, bucketRange, buckets as bucketsOf, daysBetween, nextOf, type Grain, type Range } from '~/lib/dates';
import { ZERO, add, format, parse, sub } from '~/lib/decimal';
import { anyOf, plan, type Filter } from '~/lib/plan';
import { fullName, idOf, useToldQuery } from '~/api/told';

export interface SeriesQuestion {
  metric: string;
  time: Range;
  filters: readonly Filter[];
  currency: string | null | undefined; /* as in a plan */
  dimension: string;
  dimensionName: string;
  grain: Grain;
  top: number;
  depth: number; /* how many names are fetched over time: top for the chart, more for sparklines */
}

export interface Cover {
  first: string; /* first day with data */
  end: string; /* first day that is not complete */
}

export interface SeriesAnswer {
  buckets: string[];
  series: Series[];
  byKey: Map<string, (string | null)[]>;
  totals: (string | null)[];
  partial: Set<number>;
  missing: Set<number>;
  ids: (string | null)[]; /* of the series, in order; Other is not among them */
  colours: Map<string, string>;
  rank: Result;
  others: number;
}

export const OTHER_KEY = '\u0001other';
export const keyOf = (id: string | null): string => id ?? '\u0000';

export function coverOf(freshness: readonly Freshness[], end: string): Cover {
  const first = freshness.map((f) => f.billing_period).sort()[0];
  return { first: first ? `${first}-01` : end, end };
}

export function useSeries(q: SeriesQuestion, cover: Cover) {
  const base = { measures: [q.metric], time: q.time, currency: q.currency };
  const rank = useToldQuery(useQuery(
    costsQuery(plan({ ...base, group_by: [q.dimension], filters: q.filters, order: { by: q.metric, dir: 'desc' }, labels: true })),
  ));
  const ids = rank.isPlaceholderData ? undefined : rank.data?.rows.slice(0, q.depth).map((r) => idOf(r, q.dimension));
  const chosen = anyOf(q.dimension, ids ?? []);
  const parts = useQuery({
    ...allRowsQuery(
      plan({
        ...base,
        group_by: [q.dimension],
        grain: q.grain,
        filters: chosen.filter ? [...q.filters, chosen.filter] : q.filters,
        ...(chosen.where ? { where: chosen.where } : {}),
      }),
    ),
    enabled: ids !== undefined && ids.length > 0,
  });
  const totals = useQuery(allRowsQuery(plan({ ...base, grain: q.grain, filters: q.filters })));

  const error = rank.error ?? parts.error ?? totals.error;
  const empty = rank.data?.rows.length === 0;
  const stale = rank.isPlaceholderData || parts.isPlaceholderData || totals.isPlaceholderData;
  const shape = `${q.grain} ${q.time.start} ${q.time.end} ${q.dimension} ${q.metric} ${q.currency}`;
  const data = useMemo(() => {
    if (!rank.data || !totals.data || (!parts.data && !empty) || stale) return undefined;
    return assemble(q, cover, rank.data, parts.data ?? totals.data, totals.data);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the question is in the keys of its answers
  }, [rank.data, parts.data, totals.data, stale, shape, q.top, cover.first, cover.end]);
  /* while the next answer comes, the last one stays, dimmed */
  const [last, setLast] = useState(data);
  if (data !== undefined && data !== last) setLast(data);
  return {
    data: data ?? last,
    error,
    isPlaceholderData: data === undefined && last !== undefined,
    refetch: () => {
      for (const asked of [rank, parts, totals]) if (asked.error) void asked.refetch();
    },
  };
}

function assemble(q: SeriesQuestion, cover: Cover, rank: Result, parts: Result, totals: Result): SeriesAnswer {
  const buckets = bucketsOf(q.time, q.grain);
  const index = new Map(buckets.map((b, i) => [b, i]));
  const { partial, missing } = completeness(buckets, q, cover);
  const unknown = (): (string | null)[] => buckets.map((_, i) => (missing.has(i) ? null : '0'));

  const byKey = new Map<string, (string | null)[]>();
  for (const row of parts === totals ? [] : parts.rows) {
    const key = keyOf(idOf(row, q.dimension));
    const at = index.get(String(row['time']));
    if (at === undefined) continue;
    let values = byKey.get(key);
    if (!values) byKey.set(key, (values = unknown()));
    values[at] = row[q.metric] as string;
  }
  const whole = unknown();
  for (const row of totals.rows) {
    const at = index.get(String(row['time']));
    if (at === undefined) continue;
    whole[at] = row[q.metric] as string;
    missing.delete(at);
  }

  const shown = rank.rows.slice(0, q.top);
  const ids = shown.map((r) => idOf(r, q.dimension));
  const slot = slots(ids.map(keyOf));
  const colours = new Map(ids.map((id) => [keyOf(id), id === null ? 'var(--other)' : colourOf(slot.get(keyOf(id)))]));
  const series: Series[] = shown.map((row) => {
    const key = keyOf(idOf(row, q.dimension));
    const colour = colours.get(key)!;
    const label = fullName(row, q.dimension, q.dimensionName);
    return { key, label, colour, fill: colour, values: byKey.get(key) ?? unknown() };
  });
  const others = rank.row_count - shown.length;
  if (others > 0) series.push(otherOf(series, whole, others, rank.next_cursor !== null));
  return { buckets, series, byKey, totals: whole, partial, missing, ids, colours, rank, others };
}

function otherOf(series: readonly Series[], whole: readonly (string | null)[], others: number, more: boolean): Series {
  const values = whole.map((total, i) => {
    if (total === null) return null;
    const named = series.reduce((t, s) => add(t, parse(s.values[i] ?? '0')), ZERO);
    return format(sub(parse(total), named));
  });
  return { key: OTHER_KEY, label: `Other (${others}${more ? '+' : ''})`, colour: 'var(--other)', fill: 'var(--other-fill)', values };
}

/** Which buckets are cut by the end of the data or of the question, and which have no data at all. */
function completeness(buckets: readonly string[], q: SeriesQuestion, cover: Cover) {
  const partial = new Set<number>();
  const missing = new Set<number>();
  buckets.forEach((bucket, i) => {
    const range = bucketRange(bucket, q.grain, q.time);
    const day = bucket.slice(0, 10);
    const cut = range.start > day || range.end < nextOf(day, q.grain);
    if (range.start >= cover.end || range.end <= cover.first) missing.add(i);
    if (range.end > cover.end || (cut && q.grain !== 'hour')) partial.add(i);
  });
  return { partial, missing };
}

/** The comparison bucket by bucket, aligned by position. */
export function useGhost(q: SeriesQuestion, compare: Range | null, cover: Cover): (string | null)[] | undefined {
  const time = compare ?? q.time;
  const query = useQuery({
    ...allRowsQuery(plan({ measures: [q.metric], time, grain: q.grain, filters: q.filters, currency: q.currency })),
    enabled: compare !== null,
  });
  if (!compare || !query.data || query.isPlaceholderData) return undefined;
  const values = new Map(query.data.rows.map((r) => [String(r['time']), r[q.metric] as string]));
  const known = (bucket: string) => bucket.slice(0, 10) >= cover.first && bucket.slice(0, 10) < cover.end;
  return bucketsOf(compare, q.grain)
    .slice(0, bucketsOf(q.time, q.grain).length)
    .map((b) => values.get(b) ?? (known(b) ? '0' : null));
}

export interface WholePart {
  time: Range;
  compare: Range | null; /* null: nothing to compare with */
  cut: boolean; /* days were left out on both sides */
}

/**
 * The days that are complete on both sides: a comparison leaves the days that are not there out of both, at the
 * end (not complete yet) and at the start (before the first bill). Months differ in length: what is cut counts
 * the same days of both from their start.
 */
export function wholePart(time: Range, compare: Range | null, cover: Cover): WholePart {
  if (!compare || time.start >= cover.end) return { time, compare, cut: false };
  const late = Math.max(0, daysBetween(cover.end, time.end));
  const early = Math.max(0, daysBetween(compare.start, cover.first));
  if (late + early === 0) return { time, compare, cut: false };
  const days = Math.min(daysBetween(time.start, time.end) - late, daysBetween(compare.start, compare.end)) - early;
  if (days <= 0) return { time, compare: null, cut: false };
  const both = ({ start }: Range): Range => ({ start: addDays(start, early), end: addDays(start, early + days) });
  return { time: both(time), compare: both(compare), cut: true };
}
