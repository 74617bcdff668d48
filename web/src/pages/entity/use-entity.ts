/* One thing of the bill: what is known of it, and the questions about its charges. */
import { useQuery } from '@tanstack/react-query';
import { costsQuery, entityQuery } from '~/api/queries';
import type { EntityDetail, Summary } from '~/api/types';
import { ApiError } from '~/api/client';
import { only, plan, type Filter } from '~/lib/plan';
import type { Anchor, ExploreSearch, Scope } from '~/lib/search';
import { useChart, useQuestion, useTable } from '../explore/use-explore';
import { useToldQuery } from '~/api/told';

/** The scope with the thing's own condition beside those of the address. */
export const inside = (scope: Scope, own: readonly Filter[]): Scope => ({ ...scope, filters: [...scope.filters, ...own] });

export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.problem.status === 404;

export function useEntity(collection: 'accounts' | 'services' | 'resources', id: string, scope: Scope) {
  return useQuery(entityQuery(collection, id, scope));
}

/** The same three answers that Explore shows, of the thing's charges alone. */
export function useCosts(search: ExploreSearch, by: string, scope: Scope, anchor: Anchor, summary: Summary) {
  const { view: _, ...shown } = search;
  const asked: ExploreSearch = { ...shown, by: [by] };
  const q = useQuestion(asked, scope, anchor, summary.freshness);
  const table = useTable(q, [by], search.order);
  const chart = useChart(q, summary.freshness, false);
  return { q, asked, table, ...chart };
}

/** What a resource stands beside: those of the same service and account. */
export function useNeighbours(entity: EntityDetail | undefined, scope: Scope) {
  const { service, sub_account: account } = entity ?? {};
  const filters = [...scope.filters, ...(service ? [only('service', service.id)] : []), ...(account ? [only('sub_account', account.id)] : []), { field: 'resource', op: 'present' as const, values: [] }];
  const asked = plan({ measures: [scope.metric], time: scope.time, group_by: ['resource'], filters, currency: scope.convert, order: { by: scope.metric, dir: 'desc' }, labels: true });
  return useToldQuery(useQuery({ ...costsQuery(asked), enabled: Boolean(service && account) }));
}

/** The dearest values of a dimension among the thing's charges. */
export function useTop(dimension: string, scope: Scope, filters: readonly Filter[] = []) {
  return useToldQuery(useQuery(costsQuery(plan({
    measures: [scope.metric], time: scope.time, group_by: [dimension], filters: [...scope.filters, ...filters], currency: scope.convert,
    order: { by: scope.metric, dir: 'desc' }, labels: true,
  }))));
}
