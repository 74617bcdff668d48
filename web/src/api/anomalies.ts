/* What the page of anomalies asks and decides. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get, post, request } from './client';
import { tagged, type Tagged } from './keep';
import type { Anomaly, AnomalyDetail, AnomalyEvent, AnomalyPage, AnomalyPatch, AnomalyPreview, AnomalyPreviewRequest, AnomalySeverity, AnomalyState, DetectJob } from './types';

const PAGE = 50;

export interface CaseFilter {
  state: AnomalyState;
  severity?: readonly AnomalySeverity[] | undefined;
  account?: string | undefined;
  service?: string | undefined;
}

/** The most money first. */
export const casesQuery = (filter: CaseFilter) => {
  const asked = new URLSearchParams({
    state: filter.state,
    limit: String(PAGE),
    ...(filter.severity?.length ? { severity: filter.severity.join(',') } : {}),
    ...(filter.account ? { account: filter.account } : {}),
    ...(filter.service ? { service: filter.service } : {}),
  });
  return infiniteQueryOptions({
    queryKey: ['anomalies', 'list', String(asked)],
    queryFn: ({ signal, pageParam }) => get<AnomalyPage>(`/anomalies?${asked}${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''}`, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
};

/** A case with the days around it. They are as the ledger has them, and change with it. */
export const caseQuery = (id: string) =>
  queryOptions({
    queryKey: ['anomalies', 'case', id],
    queryFn: async ({ signal }): Promise<Tagged<AnomalyDetail>> => tagged(await request(`/anomalies/${encodeURIComponent(id)}`, { signal })),
  });

/** The days of a case for its row: they change with the ledger and not with what is decided. */
export const daysQuery = (id: string) =>
  queryOptions({
    queryKey: ['ledger', 'case-days', id],
    queryFn: ({ signal }) => get<AnomalyDetail>(`/anomalies/${encodeURIComponent(id)}`, signal),
    staleTime: 300_000,
  });

const STATES_ALL = 'open,acknowledged,snoozed,resolved,false_positive';

/** The latest cases of an account or a service, whatever became of them. */
export const likeQuery = (where: { account?: string; service?: string }, merged: boolean) => {
  const asked = new URLSearchParams({ ...where, state: merged ? 'merged' : STATES_ALL, sort: '-start', limit: '20' });
  return queryOptions({
    queryKey: ['anomalies', 'like', String(asked)],
    queryFn: async ({ signal }) => (await get<AnomalyPage>(`/anomalies?${asked}`, signal)).data,
  });
};

/** Refused with 412 when somebody has changed it since it was read; without an etag it is done whatever it is now. */
export async function decideCase(id: string, etag: string | undefined, decision: AnomalyPatch): Promise<Tagged<Anomaly>> {
  return tagged(
    await request(`/anomalies/${encodeURIComponent(id)}`, {
      method: 'PATCH',
      headers: { accept: 'application/json', 'content-type': 'application/merge-patch+json', ...(etag ? { 'if-match': etag } : {}) },
      body: JSON.stringify(decision),
    }),
  );
}

export const commentOn = (id: string, text: string): Promise<AnomalyEvent> => post<AnomalyEvent>(`/anomalies/${encodeURIComponent(id)}/comments`, { text });

/** What would have alarmed. It replays every series: asked for by a press, not while somebody drags. */
export const previewQuery = (asked: AnomalyPreviewRequest) =>
  queryOptions({
    queryKey: ['anomalies', 'preview', JSON.stringify(asked)],
    queryFn: ({ signal }) => post<AnomalyPreview>('/anomalies/preview', asked, signal),
    staleTime: 300_000,
  });

export const detectNow = (): Promise<DetectJob> => post<DetectJob>('/anomalies/detect', undefined);
