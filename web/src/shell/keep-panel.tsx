/* Keeping what Explore shows: as a view under a name, or as a tile of a dashboard; and the views that there are. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, post } from '~/api/client';
import { addDashboard, changeDashboard, dashboardQuery, dashboardsQuery, dropKept } from '~/api/keep';
import { dimensionsQuery, viewsQuery } from '~/api/queries';
import type { Dashboard, Tile, View } from '~/api/types';
import { MOST_TILES, VISIBILITIES, VISIBILITY_NAMES, formOf, newTile, type Visibility } from '~/lib/keep';
import { keptText, searchOfKept } from '~/lib/kept-search';
import { DEFAULT_BY, planOf, type Anchor, type ExploreSearch } from '~/lib/search';
import { METRIC_NAMES, dimensionName } from '~/lib/words';
import { Pick } from '~/ui/form';
import { Icon } from '~/ui/icon';
import { problemText } from '~/ui/problem';
import { useToast } from '~/ui/toast';
import { May } from './may';
import { useKeptScope } from './use-scope';
import { useMay } from './use-session';

/** `question`: what would be kept; null: there is none here. */
export function KeepPanel({ anchor, question, pins, onClose }: { anchor: Anchor; question: ExploreSearch | null; pins: boolean; onClose: () => void }) {
  const mayPin = useMay('dashboards.write');
  return (
    <div className="keep">
      {question ? <May needs={['views.write']}><SaveForm anchor={anchor} question={question} onClose={onClose} /></May> : null}
      {question && pins && mayPin ? <Pins anchor={anchor} question={question} onClose={onClose} /> : null}
      <SavedViews onClose={onClose} />
    </div>
  );
}

function SaveForm({ anchor, question, onClose }: { anchor: Anchor; question: ExploreSearch; onClose: () => void }) {
  const say = useToast();
  const client = useQueryClient();
  const navigate = useNavigate();
  const kept = useKeptScope();
  const [visibility, setVisibility] = useState<Visibility>('private');
  const save = useMutation({
    mutationFn: (name: string) => post<View>('/views', { name, plan: planOf(question, anchor), search: keptText(question), visibility }),
    onSuccess: (view) => {
      void client.invalidateQueries({ queryKey: ['views'] });
      onClose();
      say(`“${view.name}” is saved; search finds it`, { action: { label: 'Views', run: () => void navigate({ to: '/dashboards', search: { ...kept, show: 'views' } }) } });
    },
    onError: (error) => say(problemText(error), { bad: true }),
  });
  return (
    <form
      className="grid gap-2 p-2"
      onSubmit={(event) => {
        event.preventDefault();
        const name = String(new FormData(event.currentTarget).get('name')).trim();
        if (name) save.mutate(name);
      }}
    >
      <label className="grid gap-1 s t2">
        Name of this view
        <input className="field" name="name" required maxLength={120} autoComplete="off" autoFocus />
      </label>
      <Pick label="Shown to" value={visibility} options={VISIBILITIES.map((v) => [v, VISIBILITY_NAMES[v]] as const)} onChange={(v) => setVisibility(v as Visibility)} />
      <button type="submit" className="btn justify-center" disabled={save.isPending}>Save</button>
    </form>
  );
}

/** "Effective cost by service": what a tile is called that nobody has named. */
function useTitle(search: ExploreSearch): string {
  const { data } = useQuery(dimensionsQuery());
  const by = (search.by ?? DEFAULT_BY).map((id) => dimensionName(id, data).toLowerCase()).join(' and ');
  return search.view === 'drivers' ? `What changed, by ${by}` : `${METRIC_NAMES[search.metric ?? 'effective_cost']} by ${by}`;
}

