/* Which dimensions have pages of their own, where, and which question of Explore such a page is. */
import { only } from './plan';
import type { ExploreSearch } from './search';

export interface PageLink {
  to: '/services/$id' | '/accounts/$id' | '/resources/$id' | '/tags/$id';
  params: { id: string };
  name: string; /* "service" */
}

const PAGES: Readonly<Record<string, readonly [PageLink['to'], string]>> = {
  service: ['/services/$id', 'service'],
  sub_account: ['/accounts/$id', 'account'],
  resource: ['/resources/$id', 'resource'],
};

/** Where a value has its page; a tag has one for its key, whatever the value. What has no value has none. */
export function pageOf(dimension: string, id: string | null): PageLink | null {
  if (dimension.startsWith('tag:')) return { to: '/tags/$id', params: { id: dimension.slice(4) }, name: 'tag' };
  const page = PAGES[dimension];
  return page && id !== null ? { to: page[0], params: { id }, name: page[1] } : null;
}

export interface Kind {
  name: string;
  dimension: string;
  by: readonly (readonly [string, string])[]; /* dimensions by which its cost is told, and what their values are called; the first is natural */
}

export const KINDS = {
  services: { name: 'service', dimension: 'service', by: [['sub_account', 'Accounts'], ['resource', 'Resources'], ['usage_type', 'Usage types'], ['charge_category', 'Charges']] },
  accounts: { name: 'account', dimension: 'sub_account', by: [['service', 'Services'], ['resource', 'Resources'], ['region', 'Regions'], ['charge_category', 'Charges']] },
  resources: { name: 'resource', dimension: 'resource', by: [['charge_category', 'Charges'], ['usage_type', 'Usage types']] },
} as const satisfies Record<string, Kind>;

/** By which dimension a page of that kind tells its cost. */
export const byOf = (kind: Kind, search: ExploreSearch): readonly [string, string] => kind.by.find(([dimension]) => dimension === search.by?.[0]) ?? kind.by[0]!;

/** What Explore is asked for to show the cost that a page shows; null: the page is no one question. */
export function questionAt(path: string, id: string | undefined, { view, ...search }: ExploreSearch): ExploreSearch | null {
  if (path === '/explore') return view ? { ...search, view } : search;
  if (id === undefined) return null;
  if (path.startsWith('/tags/')) return { ...search, by: [`tag:${id}`] };
  const collection = (Object.keys(KINDS) as (keyof typeof KINDS)[]).find((c) => path.startsWith(`/${c}/`));
  if (!collection) return null;
  const kind = KINDS[collection];
  return { ...search, filters: [only(kind.dimension, id), ...(search.filters ?? [])], by: [byOf(kind, search)[0]] };
}
