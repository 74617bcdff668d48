/* The scope of every page: words from the address bar, made definite by what the ledger holds. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo } from 'react';
import { summaryQuery } from '~/api/queries';
import type { MonthSummary, Summary } from '~/api/types';
import { daysBetween } from '~/lib/dates';
import { scopeOf, type Anchor, type ExploreSearch, type Scope, type ScopeSearch } from '~/lib/search';
import { sourceNamer } from '~/lib/sources';
import { may, seesAll, useSession } from './use-session';

/** A ledger whose last day is older than this is read as of that day, or "last 30 days" would be empty. */
const OLD_DAYS = 31;

/** The month of one currency; they need not end on the same day. What is converted has the latest of them. */
export const monthSummary = (summary: Summary, currency: string | null): MonthSummary | null =>
  summary.by_currency.find((c) => c.currency === currency) ?? null;

export const latestMonth = (summary: Summary): MonthSummary | null =>
  [...summary.by_currency].sort((a, b) => ((a.month.until ?? '') < (b.month.until ?? '') ? 1 : -1))[0] ?? null;

export function anchorOf(summary: Summary): Anchor {
  const until = summary.by_currency.flatMap((c) => c.month.until ?? []).sort().at(-1) ?? null;
  const old = until !== null && daysBetween(until, summary.today) > OLD_DAYS;
  const main = summary.main_currency;
  const currencies = [...(main ? [main] : []), ...summary.currencies.filter((c) => c !== main)];
  return { today: old ? until : summary.today, currencies, reporting: summary.reporting_currency };
}

export function useSummary() {
  const search = useScopeSearch();
  return useQuery(summaryQuery(search.metric ?? 'effective_cost'));
}

export const useScopeSearch = (): ExploreSearch => useSearch({ strict: false }) as ExploreSearch;

/** What links to other pages take along. */
export const useKeptScope = (): ScopeSearch => scopeOnly(useScopeSearch());

export function useScope(): { scope: Scope; anchor: Anchor; summary: Summary } | null {
  const search = useScopeSearch();
  const { data: summary } = useSummary();
  return useMemo(() => {
    if (!summary) return null;
    const anchor = anchorOf(summary);
    return { scope: scopeOf(search, anchor), anchor, summary };
  }, [search, summary]);
}

/** What a source is called on screen; all pages say the same. */
export function useSourceName(): (source: string) => string {
  const { data: summary } = useSummary();
  return useMemo(() => sourceNamer(summary?.freshness ?? []), [summary]);
}

/** Changes parts of the search in place; undefined takes a part out. Back is undo. */
export function useSetSearch<S extends ScopeSearch = ExploreSearch>(): (patch: { [K in keyof S]?: S[K] | undefined }) => void {
  const navigate = useNavigate();
  return useCallback(
    (patch) => {
      void navigate({
        to: '.',
        search: (old: ScopeSearch) => {
          const said = Object.entries({ ...old, ...patch }).filter(
            ([, value]) => value !== undefined && !(Array.isArray(value) && !value.length),
          );
          return Object.fromEntries(said) as ScopeSearch;
        },
      });
    },
    [navigate],
  );
}

/** Keeps only the scope when leaving for another page. */
export function scopeOnly(search: ScopeSearch): ScopeSearch {
  const { time, compare, metric, currency, in: into, filters } = search;
  return {
    ...(time ? { time } : {}),
    ...(compare ? { compare } : {}),
    ...(metric ? { metric } : {}),
    ...(currency ? { currency } : {}),
    ...(into ? { in: into } : {}),
    ...(filters ? { filters } : {}),
  };
}

/* One run tells of many cases, one after the other. */
const CASES_REST_MS = 250;

/** Figures change when the ledger does: whoever shows them asks again. */
export function useLedgerEvents(): void {
  const client = useQueryClient();
  const session = useSession();
  const csrf = session?.csrf_token; /* another session: what listened for the last one was turned away */
  const cases = session !== undefined && seesAll(session) && may(session, 'anomalies.read');
  useEffect(() => {
    const events = new EventSource(`/api/v1/events?topics=jobs,ledger${cases ? ',anomalies' : ''}`);
    const readAnew = () => void client.invalidateQueries();
    let soon: ReturnType<typeof setTimeout> | undefined;
    const casesAnew = () => {
      clearTimeout(soon);
      soon = setTimeout(() => void client.invalidateQueries({ queryKey: ['anomalies'] }), CASES_REST_MS);
    };
    events.addEventListener('ledger', () => {
      void client.invalidateQueries({ queryKey: ['ledger'] });
      casesAnew(); /* their days are those of the ledger */
    });
    events.addEventListener('anomaly.opened', casesAnew);
    events.addEventListener('anomaly.changed', casesAnew);
    events.addEventListener('reset', readAnew);
    events.addEventListener('job', (event) => {
      const job = JSON.parse((event as MessageEvent<string>).data) as { id: string };
      client.setQueryData(['job', job.id], job);
    });
    return () => {
      clearTimeout(soon);
      events.close();
    };
  }, [client, csrf, cases]);
}
