/*
 * Arranging: by dragging a tile onto another one's place, or with the keys of the tile that has the focus. What is done is
 * kept here until it is saved, all at once, and only over what was read: who was faster is not undone unknowingly.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef, useState, type DragEvent, type KeyboardEvent } from 'react';
import { ApiError } from '~/api/client';
import { changeDashboard, dashboardQuery, type Tagged } from '~/api/keep';
import type { Dashboard, Tile } from '~/api/types';
import { FORMS, FORM_NAMES, MOST_TILES, formOf, moved, newTile, resized, rowStep } from '~/lib/keep';
import { searchOfKept } from '~/lib/kept-search';
import { countOf } from '~/lib/money';
import { problemText } from '~/ui/problem';
import { Icon } from '~/ui/icon';
import { Act, Choice, Group, Menu, Panel, Rule } from '~/ui/menu';
import { Note } from '~/ui/parts';
import { useToast } from '~/ui/toast';
import { TileFrame, TileInside, titleOf, type Place } from './tile';

/** A tile of the draft keeps its key wherever it goes. */
interface Draft {
  key: number;
  tile: Tile;
}

const KEYS = 'Arrow keys move it, Shift and arrow keys change its size, Delete removes it.';

function useDraft(board: Dashboard, place: Place) {
  const [tiles, setTiles] = useState<readonly Draft[]>(() => board.tiles.map((tile, key) => ({ key, tile })));
  const next = useRef(board.tiles.length);
  const [said, setSaid] = useState('');
  const say = useToast();
  const name = (i: number) => titleOf(tiles[i]!.tile, place);
  return {
    tiles, said,
    dirty: JSON.stringify(tiles.map((t) => t.tile)) !== JSON.stringify(board.tiles),
    move: (from: number, to: number) => {
      const at = Math.max(0, Math.min(tiles.length - 1, to));
      setTiles(moved(tiles, from, at));
      setSaid(`${name(from)} is ${at + 1} of ${tiles.length}`);
    },
    change: (i: number, tile: Tile, told: string) => {
      setTiles(tiles.map((t, k) => (k === i ? { ...t, tile } : t)));
      setSaid(`${name(i)}: ${told}`);
    },
    add: (tile: Tile) => {
      setTiles([...tiles, { key: next.current++, tile }]);
      setSaid(`${titleOf(tile, place)} is added as the last of ${tiles.length + 1}`);
    },
    remove: (i: number) => {
      const gone = tiles[i]!;
      setTiles(tiles.filter((t) => t !== gone));
      say(`“${name(i)}” is removed`, { action: { label: 'Undo', run: () => setTiles((now) => [...now.slice(0, i), gone, ...now.slice(i)]) } });
    },
  };
}

type Drafting = ReturnType<typeof useDraft>;

const sizeWords = (tile: Tile): string => `${countOf(tile.width, 'column')} wide, ${countOf(tile.height, 'row')} high`;

function resize(draft: Drafting, i: number, width: number, height: number): void {
  const tile = resized(draft.tiles[i]!.tile, width, height);
  draft.change(i, tile, sizeWords(tile));
}

function onKey(event: KeyboardEvent<HTMLElement>, draft: Drafting, i: number): void {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
  const tiles = draft.tiles.map((t) => t.tile);
  const moves: Record<string, () => void> = event.shiftKey
    ? { ArrowLeft: () => resize(draft, i, -1, 0), ArrowRight: () => resize(draft, i, 1, 0), ArrowUp: () => resize(draft, i, 0, -1), ArrowDown: () => resize(draft, i, 0, 1) }
    : {
        ArrowLeft: () => draft.move(i, i - 1), ArrowRight: () => draft.move(i, i + 1),
        ArrowUp: () => draft.move(i, i + rowStep(tiles, i, -1)), ArrowDown: () => draft.move(i, i + rowStep(tiles, i, 1)),
        Delete: () => draft.remove(i),
      };
  if (!moves[event.key]) return;
  event.preventDefault();
  moves[event.key]!();
}

function TileMenu({ draft, i, name }: { draft: Drafting; i: number; name: string }) {
  const { tile } = draft.tiles[i]!;
  return (
    <Menu label={`Change ${name}`} align="end" trigger={<button type="button" className="btn btn-quiet btn-icon" aria-label={`Change ${name}`}><Icon name="rows" /></button>}>
      <Group>Shown as</Group>
      {FORMS.map((form) => <Choice key={form} chosen={tile.form === form} onSelect={() => draft.change(i, { ...tile, form }, FORM_NAMES[form])}>{FORM_NAMES[form]}</Choice>)}
      <Rule />
      <Act icon="up" onSelect={() => draft.move(i, i - 1)}>Earlier</Act>
      <Act icon="fall" onSelect={() => draft.move(i, i + 1)}>Later</Act>
      <Act icon="plus" onSelect={() => resize(draft, i, 1, 0)}>Wider</Act>
      <Act icon="minus" onSelect={() => resize(draft, i, -1, 0)}>Narrower</Act>
      <Act icon="plus" onSelect={() => resize(draft, i, 0, 1)}>Higher</Act>
      <Act icon="minus" onSelect={() => resize(draft, i, 0, -1)}>Lower</Act>
      <Rule />
      <Act icon="trash" onSelect={() => draft.remove(i)}>Remove</Act>
    </Menu>
  );
}

