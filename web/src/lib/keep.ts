/*
 * What people keep: who sees it, what a tile can draw of a question, and the tiles of a dashboard as a list that is arranged. A dashboard is read in the order of its tiles; they fill four columns from left to right.
 */
import type { Tile, View } from '~/api/types';
import type { Filter, Plan } from './plan';
import { scopeOf, unshown, type Anchor, type ExploreSearch, type ScopeSearch } from './search';

export const VISIBILITIES = ['private', 'organisation', 'everyone'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

export const VISIBILITY_NAMES: Record<Visibility, string> = {
  private: 'Only you',
  organisation: 'All who see every cost',
  everyone: 'Everyone, with a scope too',
};

export const VISIBILITY_SHORT: Record<Visibility, string> = { private: 'Private', organisation: 'Organisation', everyone: 'Everyone' };

/** What Explore, and so a tile, would leave out of a question that is kept. */
export const undrawn = (kept: { plan: Plan; search?: string | undefined }): string | null => (kept.search ? null : unshown(kept.plan));

/** A tile's question in the page's time and filters instead of its own; which cost it is about stays. */
export function inRange(search: ExploreSearch, page: ScopeSearch, anchor: Anchor): ExploreSearch {
  const { time: _, compare: __, currency, in: into, filters, ...rest } = search;
  const scope = scopeOf(page, anchor);
  const joined: Filter[] = [...(filters ?? []), ...(page.filters ?? [])];
  const money = page.currency || page.in ? { ...(page.currency ? { currency: page.currency } : {}), ...(page.in ? { in: page.in } : {}) } : { ...(currency ? { currency } : {}), ...(into ? { in: into } : {}) };
  return {
    ...rest, ...money,
    time: page.time ?? `${scope.time.start}..${scope.time.end}`,
    ...(page.compare ? { compare: page.compare } : {}),
    ...(joined.length ? { filters: joined } : {}),
  };
}

/* ---- arranging ---- */

const COLUMNS = 4;
export const MOST_TILES = 40;

export type Form = Tile['form'];
export const FORM_NAMES: Record<Form, string> = { number: 'Number', line: 'Line', bars: 'Bars', table: 'Table', drivers: 'Drivers of change' };
export const FORMS = Object.keys(FORM_NAMES) as Form[];

/** How it is drawn at first. */
export const newTile = (what: { view: string } | { plan: Plan; search: string }, title: string, form: Form): Tile => ({
  ...what, title, form, width: form === 'number' ? 1 : 2, height: form === 'number' ? 1 : 2,
});

export const formOf = (search: ExploreSearch): Form =>
  search.view === 'drivers' ? 'drivers' : search.by?.[0] === 'resource' || search.view === 'charges' ? 'table' : search.chart === 'line' ? 'line' : 'bars';

/** What Explore has to be asked for to show what a tile of that form shows. */
export function shownAs({ view: _, chart, ...rest }: ExploreSearch, form: Form): ExploreSearch {
  if (form === 'drivers') return { ...rest, view: 'drivers' };
  if (form === 'line') return { ...rest, chart: 'line' };
  return form === 'bars' || !chart ? rest : { ...rest, chart };
}

export function moved<T>(tiles: readonly T[], from: number, to: number): T[] {
  const rest = tiles.filter((_, i) => i !== from);
  const at = Math.max(0, Math.min(rest.length, to));
  return [...rest.slice(0, at), tiles[from]!, ...rest.slice(at)];
}

/** How many places a row further is: as many tiles as fill the columns between. */
export function rowStep(tiles: readonly Tile[], from: number, way: 1 | -1): number {
  let columns = 0;
  let places = 0;
  for (let i = from + way; i >= 0 && i < tiles.length && columns < COLUMNS; i += way, places++) columns += tiles[i]!.width;
  return places * way;
}

const within = (n: number): number => Math.max(1, Math.min(4, n));

export const resized = (tile: Tile, width: number, height: number): Tile => ({ ...tile, width: within(tile.width + width), height: within(tile.height + height) });

/* ---- folders ---- */

export const inFolder = (folder: string, within: string): boolean => folder === within || folder.startsWith(`${within}/`);

/** Every folder that holds something, and those above it. */
export function foldersOf(kept: readonly { folder: string }[]): string[] {
  const all = new Set<string>();
  for (const { folder } of kept)
    folder.split('/').forEach((part, i, parts) => part && all.add(parts.slice(0, i + 1).join('/')));
  return [...all].sort();
}

/** As the server wants it: no slash at the ends, none twice. */
export const folderText = (typed: string): string => typed.split('/').map((part) => part.trim()).filter(Boolean).join('/');

export const viewNamed = (views: readonly View[], id: string | undefined): View | undefined => views.find((v) => v.id === id);