/** Others may add a tile at the same time: then it is read anew, once. */
async function pinTo(board: Dashboard, tile: Tile, read: (id: string) => Promise<{ data: Dashboard; etag: string }>): Promise<Dashboard> {
  for (let last = false; ; last = true) {
    const { data, etag } = await read(board.id);
    if (data.tiles.length >= MOST_TILES) throw new ApiError({ type: 'about:blank', title: `“${data.name}” is full`, status: 0, detail: `A dashboard has at most ${MOST_TILES} tiles` });
    try {
      return (await changeDashboard(board.id, etag, { tiles: [...data.tiles, tile] })).data;
    } catch (error) {
      if (last || !(error instanceof ApiError) || error.problem.status !== 412) throw error;
    }
  }
}

function Pins({ anchor, question, onClose }: { anchor: Anchor; question: ExploreSearch; onClose: () => void }) {
  const title = useTitle(question);
  const kept = useKeptScope();
  const say = useToast();
  const client = useQueryClient();
  const navigate = useNavigate();
  const boards = (useQuery(dashboardsQuery()).data ?? []).filter((b) => b.editable);
  const tile = (): Tile => newTile({ plan: planOf(question, anchor), search: keptText(question) }, title, formOf(question));
  const pin = useMutation({
    mutationFn: (board: Dashboard | null) =>
      board ? pinTo(board, tile(), (id) => client.fetchQuery({ ...dashboardQuery(id), staleTime: 0 })) : addDashboard({ name: 'My dashboard', tiles: [tile()] }),
    onSuccess: (board) => {
      void client.invalidateQueries({ queryKey: ['dashboards'] });
      onClose();
      say(`Pinned to “${board.name}”`, { action: { label: 'Open', run: () => void navigate({ to: '/dashboards/$id', params: { id: board.id }, search: kept }) } });
    },
    onError: (error) => say(problemText(error), { bad: true }),
  });
  return (
    <>
      <hr />
      <h2>Pin to a dashboard</h2>
      {boards.map((board) => (
        <button key={board.id} type="button" className="item" disabled={pin.isPending} onClick={() => pin.mutate(board)}>
          <Icon name="pin" />
          <span className="ell">{board.name}</span>
        </button>
      ))}
      <button type="button" className="item" disabled={pin.isPending} onClick={() => pin.mutate(null)}>
        <Icon name="plus" />
        <span className="ell">A new dashboard</span>
      </button>
    </>
  );
}

const MOST = 6;

/** The newest views: opened, or taken away by who made them. */
function SavedViews({ onClose }: { onClose: () => void }) {
  const views = useQuery(viewsQuery()).data ?? [];
  const say = useToast();
  const client = useQueryClient();
  const drop = useMutation({
    mutationFn: (view: View) => dropKept('views', view.id),
    onSuccess: (_, view) => {
      void client.invalidateQueries({ queryKey: ['views'] });
      say(`“${view.name}” is removed`);
    },
    onError: (error) => say(problemText(error), { bad: true }),
  });
  const kept = useKeptScope();
  if (!views.length) return <p className="t2 s p-2">Nothing is saved yet: Explore has “Save view”.</p>;
  const newest = [...views].sort((a, b) => (a.created_at < b.created_at ? 1 : -1)).slice(0, MOST);
  return (
    <>
      <hr />
      <h2>Saved views</h2>
      {newest.map((view) => (
        <div key={view.id} className="flex items-center">
          <Link to="/explore" search={searchOfKept(view)} className="item min-w-0" onClick={onClose}>
            <Icon name="star" />
            <span className="ell">{view.name}</span>
          </Link>
          {view.editable ? (
            <button type="button" className="btn btn-quiet btn-icon" aria-label={`Remove the view ${view.name}`} disabled={drop.isPending} onClick={() => drop.mutate(view)}>
              <Icon name="trash" />
            </button>
          ) : null}
        </div>
      ))}
      <Link to="/dashboards" search={{ ...kept, show: 'views' }} className="item" onClick={onClose}>
        <Icon name="rows" />
        <span className="ell">All views</span>
      </Link>
    </>
  );
}