function EditTile({ draft, i, place }: { draft: Drafting; i: number; place: Place }) {
  const { tile } = draft.tiles[i]!;
  const [over, setOver] = useState(false);
  const name = titleOf(tile, place);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const from = draft.tiles.findIndex((t) => String(t.key) === event.dataTransfer.getData('text/plain'));
    if (from >= 0 && from !== i) draft.move(from, i);
  };
  return (
    <article
      className={over ? 'tile tile-edit over' : 'tile tile-edit'} data-w={tile.width} data-h={tile.height} tabIndex={0} aria-label={`${name}, ${i + 1} of ${draft.tiles.length}, ${sizeWords(tile)}`} aria-describedby="board-keys"
      onKeyDown={(event) => onKey(event, draft, i)}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData('text/plain', String(draft.tiles[i]!.key));
        event.dataTransfer.effectAllowed = 'move';
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <TileFrame tile={tile} place={place} handle={<><Icon name="drag" /><TileMenu draft={draft} i={i} name={name} /></>}>
        <div className="tile-still" inert><TileInside tile={tile} place={place} /></div>
      </TileFrame>
    </article>
  );
}

function AddTile({ draft, place }: { draft: Drafting; place: Place }) {
  const [open, setOpen] = useState(false);
  const [q, setQ] = useState('');
  const views = (place.views.data ?? []).filter((v) => v.name.toLowerCase().includes(q.trim().toLowerCase()));
  return (
    <Panel
      label="Add a tile" open={open} onOpenChange={setOpen}
      trigger={<button type="button" className="btn" disabled={draft.tiles.length >= MOST_TILES}><Icon name="plus" />Add a tile</button>}
    >
      <div className="p-2"><input className="field" type="search" placeholder="A saved view" aria-label="Find a saved view" value={q} onChange={(e) => setQ(e.target.value)} /></div>
      <div className="scroller-y keep">
        {views.map((view) => (
          <button
            key={view.id} type="button" className="item"
            onClick={() => {
              draft.add(newTile({ view: view.id }, '', formOf(searchOfKept(view))));
              setOpen(false);
            }}
          >
            <Icon name="star" />
            <span className="ell">{view.name}</span>
          </button>
        ))}
        {views.length ? null : <p className="p-2 s t2">{place.views.data?.length ? 'No view has such a name.' : 'Nobody has saved a view yet: Explore has “Save view”.'}</p>}
      </div>
    </Panel>
  );
}

function Conflict({ onTheirs, onMine }: { onTheirs: () => void; onMine: () => void }) {
  return (
    <Note bad>
      Somebody has changed this dashboard since you began. Nothing was saved yet.
      <div className="row">
        <button type="button" className="btn" onClick={onTheirs}>Show theirs, drop mine</button>
        <button type="button" className="btn" onClick={onMine}>Save mine over theirs</button>
      </div>
    </Note>
  );
}

const isConflict = (error: unknown): boolean => error instanceof ApiError && error.problem.status === 412;

export function Editor({ tagged, place, onDone }: { tagged: Tagged<Dashboard>; place: Place; onDone: () => void }) {
  const [read] = useState(tagged); /* what the draft began with, whatever is read meanwhile */
  const { id } = read.data;
  const client = useQueryClient();
  const say = useToast();
  const draft = useDraft(read.data, place);
  const bar = useRef<HTMLDivElement>(null);
  const save = useMutation({
    mutationFn: async (over: boolean) => {
      const etag = over ? (await client.fetchQuery({ ...dashboardQuery(id), staleTime: 0 })).etag : read.etag;
      return changeDashboard(id, etag, { tiles: draft.tiles.map((t) => t.tile) });
    },
    onSuccess: (now) => {
      client.setQueryData(dashboardQuery(id).queryKey, now);
      void client.invalidateQueries({ queryKey: ['dashboards'], exact: true });
      say('The arrangement is saved');
      onDone();
    },
    onError: (error) => isConflict(error) || say(problemText(error), { bad: true }),
  });
  const unsaved = draft.dirty && !save.isSuccess;
  const mayLeave = () => !unsaved || window.confirm('The arrangement is not saved. Leave it?');
  /* another scope of the same page leaves nothing behind */
  useBlocker({ shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && !mayLeave(), enableBeforeUnload: () => unsaved });
  useEffect(() => bar.current?.focus(), []);
  const theirs = () => {
    void client.invalidateQueries({ queryKey: dashboardQuery(id).queryKey });
    onDone();
  };
  return (
    <>
      <div className="tools board-bar" role="toolbar" aria-label="Arranging" tabIndex={-1} ref={bar}>
        <AddTile draft={draft} place={place} />
        <span className="t2 s hide-s" id="board-keys">{KEYS}</span>
        <span className="grow" />
        <button type="button" className="btn btn-quiet" onClick={() => mayLeave() && onDone()}>Cancel</button>
        <button type="button" className="btn btn-ink" disabled={!draft.dirty || save.isPending} onClick={() => save.mutate(false)}>Save</button>
      </div>
      {isConflict(save.error) ? <Conflict onTheirs={theirs} onMine={() => save.mutate(true)} /> : null}
      <div className="board board-edit">
        {draft.tiles.map((t, i) => <EditTile key={t.key} draft={draft} i={i} place={place} />)}
      </div>
      {draft.tiles.length ? null : <p className="mid t2">Add a saved view as the first tile.</p>}
      <p className="sr" role="status" aria-live="polite">{draft.said}</p>
    </>
  );
}
