/* What people keep, as query options and calls: views, dashboards, stars, short links. */
import { queryOptions } from '@tanstack/react-query';
import { get, patch, post, remove, request } from './client';
import { everyPage } from './queries';
import type { Dashboard, View } from './types';

export type Kind = 'views' | 'dashboards';

export interface Tagged<T> {
  data: T;
  etag: string; /* for If-Match */
}

export const viewQuery = (id: string) =>
  queryOptions({ queryKey: ['views', id], queryFn: ({ signal }) => get<View>(`/views/${encodeURIComponent(id)}`, signal) });

export const dashboardsQuery = () =>
  queryOptions({ queryKey: ['dashboards'], queryFn: ({ signal }) => everyPage<Dashboard>('/dashboards?limit=200', signal) });

export const dashboardQuery = (id: string) =>
  queryOptions({
    queryKey: ['dashboards', id],
    queryFn: async ({ signal }): Promise<Tagged<Dashboard>> => tagged(await request(`/dashboards/${encodeURIComponent(id)}`, { signal })),
  });

export async function tagged<T>(response: Response): Promise<Tagged<T>> {
  return { data: (await response.json()) as T, etag: response.headers.get('etag') ?? '' };
}

/** Refused with 412 when somebody has changed it since it was read. */
export async function changeDashboard(id: string, etag: string, change: Partial<Dashboard>): Promise<Tagged<Dashboard>> {
  return tagged(
    await request(`/dashboards/${encodeURIComponent(id)}`, {
      method: 'PATCH',
      headers: { accept: 'application/json', 'content-type': 'application/merge-patch+json', ...(etag ? { 'if-match': etag } : {}) },
      body: JSON.stringify(change),
    }),
  );
}

export const addDashboard = (input: Pick<Dashboard, 'name'> & Partial<Dashboard>): Promise<Dashboard> => post<Dashboard>('/dashboards', input);

export const changeKept = (kind: Kind, id: string, change: Partial<View>): Promise<unknown> => patch(`/${kind}/${encodeURIComponent(id)}`, change);

export const dropKept = (kind: Kind, id: string): Promise<void> => remove(`/${kind}/${encodeURIComponent(id)}`);

export const setStar = (kind: Kind, id: string, on: boolean): Promise<unknown> =>
  request(`/${kind}/${encodeURIComponent(id)}/star`, { method: on ? 'PUT' : 'DELETE' });

export const makeLink = async (search: string): Promise<string> => (await post<{ id: string }>('/links', { search })).id;

export const linkQuery = (id: string) =>
  queryOptions({ queryKey: ['links', id], queryFn: ({ signal }) => get<{ id: string; search: string }>(`/links/${encodeURIComponent(id)}`, signal) });
