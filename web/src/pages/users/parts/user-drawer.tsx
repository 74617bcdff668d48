/* One person: what they may do and see, and what an administrator can do about it. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { patch, remove } from '~/api/client';
import type { Role, User } from '~/api/types';
import { ScopeEditor } from '~/shell/scope-editor';
import { mayGive, useSession } from '~/shell/use-session';
import { Drawer } from '~/ui/dialog';
import { Field, Pick, Refused } from '~/ui/form';
import { problemText } from '~/ui/problem';
import { useToast } from '~/ui/toast';
import { STATES, stateOf, whenText } from '../words';

interface Props {
  user: User;
  me: boolean;
  roles: readonly Role[];
  mayWrite: boolean;
  onReset: (secondFactor: boolean) => void;
  resetting: { isPending: boolean; error: unknown };
  onChanged: () => void;
  onClose: () => void;
}

export function UserDrawer({ user, me, roles, mayWrite, onReset, resetting, onChanged, onClose }: Props) {
  const say = useToast();
  const session = useSession();
  /* their own stays in the list, whatever it may */
  const offered = roles.filter((r) => r.id === user.role || mayGive(session, r.permissions));
  const [name, setName] = useState(user.name);
  const [role, setRole] = useState(user.role);
  const [scope, setScope] = useState(user.scope);
  const path = `/users/${encodeURIComponent(user.id)}`;
  const change = useMutation({
    mutationFn: (next: { name?: string; role?: string; scope?: string | null; disabled?: boolean }) => patch<User>(path, next),
    onSuccess: (now) => {
      onChanged();
      say(`${now.name || now.email} is changed`);
    },
  });
  const signOut = useMutation({
    mutationFn: () => remove(`${path}/sessions`),
    onSuccess: () => say(`${user.name || user.email} is signed out everywhere`),
    onError: (error) => say(problemText(error), { bad: true }),
  });
  const next = {
    ...(name.trim() && name.trim() !== user.name ? { name: name.trim() } : {}),
    ...(role !== user.role ? { role } : {}),
    ...(scope !== user.scope ? { scope } : {}),
  };
  const [state, tag] = STATES[stateOf(user, new Date().toISOString())];
  const chosen = roles.find((r) => r.id === role);
  const why = me ? 'You cannot disable yourself' : undefined;
  return (
    <Drawer title={user.name || user.email} onClose={onClose} tools={<span className={tag}>{state}</span>}>
      <dl className="kv">
        <dt>E-mail</dt>
        <dd>{user.email}</dd>
        <dt>Here since</dt>
        <dd className="n">{whenText(user.created_at)} UTC</dd>
        <dt>Last here</dt>
        <dd className="n">{whenText(user.last_sign_in_at)}{user.last_sign_in_at ? ' UTC' : ''}</dd>
        <dt>Second factor</dt>
        <dd>{user.totp ? 'Yes' : 'No'}</dd>
        {user.locked_until ? <><dt>Locked out</dt><dd className="n">until {whenText(user.locked_until)} UTC, after too many wrong passwords</dd></> : null}
      </dl>
      <form
        className="form mt-5"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(next);
        }}
      >
        <Refused error={change.error} />
        <Field label="Name" value={name} maxLength={200} disabled={!mayWrite} onChange={(e) => setName(e.target.value)} />
        <Pick label="Role" value={role} disabled={!mayWrite || me} options={offered.length ? offered.map((r) => [r.id, r.name] as const) : [[user.role, user.role_name]]} onChange={setRole} hint={me ? 'Another administrator changes your role and what you see.' : chosen?.text} />
        {mayWrite && !me ? <ScopeEditor value={scope} onChange={setScope} everything="All charges." /> : <p className="t2">{me ? 'You see' : 'Sees'} {user.scope ?? 'all charges'}.</p>}
        {mayWrite ? (
          <div className="form-acts">
            <button type="submit" className="btn btn-ink" disabled={change.isPending || !Object.keys(next).length}>Keep the changes</button>
          </div>
        ) : (
          <p className="t2 s">To change this you need users.write; ask an administrator.</p>
        )}
        {mayWrite && Object.keys(next).some((k) => k !== 'name') ? <p className="t2 s">Their sessions end, so that it counts at once.</p> : null}
      </form>
      {mayWrite ? (
        <section className="mt-7" aria-label="Access">
          <div className="sec"><h2>Access</h2></div>
          <Refused error={resetting.error} />
          <div className="flex flex-wrap gap-2">
            {me ? null : (
              <button type="button" className="btn" disabled={resetting.isPending || user.state === 'disabled'} title={user.state === 'disabled' ? 'Enable the account first' : undefined} onClick={() => onReset(false)}>
                {user.state === 'invited' ? 'New invitation' : 'New password link'}
              </button>
            )}
            {user.totp && !me ? <button type="button" className="btn" disabled={resetting.isPending} onClick={() => onReset(true)}>New password link, and remove the second factor</button> : null}
            {user.state === 'active' ? <button type="button" className="btn" disabled={signOut.isPending} onClick={() => signOut.mutate()}>Sign out everywhere</button> : null}
            <button type="button" className="btn" disabled={change.isPending || me} title={why} onClick={() => change.mutate({ disabled: user.state !== 'disabled' })}>
              {user.state === 'disabled' ? 'Enable' : 'Disable'}
            </button>
          </div>
        </section>
      ) : null}
    </Drawer>
  );
}
