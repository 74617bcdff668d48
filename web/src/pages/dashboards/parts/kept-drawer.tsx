/* Name, folder and readers of what is kept; a new dashboard; and its end. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { addDashboard, changeKept, dropKept, type Kind } from '~/api/keep';
import type { Dashboard, View } from '~/api/types';
import { VISIBILITIES, VISIBILITY_NAMES, folderText, type Visibility } from '~/lib/keep';
import { useKeptScope } from '~/shell/use-scope';
import { Drawer } from '~/ui/dialog';
import { Field, Pick, Refused, badOf } from '~/ui/form';
import { Icon } from '~/ui/icon';
import { useToast } from '~/ui/toast';

export type Opened = 'new' | { kind: Kind; kept: View | Dashboard };

const VISIBILITY_HINTS: Record<Visibility, string> = {
  private: 'Nobody else finds it.',
  organisation: 'Whoever may see every cost finds it. You and administrators change it.',
  everyone: 'Also who sees a part of the costs. They read its name and filters; figures are cut to their part.',
};

export function KeptDrawer({ opened, folders, onClose }: { opened: Opened; folders: readonly string[]; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const scope = useKeptScope();
  const say = useToast();
  const list = useId();
  const kept = opened === 'new' ? null : opened.kept;
  const kind: Kind = opened === 'new' ? 'dashboards' : opened.kind;
  const [name, setName] = useState(kept?.name ?? '');
  const [description, setDescription] = useState(kept && 'tiles' in kept ? kept.description : '');
  const [folder, setFolder] = useState(kept?.folder ?? '');
  const [visibility, setVisibility] = useState<Visibility>(kept?.visibility ?? 'private');
  const [ending, setEnding] = useState(false);
  const input = { name: name.trim(), folder: folderText(folder), visibility, ...(kind === 'dashboards' ? { description } : {}) };
  const save = useMutation({
    mutationFn: async (): Promise<Dashboard | null> => {
      if (!kept) return addDashboard(input);
      await changeKept(kind, kept.id, input);
      return null;
    },
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: [kind] });
      onClose();
      if (made) void navigate({ to: '/dashboards/$id', params: { id: made.id }, search: scope });
    },
  });
  const drop = useMutation({
    mutationFn: () => dropKept(kind, kept!.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [kind] });
      say(`“${kept!.name}” is removed`);
      onClose();
    },
  });
  return (
    <Drawer title={kept ? kept.name : 'New dashboard'} onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Field label="Name" required maxLength={200} autoComplete="off" autoFocus value={name} onChange={(e) => setName(e.target.value)} bad={badOf(save.error, '/name')} />
        {kind === 'dashboards' ? <Field label="Description" maxLength={2000} autoComplete="off" value={description} onChange={(e) => setDescription(e.target.value)} /> : null}
        <Field label="Folder" hint="Finance/Monthly is a folder inside another. Empty: in none." list={list} maxLength={200} autoComplete="off" value={folder} onChange={(e) => setFolder(e.target.value)} bad={badOf(save.error, '/folder')} />
        <datalist id={list}>{folders.map((f) => <option key={f} value={f} />)}</datalist>
        <Pick label="Shown to" hint={VISIBILITY_HINTS[visibility]} value={visibility} options={VISIBILITIES.map((v) => [v, VISIBILITY_NAMES[v]] as const)} onChange={(v) => setVisibility(v as Visibility)} />
        <Refused error={save.error ?? drop.error} />
        <div className="row">
          <button type="submit" className="btn btn-ink" disabled={save.isPending || !name.trim()}>{kept ? 'Save' : 'Make it'}</button>
          {kept && !ending ? <button type="button" className="btn btn-quiet" onClick={() => setEnding(true)}><Icon name="trash" />Remove</button> : null}
          {kept && ending ? <button type="button" className="btn" disabled={drop.isPending} onClick={() => drop.mutate()}>{kind === 'views' ? 'Remove it; tiles of it will say so' : 'Remove it for everybody'}</button> : null}
        </div>
      </form>
    </Drawer>
  );
}
