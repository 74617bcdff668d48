/* What the pages of people ask: users, roles, tokens, one's own sessions, the audit. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { addDays } from '~/lib/dates';
import { everyPage } from './queries';
import { get } from './client';
import type { AuditRow, AuditVerification, OpenSession, Page, Roles, Token, User } from './types';

export const usersQuery = () =>
  queryOptions({ queryKey: ['people', 'users'], queryFn: ({ signal }) => everyPage<User>('/users?limit=200', signal) });

export const rolesQuery = () =>
  queryOptions({ queryKey: ['people', 'roles'], queryFn: ({ signal }) => get<Roles>('/roles', signal) });

export const tokensQuery = (all: boolean) =>
  queryOptions({
    queryKey: ['people', 'tokens', all],
    queryFn: async ({ signal }) => (await get<{ data: Token[] }>(`/tokens${all ? '?all=true' : ''}`, signal)).data,
  });

export const sessionsQuery = () =>
  queryOptions({
    queryKey: ['people', 'sessions'],
    queryFn: async ({ signal }) => (await get<{ data: OpenSession[] }>('/sessions', signal)).data,
  });

export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
  from?: string | undefined; /* days */
  to?: string | undefined; /* included */
}

const filterOf = (f: AuditFilter): URLSearchParams =>
  new URLSearchParams({
    ...(f.actor ? { actor: f.actor } : {}),
    ...(f.action ? { action: f.action } : {}),
    ...(f.from ? { from: `${f.from}T00:00:00Z` } : {}),
    ...(f.to ? { to: `${addDays(f.to, 1)}T00:00:00Z` } : {}),
  });

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ signal, pageParam }) => {
      const asked = filterOf(filter);
      asked.set('limit', '100');
      if (pageParam) asked.set('cursor', pageParam);
      return get<Page<AuditRow>>(`/audit?${asked}`, signal);
    },
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

/** The same rows as a file; asked for with an Accept, so a plain link cannot. */
export const auditPath = (filter: AuditFilter): string => `/audit?${filterOf(filter)}`;

export const verificationQuery = () =>
  queryOptions({ queryKey: ['audit-verification'], queryFn: ({ signal }) => get<AuditVerification>('/audit/verification', signal) });
