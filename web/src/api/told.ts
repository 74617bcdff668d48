/*
 * Accounts that share a name: two clouds may each have a "data-platform". The rows of an answer that names them so get the
 * provider beside the name, in column NAME_beside, and whoever shows rows shows it. It is asked for only where names collide.
 */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { plan } from '~/lib/plan';
import { valueName } from '~/lib/words';
import { costsQuery } from './queries';
import type { Result, Row } from './types';

const SHARED = 'sub_account';

export const idOf = (row: Row, dimension: string): string | null => (row[dimension] as string | null) ?? null;
export const labelOf = (row: Row, dimension: string): string | null =>
  (row[`${dimension}_label`] as string | null | undefined) ?? idOf(row, dimension);

/** What tells a value from others of its name; undefined: nothing has to. */
export const besideOf = (row: Row, dimension: string): string | undefined => (row[`${dimension}_beside`] as string | undefined) ?? undefined;

export const withBeside = (label: string, beside: string | undefined): string => (beside ? `${label} (${beside})` : label);

/** The value in a sentence or a chart: where it stands in a table, what is beside it is set quietly. */
export const fullName = (row: Row, dimension: string, dimensionName: string): string =>
  withBeside(valueName(labelOf(row, dimension), dimensionName), besideOf(row, dimension));

/** The ids whose name another id has, too; in one order. */
export function colliding(named: readonly { id: string | null; label: string | null }[]): string[] {
  const ids = new Map<string, Set<string>>();
  for (const { id, label } of named) {
    if (id === null) continue;
    const name = (label ?? id).toLowerCase();
    ids.set(name, (ids.get(name) ?? new Set()).add(id));
  }
  return [...ids.values()].flatMap((own) => (own.size > 1 ? [...own] : [])).sort();
}

/** By id of an account: who bills it. */
export function providersOf(result: Result | undefined): ReadonlyMap<string, string> {
  const all = new Map<string, Set<string>>();
  for (const row of result?.rows ?? []) {
    const [id, provider] = [idOf(row, SHARED), labelOf(row, 'provider')];
    if (id !== null && provider !== null) all.set(id, (all.get(id) ?? new Set()).add(provider));
  }
  return new Map([...all].map(([id, own]) => [id, [...own].sort().join(', ')]));
}

function useProviders(ids: readonly string[]): ReadonlyMap<string, string> {
  const asked = plan({ measures: ['charge_count'], time: null, group_by: [SHARED, 'provider'], filters: [{ field: SHARED, op: 'in', values: ids }], labels: true });
  const { data } = useQuery({ ...costsQuery(asked), enabled: ids.length > 0 });
  return useMemo(() => providersOf(data), [data]);
}

const NOBODY: readonly string[] = [];
const NO_VALUES: readonly { id: string | null; label: string | null }[] = [];
const NO_ANSWERS: readonly Result[] = [];

/** Of a list of values: what stands beside an id. */
export function useBeside(dimension: string, named: readonly { id: string | null; label: string | null }[] | undefined): (id: string | null) => string | undefined {
  const ids = useMemo(() => (dimension === SHARED ? colliding(named ?? NO_VALUES) : NOBODY), [dimension, named]);
  const providers = useProviders(ids);
  return (id) => (id === null || !ids.includes(id) ? undefined : providers.get(id));
}

/** The same answers, pages of one or several of one question; the same objects where no two names are one. */
export function useTold(results: readonly Result[] | undefined): readonly Result[] | undefined {
  const ids = useMemo(
    () => colliding((results ?? NO_ANSWERS).flatMap((r) => (r.plan.group_by?.includes(SHARED) ? r.rows.map((row) => ({ id: idOf(row, SHARED), label: labelOf(row, SHARED) })) : []))),
    [results],
  );
  const providers = useProviders(ids);
  return useMemo(() => {
    if (!results || !ids.length || !providers.size) return results;
    const shared = new Set(ids);
    const told = (row: Row): Row => {
      const id = idOf(row, SHARED);
      const beside = id !== null && shared.has(id) ? providers.get(id) : undefined;
      return beside ? { ...row, [`${SHARED}_beside`]: beside } : row;
    };
    return results.map((r) => ({ ...r, rows: r.rows.map(told) }));
  }, [results, ids, providers]);
}

/** The same of one answer as a query has it. */
export function useToldQuery<Q extends { data: Result | undefined }>(query: Q): Q {
  const { data } = query;
  const told = useTold(useMemo(() => (data ? [data] : undefined), [data]));
  return { ...query, data: told?.[0] };
}
