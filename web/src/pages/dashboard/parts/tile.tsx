/* One tile: its question made definite, and what stands in its place when there is none to ask. */
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Summary, Tile, View } from '~/api/types';
import { rangeWords } from '~/lib/dates';
import { inRange, shownAs, undrawn, viewNamed } from '~/lib/keep';
import { searchOfKept } from '~/lib/kept-search';
import { scopeOf, timeOf, type Anchor, type ExploreSearch, type ScopeSearch } from '~/lib/search';
import { Icon } from '~/ui/icon';
import { Failed, Skeleton } from '~/ui/states';
import { useSeen } from '~/ui/use-seen';
import { TileBody } from './body';

/** Where tiles stand: what they have in common. */
export interface Place {
  views: UseQueryResult<View[]>;
  anchor: Anchor;
  summary: Summary;
  page: ScopeSearch | null; /* null: each as it was saved */
}

const ROW = 152;
const HEAD = 62;

/** What is drawn in a tile of so many rows, in pixels. */
const roomOf = (height: number): number => height * ROW + (height - 1) - HEAD;

type Asked = { search: ExploreSearch; title: string } | { why: string } | { error: unknown } | null;

/** Null while it is not known yet. */
function askedOf(tile: Tile, { views, anchor, page }: Place): Asked {
  const view = tile.view ? viewNamed(views.data ?? [], tile.view) : undefined;
  if (tile.view && !view) {
    if (views.error && !views.data) return { error: views.error };
    return views.data ? { why: 'Its view was removed, or is not shared with you.' } : null;
  }
  const kept = view ?? (tile.plan ? { plan: tile.plan, search: tile.search } : undefined);
  if (!kept) return { why: 'It has no question.' };
  const more = undrawn(kept);
  if (more) return { why: `A tile cannot draw what this question has: ${more.replaceAll('_', ' ')}.` };
  const { view: form, ...search } = searchOfKept(kept);
  const own: ExploreSearch = form === 'drivers' ? { ...search, view: form } : search;
  return { search: page ? inRange(own, page, anchor) : own, title: tile.title || view?.name || 'No name' };
}

export const titleOf = (tile: Tile, place: Place): string =>
  tile.title || (tile.view ? viewNamed(place.views.data ?? [], tile.view)?.name : '') || 'A view that is gone';

/** What every tile looks like around its answer. */
export function TileFrame({ tile, place, handle, children }: { tile: Tile; place: Place; handle?: ReactNode; children: ReactNode }) {
  const asked = askedOf(tile, place);
  const title = titleOf(tile, place);
  const search = asked && 'search' in asked ? asked.search : null;
  return (
    <>
      <header>
        <div className="min-w-0 grow">
          <h2 className="ell">{search && !handle ? <Link to="/explore" search={shownAs(search, tile.form)}>{title}</Link> : title}</h2>
          <p className="ell">{search ? rangeWords(timeOf(search.time, place.anchor), place.anchor.today) : '\u00a0'}</p>
        </div>
        {handle}
      </header>
      {children}
    </>
  );
}

export function TileView({ tile, place }: { tile: Tile; place: Place }) {
  return (
    <article className="tile" data-w={tile.width} data-h={tile.height} aria-label={titleOf(tile, place)}>
      <TileFrame tile={tile} place={place}>
        <TileInside tile={tile} place={place} />
      </TileFrame>
    </article>
  );
}

/** The answer, from when it is first near. */
export function TileInside({ tile, place }: { tile: Tile; place: Place }) {
  const [ref, seen] = useSeen<HTMLDivElement>();
  return seen ? <Answer tile={tile} place={place} /> : <div ref={ref} style={{ height: roomOf(tile.height) }} />;
}

function Answer({ tile, place }: { tile: Tile; place: Place }) {
  const asked = askedOf(tile, place);
  const room = roomOf(tile.height);
  if (!asked) return <Skeleton height={room} kind="line" />;
  if ('error' in asked) return <Failed error={asked.error} onRetry={() => void place.views.refetch()} height={room} />;
  if ('why' in asked)
    return (
      <div className="mid" style={{ height: room }}>
        <Icon name="warn" />
        <p>{asked.why}</p>
      </div>
    );
  return <TileBody search={asked.search} scope={scopeOf(asked.search, place.anchor)} anchor={place.anchor} freshness={place.summary.freshness} form={tile.form} room={room} title={asked.title} />;
}
