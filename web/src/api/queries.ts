/* What pages may ask the server, as query options: the only place that names paths and keys. */
import { infiniteQueryOptions, keepPreviousData, queryOptions, QueryClient } from '@tanstack/react-query';
import { filtersText, planText, type Plan } from '~/lib/plan';
import type { Scope } from '~/lib/search';
import { ApiError, get, post, signedIn } from './client';
import { reportOf } from './types';
import type { AnomalyPage, Annotation, Delivery, DeliveryDiff, DimensionInfo, DimensionValue, Entity, EntityDetail, ForecastAnswer, ForecastHorizon, Job, MappingPreview, Origin, Page, RatePair, Reconciliation, Result, Session, Source, Summary, View } from './types';

/* A list that is longer than this is not read to its end. */
const LIST_MAX = 10_000;

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        /* an answer that says no will say it again; only a lost connection is tried anew */
        retry: (failures, error) => error instanceof ApiError && error.unreachable && failures < 1,
        retryDelay: 500,
      },
    },
  });
}

/** Who asks, and what they may do. It changes by signing in and out alone, and by what an administrator does. */
export const sessionQuery = () =>
  queryOptions({
    queryKey: ['session'],
    queryFn: async ({ signal }) => heldBy(await get<Session>('/session', signal)),
    staleTime: Infinity,
  });

/** From now on requests go out with this cookie's token. */
export function heldBy(session: Session): Session {
  signedIn.csrf = session.csrf_token;
  return session;
}

export const summaryQuery = (metric: string) =>
  queryOptions({
    queryKey: ['ledger', 'summary', metric],
    queryFn: ({ signal }) => get<Summary>(`/costs/summary?metric=${metric}`, signal),
    placeholderData: keepPreviousData,
  });

/** Under "ledger", since every converted figure depends on them. */
export const ratesQuery = () =>
  queryOptions({
    queryKey: ['ledger', 'rates'],
    queryFn: async ({ signal }) => (await get<Page<RatePair>>('/rates', signal)).data,
  });

export const costsQuery = (plan: Plan) =>
  queryOptions({
    queryKey: ['ledger', 'costs', planText(plan)],
    queryFn: ({ signal }) => post<Result>('/costs/query', plan, signal),
    placeholderData: keepPreviousData,
  });

const MOST_PAGES = 40;

/**
 * An answer with all of its rows, page after page: for what is drawn or added up as a whole, where a missing row
 * would be a wrong figure. More than MOST_PAGES is refused instead of cut.
 */
export const allRowsQuery = (plan: Plan) =>
  queryOptions({
    queryKey: ['ledger', 'all', planText(plan)],
    queryFn: async ({ signal }) => {
      const answer = await post<Result>('/costs/query', plan, signal);
      let cursor = answer.next_cursor;
      for (let pages = 1; cursor; pages++) {
        if (pages >= MOST_PAGES) throw new ApiError(TOO_MANY_ROWS);
        const next = await post<Result>(`/costs/query?cursor=${encodeURIComponent(cursor)}`, plan, signal);
        answer.rows.push(...next.rows);
        cursor = next.next_cursor;
      }
      return { ...answer, next_cursor: null };
    },
    placeholderData: keepPreviousData,
  });

const TOO_MANY_ROWS = {
  type: 'about:blank',
  title: 'Too many steps to draw',
  status: 413,
  detail: `The answer has more than ${MOST_PAGES},000 rows`,
  hint: 'A coarser grain or a shorter time will fit.',
};

