/*
 * A value of a dimension as a way on, in the scope at hand: to its own page, or to Explore narrowed to it. The page of a tag
 * is of its key, so its values open in Explore.
 */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { pageOf } from '~/lib/entities';
import { only, withFilter } from '~/lib/plan';
import type { ExploreSearch, ScopeSearch } from '~/lib/search';
import { useKeptScope } from '~/shell/use-scope';

export interface Way {
  scope?: ScopeSearch | undefined; /* instead of the page's own */
  by?: string | undefined; /* how Explore splits it */
}

/** `row-link`: the whole row opens it (ui/rows). */
export function ValueLink({ dimension, id, label, way, className = 'row-link', children }: {
  dimension: string;
  id: string | null;
  label: string;
  way?: Way | undefined;
  className?: string;
  children?: ReactNode;
}) {
  const kept = useKeptScope();
  const scope = way?.scope ?? kept;
  const page = dimension.startsWith('tag:') ? null : pageOf(dimension, id);
  const link = { className, title: id && id !== label ? `${label}, ${id}` : label };
  if (page) return <Link to={page.to} params={page.params} search={scope} {...link}>{children ?? label}</Link>;
  const search: ExploreSearch = { ...scope, filters: withFilter(scope.filters ?? [], only(dimension, id)), ...(way?.by ? { by: [way.by] } : {}) };
  return <Link to="/explore" search={search} {...link}>{children ?? label}</Link>;
}
