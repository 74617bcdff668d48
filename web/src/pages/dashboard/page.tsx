/* A dashboard: tiles that each load alone, as they were saved or all in the page's time and filters; and its arranging. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { ApiError } from '~/api/client';
import { dashboardQuery, setStar, type Tagged } from '~/api/keep';
import { viewsQuery } from '~/api/queries';
import type { Dashboard, Summary } from '~/api/types';
import { countOf } from '~/lib/money';
import type { Anchor, DashboardSearch } from '~/lib/search';
import { FreshnessLine } from '~/shell/freshness';
import { useKeptScope, useScope, useSetSearch, useSummary } from '~/shell/use-scope';
import { problemText } from '~/ui/problem';
import { Icon } from '~/ui/icon';
import { Segmented } from '~/ui/parts';
import { Empty, HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';
import { useToast } from '~/ui/toast';
import { StartPage } from '../start';
import { Editor } from './parts/editor';
import { TileView, type Place } from './parts/tile';

export function DashboardPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const board = useQuery(dashboardQuery(id));
  const summary = useSummary();
  const ready = useScope();
  if (board.error instanceof ApiError && board.error.problem.status === 404) return <Gone />;
  if (board.error && !board.data) return <PageFailed error={board.error} onRetry={() => void board.refetch()} />;
  if (summary.error && !summary.data) return <PageFailed error={summary.error} onRetry={() => void summary.refetch()} />;
  if (!board.data || !ready)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /></div></div>
        <Skeleton height={480} kind="bars" />
      </div>
    );
  if (ready.summary.ledger_version === 0) return <StartPage />;
  return <Board key={id} tagged={board.data} anchor={ready.anchor} summary={ready.summary} />;
}

function Gone() {
  const kept = useKeptScope();
  return (
    <div className="page">
      <h1 className="sr">This dashboard is not there</h1>
      <Empty icon="board" title="This dashboard is not there" action={<Link className="btn" to="/dashboards" search={kept}>Dashboards</Link>}>
        It was removed, or is not shared with you.
      </Empty>
    </div>
  );
}

function Star({ board }: { board: Dashboard }) {
  const client = useQueryClient();
  const say = useToast();
  const star = useMutation({
    mutationFn: () => setStar('dashboards', board.id, !board.starred),
    onSuccess: () => client.invalidateQueries({ queryKey: ['dashboards'] }),
    onError: (error) => say(problemText(error), { bad: true }),
  });
  return (
    <button type="button" className={board.starred ? 'btn btn-quiet btn-icon on' : 'btn btn-quiet btn-icon'} aria-pressed={board.starred} aria-label="Star" title="Star" disabled={star.isPending} onClick={() => star.mutate()}>
      <Icon name="star" />
    </button>
  );
}

function Board({ tagged, anchor, summary }: { tagged: Tagged<Dashboard>; anchor: Anchor; summary: Summary }) {
  const [editing, setEditing] = useState(false);
  const search = useSearch({ strict: false }) as DashboardSearch;
  const set = useSetSearch<DashboardSearch>();
  const views = useQuery(viewsQuery());
  const arrange = useRef<HTMLButtonElement>(null);
  const was = useRef(editing);
  useEffect(() => {
    if (was.current && !editing) arrange.current?.focus();
    was.current = editing;
  }, [editing]);
  const { data: board } = tagged;
  const place: Place = { views, anchor, summary, page: search.range === 'page' ? search : null };
  return (
    <div className="page board-page">
      <div className="head">
        <div>
          <h1>
            {board.name}.
            <span>{board.description || `${countOf(board.tiles.length, 'tile')}${board.owner ? `, made by ${board.owner}` : ''}.`}</span>
          </h1>
          <FreshnessLine freshness={summary.freshness} />
        </div>
        {editing ? null : (
          <>
            <Star board={board} />
            {board.editable ? (
              <button ref={arrange} type="button" className="btn" onClick={() => setEditing(true)}>
                <Icon name="edit" />
                Arrange
              </button>
            ) : null}
          </>
        )}
      </div>
      {editing ? (
        <Editor tagged={tagged} place={place} onDone={() => setEditing(false)} />
      ) : board.tiles.length === 0 ? (
        <NoTiles board={board} hasViews={(views.data?.length ?? 0) > 0} onEdit={() => setEditing(true)} />
      ) : (
        <>
          <div className="tools">
            <span className="t2">Time and filters</span>
            <Segmented label="Time and filters" value={search.range ?? 'saved'} onChange={(range) => set({ range: range === 'page' ? 'page' : undefined })} options={[['saved', 'As saved'], ['page', "The page's"]] as const} />
          </div>
          <div className="board">
            {board.tiles.map((tile, i) => <TileView key={i} tile={tile} place={place} />)}
          </div>
        </>
      )}
    </div>
  );
}

function NoTiles({ board, hasViews, onEdit }: { board: Dashboard; hasViews: boolean; onEdit: () => void }) {
  const kept = useKeptScope();
  if (!board.editable)
    return <Empty icon="board" title="There is no tile yet">{board.owner ? `${board.owner} has not put anything here.` : 'Nobody has put anything here.'}</Empty>;
  if (!hasViews)
    return (
      <Empty icon="board" title="There is no tile yet" action={<Link className="btn" to="/explore" search={kept}><Icon name="explore" />Explore</Link>}>
        Ask something in Explore, and pin it here with “Save view”.
      </Empty>
    );
  return (
    <Empty icon="board" title="There is no tile yet" action={<button type="button" className="btn" onClick={onEdit}><Icon name="plus" />Add the first tile</button>}>
      A tile shows one of your saved views.
    </Empty>
  );
}