/** An answer page by page: raw charge rows, and tables longer than the API's first thousand rows. */
export const pagesQuery = (plan: Plan) =>
  infiniteQueryOptions({
    queryKey: ['ledger', 'pages', planText(plan)],
    queryFn: ({ signal, pageParam }) =>
      post<Result>(`/costs/query${pageParam ? `?cursor=${encodeURIComponent(pageParam)}` : ''}`, plan, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** What comes behind what the plan asks for. */
export const forecastQuery = (plan: Plan, horizon: ForecastHorizon) =>
  queryOptions({
    queryKey: ['ledger', 'forecast', planText(plan), JSON.stringify(horizon)],
    queryFn: ({ signal }) => post<ForecastAnswer>('/forecasts', { plan, horizon }, signal),
    placeholderData: keepPreviousData,
  });

export const dimensionsQuery = () =>
  queryOptions({
    queryKey: ['ledger', 'dimensions'],
    queryFn: async ({ signal }) => (await get<Page<DimensionInfo>>('/dimensions', signal)).data,
    staleTime: 300_000,
  });

export const valuesQuery = (dimension: string, q: string, plan: Plan) =>
  queryOptions({
    queryKey: ['ledger', 'values', dimension, q, planText(plan)],
    queryFn: async ({ signal }) => {
      const params = new URLSearchParams({ limit: '50', plan: planText(plan), ...(q ? { q } : {}) });
      return (await get<Page<DimensionValue>>(`/dimensions/${encodeURIComponent(dimension)}/values?${params}`, signal)).data;
    },
    placeholderData: keepPreviousData,
  });

export type Collection = 'accounts' | 'services' | 'resources';

const scopeParams = ({ metric, time, filters, convert }: Scope): Record<string, string> => ({
  metric, from: time.start, to: time.end,
  ...(filters.length ? { filter: filtersText(filters) } : {}),
  ...(convert === undefined ? {} : { currency: convert ?? 'billed' }),
});

/** What a bill names, one of them: its costs are of the scope. */
export const entityQuery = (collection: Collection, id: string, scope: Scope) => {
  const path = `/${collection}/${encodeURIComponent(id)}?${new URLSearchParams(scopeParams(scope))}`;
  return queryOptions({ queryKey: ['ledger', 'entity', path], queryFn: ({ signal }) => get<EntityDetail>(path, signal) });
};

/** The dearest of a collection whose id or name has `q` in it. */
export const entitiesQuery = (collection: Collection, q: string, scope: Scope, limit: number) => {
  const path = `/${collection}?${new URLSearchParams({ ...scopeParams(scope), q, limit: String(limit) })}`;
  return queryOptions({
    queryKey: ['ledger', 'entities', path],
    queryFn: async ({ signal }) => (await get<Page<Entity>>(path, signal)).data,
    placeholderData: keepPreviousData,
  });
};

export const sourcesQuery = () =>
  queryOptions({
    queryKey: ['ledger', 'sources'],
    queryFn: async ({ signal }) => (await get<Page<Source>>('/sources', signal)).data,
  });

/** All deliveries, or those of one billing period, "2025-01". */
export const deliveriesQuery = (period?: string) =>
  infiniteQueryOptions({
    queryKey: ['ledger', 'deliveries', ...(period ? [period] : [])],
    queryFn: async ({ signal, pageParam }) => {
      const cursor = pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : '';
      const page = await get<Page<Partial<Delivery>>>(`/deliveries?limit=200${period ? `&period=${period}` : ''}${cursor}`, signal);
      return { ...page, data: page.data.map(reportOf) };
    },
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ['ledger', 'delivery', id],
    queryFn: async ({ signal }) => reportOf(await get<Partial<Delivery>>(`/deliveries/${encodeURIComponent(id)}`, signal)),
  });

/** What a delivery changed of what stood before it. */
export const diffQuery = (id: string) =>
  queryOptions({
    queryKey: ['ledger', 'diff', id],
    queryFn: ({ signal }) => get<DeliveryDiff>(`/deliveries/${encodeURIComponent(id)}/diff`, signal),
  });

const bill = (source?: string, period?: string): string =>
  new URLSearchParams({ ...(source ? { source } : {}), ...(period ? { period } : {}) }).toString();

/** Deliveries against the ledger: all bills, or those of a source and a billing period. */
export const reconciliationQuery = (source?: string, period?: string) =>
  queryOptions({
    queryKey: ['ledger', 'reconciliation', source ?? '', period ?? ''],
    queryFn: ({ signal }) => get<Reconciliation>(`/reconciliation?${bill(source, period)}`, signal),
  });

/** Where the lines of an invoice are compared; nothing is kept of them. */
export const invoicesPath = (name: string, source?: string, period?: string): string =>
  `/reconciliation?${new URLSearchParams({ name })}&${bill(source, period)}`.replace(/&$/, '');

export const viewsQuery = () =>
  queryOptions({
    queryKey: ['views'],
    queryFn: ({ signal }) => everyPage<View>('/views?limit=200', signal),
  });

/** All of a list, page by page. */
export async function everyPage<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null | undefined = '';
  do {
    const page: Page<T> = await get<Page<T>>(cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path, signal);
    all.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor && all.length < LIST_MAX);
  return all;
}

/** Notes on days: what happened then, said by people. */
export const notesQuery = () =>
  queryOptions({
    queryKey: ['annotations'],
    queryFn: ({ signal }) => everyPage<Annotation>('/annotations?limit=200', signal),
  });

export const originQuery = (id: string) =>
  queryOptions({ queryKey: ['origin', id], queryFn: ({ signal }) => get<Origin>(`/charges/${encodeURIComponent(id)}/origin`, signal) });

/** A mapping of an upload tried on its first lines; null: one is proposed. */
export const mappingQuery = (upload: string, mapping: string | null) =>
  queryOptions({
    queryKey: ['mapping', upload, mapping],
    queryFn: ({ signal }) => post<MappingPreview>('/mappings/preview', { upload, ...(mapping === null ? {} : { mapping }) }, signal),
    staleTime: Infinity,
  });

export const jobQuery = (id: string) =>
  queryOptions({ queryKey: ['job', id], queryFn: ({ signal }) => get<Job>(`/jobs/${id}`, signal) });

/** The open cases of the most money, and how many there are: what the rail and the overview tell. */
export const openCasesQuery = () =>
  queryOptions({
    queryKey: ['anomalies', 'open'],
    queryFn: ({ signal }) => get<AnomalyPage>('/anomalies?state=open&limit=3', signal),
  });

/** Where the browser finds a file that a job has left. */
export const jobFile = (id: string, name: string) => `/api/v1/jobs/${id}/file?name=${encodeURIComponent(name)}`;

export const FILE_FORMS = { csv: 'CSV', xlsx: 'Excel workbook', parquet: 'Parquet' } as const;
export type FileForm = keyof typeof FILE_FORMS;

/** All rows of an answer as a file, `name` without its ending: the browser puts it on the disk, however long it is. */
export function downloadRows(plan: Plan, name: string, format: FileForm): void {
  const link = document.createElement('a');
  link.download = `${name}.${format}`;
  link.href = `/api/v1/costs/query?${new URLSearchParams({ plan: planText(plan), format, download: link.download })}`;
  link.click();
}
