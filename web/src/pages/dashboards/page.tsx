/* What people keep: dashboards and saved views, by folder; starred, shown to others, made and removed. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { dashboardsQuery, setStar, type Kind } from '~/api/keep';
import { viewsQuery } from '~/api/queries';
import type { Dashboard, View } from '~/api/types';
import { dayText } from '~/lib/dates';
import { VISIBILITY_NAMES, VISIBILITY_SHORT, foldersOf, inFolder } from '~/lib/keep';
import { searchOfKept } from '~/lib/kept-search';
import { countOf } from '~/lib/money';
import type { KeptSearch } from '~/lib/search';
import { useKeptScope, useSetSearch } from '~/shell/use-scope';
import { useMay } from '~/shell/use-session';
import { problemText } from '~/ui/problem';
import { useCopy } from '~/ui/copy';
import { Icon } from '~/ui/icon';
import { Choice, Menu, Rule } from '~/ui/menu';
import { Segmented } from '~/ui/parts';
import { Empty, HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';
import { useToast } from '~/ui/toast';
import { KeptDrawer, type Opened } from './parts/kept-drawer';

export type Kept = View | Dashboard;

export function DashboardsPage() {
  const boards = useQuery(dashboardsQuery());
  const views = useQuery(viewsQuery());
  const search = useSearch({ strict: false }) as KeptSearch;
  const kept = useKeptScope();
  const mayMake = useMay('dashboards.write');
  const [open, setOpen] = useState<Opened | null>(null);
  const kind: Kind = search.show === 'views' ? 'views' : 'dashboards';
  const failed = boards.error ?? views.error;
  if (failed && !(boards.data && views.data)) return <PageFailed error={failed} onRetry={() => void Promise.all([boards.refetch(), views.refetch()])} />;
  if (!boards.data || !views.data)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /></div></div>
        <Skeleton height={320} />
      </div>
    );
  const all: readonly Kept[] = kind === 'views' ? views.data : boards.data;
  const starred = all.filter((k) => k.starred).length;
  return (
    <div className="page">
      <div className="head">
        <div>
          <h1>
            {kind === 'views' ? countOf(all.length, 'saved view') : countOf(all.length, 'dashboard')}.
            <span>{all.length ? `${countOf(all.filter((k) => k.editable).length, 'is', 'are')} yours to change, ${starred || 'none'} starred.` : kind === 'views' ? 'A question of Explore under a name.' : 'Several questions on one page.'}</span>
          </h1>
        </div>
        {kind === 'dashboards' && mayMake ? <button type="button" className="btn btn-ink" onClick={() => setOpen('new')}><Icon name="plus" />New dashboard</button> : null}
      </div>
      <nav className="tabs" aria-label="Kept">
        <Link to="/dashboards" search={kept} aria-current={kind === 'dashboards' ? 'page' : undefined} activeOptions={{ exact: true }} activeProps={{}}>Dashboards<em>{boards.data.length}</em></Link>
        <Link to="/dashboards" search={{ ...kept, show: 'views' }} aria-current={kind === 'views' ? 'page' : undefined} activeOptions={{ exact: true }} activeProps={{}}>Saved views<em>{views.data.length}</em></Link>
      </nav>
      {all.length ? <List kind={kind} all={all} search={search} onOpen={setOpen} /> : <NothingKept kind={kind} mayMake={mayMake} onNew={() => setOpen('new')} />}
      {open ? <KeptDrawer opened={open} folders={foldersOf([...boards.data, ...views.data])} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}

function NothingKept({ kind, mayMake, onNew }: { kind: Kind; mayMake: boolean; onNew: () => void }) {
  const scope = useKeptScope();
  if (kind === 'dashboards' && mayMake)
    return (
      <Empty icon="board" title="There is no dashboard yet" action={<button type="button" className="btn" onClick={onNew}><Icon name="plus" />New dashboard</button>}>
        It shows saved views side by side.
      </Empty>
    );
  return (
    <Empty icon="star" title={kind === 'views' ? 'There is no saved view yet' : 'There is no dashboard yet'} action={<Link className="btn" to="/explore" search={scope}><Icon name="explore" />Explore</Link>}>
      {kind === 'views' ? 'Ask something in Explore, then “Save view”.' : 'Nobody has shared one with you.'}
    </Empty>
  );
}

function List({ kind, all, search, onOpen }: { kind: Kind; all: readonly Kept[]; search: KeptSearch; onOpen: (opened: Opened) => void }) {
  const set = useSetSearch<KeptSearch>();
  const folders = foldersOf(all);
  const shown = all.filter((k) => (!search.starred || k.starred) && (!search.folder || inFolder(k.folder, search.folder)));
  const inOrder = ['', ...folders].filter((f) => shown.some((k) => k.folder === f));
  return (
    <>
      <div className="tools">
        <Segmented label="Which" value={search.starred ?? 'all'} onChange={(v) => set({ starred: v === 'yes' ? 'yes' : undefined })} options={[['all', 'All'], ['yes', 'Starred']] as const} />
        {folders.length ? (
          <Menu label="Folder" trigger={<button type="button" className="btn"><Icon name="folder" />{search.folder ?? 'All folders'}<Icon name="down" small /></button>}>
            <Choice chosen={!search.folder} onSelect={() => set({ folder: undefined })}>All folders</Choice>
            <Rule />
            {folders.map((f) => <Choice key={f} chosen={f === search.folder} onSelect={() => set({ folder: f })}>{f}</Choice>)}
          </Menu>
        ) : null}
      </div>
      {shown.length ? (
        <div className="scroller" tabIndex={0} role="region" aria-label={kind === 'views' ? 'Saved views' : 'Dashboards'}>
          <table className="table kept-list">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col" className="hide-s">Shown to</th>
                <th scope="col" className="hide-s">Made by</th>
                {kind === 'dashboards' ? <th scope="col" className="r hide-s hide-m">Tiles</th> : null}
                <th scope="col" className="r hide-s">Changed</th>
                <th scope="col"><span className="sr">Acts</span></th>
              </tr>
            </thead>
            {inOrder.map((folder) => (
              <tbody key={folder}>
                {folder ? <tr className="gap"><th scope="rowgroup" colSpan={kind === 'dashboards' ? 6 : 5} className="t2"><Icon name="folder" /> {folder}</th></tr> : null}
                {shown.filter((k) => k.folder === folder).map((kept) => <Row key={kept.id} kind={kind} kept={kept} onOpen={onOpen} />)}
              </tbody>
            ))}
          </table>
        </div>
      ) : (
        <Empty icon="filter" title={search.starred ? 'Nothing is starred here' : 'This folder is empty'} action={<button type="button" className="btn" onClick={() => set({ starred: undefined, folder: undefined })}>Show all</button>}>
          {search.starred ? 'The star at the end of a row keeps it at hand.' : 'What was in it was moved or removed.'}
        </Empty>
      )}
    </>
  );
}

function Row({ kind, kept, onOpen }: { kind: Kind; kept: Kept; onOpen: (opened: Opened) => void }) {
  const client = useQueryClient();
  const scope = useKeptScope();
  const say = useToast();
  const star = useMutation({
    mutationFn: () => setStar(kind, kept.id, !kept.starred),
    onSuccess: () => client.invalidateQueries({ queryKey: [kind] }),
    onError: (error) => say(problemText(error), { bad: true }),
  });
  const copy = useCopy();
  return (
    <tr>
      <td>
        {'tiles' in kept ? (
          <Link to="/dashboards/$id" params={{ id: kept.id }} search={scope} className="row-link">{kept.name}</Link>
        ) : (
          <Link to="/explore" search={searchOfKept(kept)} className="row-link">{kept.name}</Link>
        )}
      </td>
      <td className="hide-s t2" title={VISIBILITY_NAMES[kept.visibility]}>{VISIBILITY_SHORT[kept.visibility]}</td>
      <td className="hide-s t2">{kept.owner ?? '–'}</td>
      {'tiles' in kept ? <td className="r hide-s hide-m">{kept.tiles.length}</td> : null}
      <td className="r hide-s t2">{dayText(kept.updated_at.slice(0, 10))}</td>
      <td className="acts">
        <button type="button" className={kept.starred ? 'btn btn-quiet btn-icon on' : 'btn btn-quiet btn-icon'} aria-pressed={kept.starred} aria-label={`Star ${kept.name}`} title="Star" disabled={star.isPending} onClick={() => star.mutate()}><Icon name="star" /></button>
        <button type="button" className="btn btn-quiet btn-icon" aria-label={`Copy link to ${kept.name}`} title="Copy link" onClick={() => void copy('Link', () => `${location.origin}/${kind === 'views' ? 'v' : 'dashboards'}/${kept.id}`)}><Icon name="link" /></button>
        {kept.editable ? <button type="button" className="btn btn-quiet btn-icon" aria-label={`Change ${kept.name}`} title="Name, folder, readers" onClick={() => onOpen({ kind, kept })}><Icon name="edit" /></button> : null}
      </td>
    </tr>
  );
}
