/* Roles and what each may do, as one matrix: permissions down, roles across. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { patch, post, remove } from '~/api/client';
import { rolesQuery } from '~/api/people';
import type { Permission, Role } from '~/api/types';
import { countOf } from '~/lib/money';
import { may, useMay, useSession } from '~/shell/use-session';
import { Drawer } from '~/ui/dialog';
import { Field, Refused, badOf } from '~/ui/form';
import { Icon } from '~/ui/icon';
import { HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';
import { PermissionBoxes } from '../permission-boxes';

export function RolesPage() {
  const roles = useQuery(rolesQuery());
  const mayWrite = useMay('users.write');
  const [open, setOpen] = useState<Role | 'new' | null>(null);
  if (roles.error && !roles.data) return <PageFailed error={roles.error} onRetry={() => void roles.refetch()} />;
  if (!roles.data)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /></div></div>
        <Skeleton height={480} />
      </div>
    );
  const { data, permissions } = roles.data;
  const own = data.filter((r) => !r.built_in).length;
  return (
    <div className="page">
      <div className="head">
        <div><h1>{countOf(data.length, 'role')}. <span>{own ? `${countOf(own, 'is', 'are')} your own; the others are built in and stay as they are.` : 'All of them are built in and stay as they are; your own stand beside them.'}</span></h1></div>
        {mayWrite ? <button type="button" className="btn btn-ink" onClick={() => setOpen('new')}><Icon name="plus" />New role</button> : null}
      </div>
      <Matrix roles={data} permissions={permissions} onOpen={setOpen} />
      {open ? <RoleDrawer role={open === 'new' ? null : open} permissions={permissions} mayWrite={mayWrite} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}

function Matrix({ roles, permissions, onOpen }: { roles: readonly Role[]; permissions: readonly Permission[]; onOpen: (role: Role) => void }) {
  return (
    <div className="scroller" tabIndex={0} role="region" aria-label="Roles and permissions">
      <table className="table matrix">
        <thead>
          <tr>
            <th scope="col">Permission</th>
            <th scope="col" className="hide-s hide-m">Allows</th>
            {roles.map((r) => (
              <th key={r.id} scope="col" className="c">
                <button type="button" className="row-link" title={r.text} onClick={() => onOpen(r)}>{r.name}</button>
                <small className="t3">{countOf(r.users, 'person', 'people')}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {permissions.map((p) => (
            <tr key={p.name}>
              <th scope="row" className="mono" title={p.text}>{p.name}</th>
              <td className="t2 s hide-s hide-m">{p.text}</td>
              {roles.map((r) => (
                <td key={r.id} className="c">
                  {r.permissions.includes(p.name) ? <><Icon name="check" /><span className="sr">yes</span></> : <span className="t3">·<span className="sr">no</span></span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RoleDrawer({ role, permissions, mayWrite, onClose }: { role: Role | null; permissions: readonly Permission[]; mayWrite: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const session = useSession();
  const fixed = !mayWrite || role?.built_in === true;
  const [name, setName] = useState(role?.name ?? '');
  const [text, setText] = useState(role?.text ?? '');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(role?.permissions ?? []));
  const done = () => {
    void client.invalidateQueries({ queryKey: ['people'] });
    onClose();
  };
  const keep = useMutation({
    mutationFn: () => {
      const input = { name: name.trim(), text, permissions: [...chosen] };
      return role ? patch<Role>(`/roles/${encodeURIComponent(role.id)}`, input) : post<Role>('/roles', input);
    },
    onSuccess: done,
  });
  const drop = useMutation({ mutationFn: () => remove(`/roles/${encodeURIComponent(role!.id)}`), onSuccess: done });
  return (
    <Drawer title={role ? role.name : 'New role'} onClose={onClose} tools={role?.built_in ? <span className="tag">Built in</span> : null}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          keep.mutate();
        }}
      >
        <Refused error={badOf(keep.error, '/name') ? null : (keep.error ?? drop.error)} />
        {fixed ? (
          <p className="t2">{role?.text} {role?.built_in ? 'It is built in and stays as it is.' : 'To change it you need users.write; ask an administrator.'}</p>
        ) : (
          <>
            <Field label="Name" required maxLength={64} value={name} onChange={(e) => setName(e.target.value)} bad={badOf(keep.error, '/name')} />
            <Field label="What it is for" maxLength={500} value={text} onChange={(e) => setText(e.target.value)} />
          </>
        )}
        <fieldset className="form-field">
          <legend>May</legend>
          <PermissionBoxes permissions={permissions} chosen={chosen} isFixed={(p) => fixed || !may(session, p)} onChange={setChosen} />
        </fieldset>
        {fixed ? null : (
          <div className="form-acts">
            {role ? <button type="button" className="btn" disabled={drop.isPending || role.users > 0} title={role.users > 0 ? 'Somebody has this role' : undefined} onClick={() => drop.mutate()}>Delete</button> : null}
            <button type="submit" className="btn btn-ink" disabled={keep.isPending || !name.trim()}>{role ? 'Keep the changes' : 'Make the role'}</button>
          </div>
        )}
      </form>
    </Drawer>
  );
}
