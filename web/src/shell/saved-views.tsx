/* The views that are kept under a name: a new one of what is shown, and those that are there. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { viewsQuery } from '~/api/queries';
import { post, remove } from '~/api/client';
import type { View } from '~/api/types';
import { planOf, searchOf, type Anchor } from '~/lib/search';
import { Icon } from '~/ui/icon';
import { problemText } from '~/ui/problem';
import { useToast } from '~/ui/toast';
import { May } from './may';
import { useMay } from './use-session';
import { useScopeSearch } from './use-scope';

/** The views that are there, from the newest: opened, or taken away. */
function SavedViews({ onOpen }: { onOpen: () => void }) {
  const views = useQuery(viewsQuery()).data ?? [];
  const mayWrite = useMay('views.write');
  const navigate = useNavigate();
  const say = useToast();
  const client = useQueryClient();
  const drop = useMutation({
    mutationFn: (view: View) => remove(`/views/${encodeURIComponent(view.id)}`),
    onSuccess: (_, view) => {
      void client.invalidateQueries({ queryKey: ['views'] });
      say(`“${view.name}” is removed`);
    },
    onError: (error) => say(problemText(error), { bad: true }),
  });
  if (!views.length) return null;
  return (
    <>
      <hr />
      <h3>Saved views</h3>
      {[...views].sort((a, b) => (a.created_at < b.created_at ? 1 : -1)).map((view) => (
        <div key={view.id} className="flex items-center">
          <button
            type="button"
            className="item min-w-0"
            onClick={() => {
              onOpen();
              void navigate({ to: '/explore', search: searchOf(view.plan) });
            }}
          >
            <Icon name="star" />
            <span className="ell">{view.name}</span>
          </button>
          {mayWrite ? <button type="button" className="btn btn-quiet btn-icon" aria-label={`Remove the view ${view.name}`} disabled={drop.isPending} onClick={() => drop.mutate(view)}>
            <Icon name="trash" />
          </button> : null}
        </div>
      ))}
    </>
  );
}

export function SavedViewsPanel({ anchor, onDone }: { anchor: Anchor; onDone: () => void }) {
  const search = useScopeSearch();
  const say = useToast();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (name: string) => post<View>('/views', { name, plan: planOf(search, anchor) }),
    onSuccess: (view) => {
      void client.invalidateQueries({ queryKey: ['views'] });
      onDone();
      say(`“${view.name}” is saved; search finds it`);
    },
    onError: (error) => say(problemText(error), { bad: true }),
  });
  return (
    <>
      <May needs={['views.write']}>
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
          <button type="submit" className="btn justify-center" disabled={save.isPending}>Save</button>
        </form>
      </May>
      <SavedViews onOpen={onDone} />
    </>
  );
}
