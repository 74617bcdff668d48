/* Which dimensions have pages of their own, and where. */

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
