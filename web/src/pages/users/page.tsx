/* Who may sign in, as what, and what of the charges they see. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '~/api/client';
import { rolesQuery, usersQuery } from '~/api/people';
import type { OneTime, User } from '~/api/types';
import { useMay, useSession } from '~/shell/use-session';
import { Refused } from '~/ui/form';
import { Icon } from '~/ui/icon';
import { Note } from '~/ui/parts';
import { Empty, HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';
import { InviteDialog } from './parts/invite';
import { UserDrawer } from './parts/user-drawer';
import { LinkDialog } from './parts/link-dialog';
import { STATES, peopleWords, stateOf, whenText } from './words';

export function UsersPage() {
  const users = useQuery(usersQuery());
  const roles = useQuery(rolesQuery());
  const session = useSession();
  const mayWrite = useMay('users.write');
  const client = useQueryClient();
  const [open, setOpen] = useState<string | null>(null);
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<{ user: User; once: OneTime } | null>(null);
  const changed = () => void client.invalidateQueries({ queryKey: ['people'] });
  const reset = useMutation({
    mutationFn: ({ user, second }: { user: User; second: boolean }) => post<OneTime>(`/users/${encodeURIComponent(user.id)}/reset`, { second_factor: second }),
    onSuccess: (once, { user }) => {
      changed();
      setLink({ user, once });
    },
  });
  /* while nobody signs in, the first account is that of an administrator: another would shut everybody out */
  const first = session?.login === 'open' && users.data?.length === 0;
  const begin = useMutation({ mutationFn: () => post<OneTime>('/setup-token', undefined), onSuccess: (once) => location.assign(once.link) });
  if (users.error && !users.data) return <PageFailed error={users.error} onRetry={() => void users.refetch()} />;
  if (!users.data)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /></div></div>
        <Skeleton height={320} />
      </div>
    );
  const words = peopleWords(users.data);
  const one = users.data.find((u) => u.id === open);
  return (
    <div className="page">
      <div className="head">
        <div><h1>{words.fact} <span>{words.sense}</span></h1></div>
        {first ? (
          <button type="button" className="btn btn-ink" disabled={begin.isPending} onClick={() => begin.mutate()}>Make the first account</button>
        ) : mayWrite ? (
          <button type="button" className="btn btn-ink" onClick={() => setInviting(true)}><Icon name="plus" />Invite</button>
        ) : null}
      </div>
      {session?.login === 'open' ? (
        <Note>
          You run open on loopback: nobody signs in yet, and whoever reaches this port may do everything. {first ? 'With the first account, which is an administrator’s, that changes at once.' : ''}
        </Note>
      ) : null}
      <Refused error={begin.error} />
      {users.data.length ? (
        <UsersTable users={users.data} me={session?.user?.id} onOpen={setOpen} />
      ) : (
        <Empty icon="person" title="Nobody yet">The first administrator makes an account, and invites the others.</Empty>
      )}
      {inviting ? (
        <InviteDialog
          roles={roles.data?.data ?? []}
          onClose={() => setInviting(false)}
          onDone={(made) => {
            changed();
            setInviting(false);
            if (made.one_time) setLink({ user: made.user, once: made.one_time });
          }}
        />
      ) : null}
      {one ? (
        <UserDrawer
          key={one.id}
          user={one}
          me={session?.user?.id === one.id}
          roles={roles.data?.data ?? []}
          mayWrite={mayWrite}
          onReset={(second) => reset.mutate({ user: one, second })}
          resetting={reset}
          onChanged={changed}
          onClose={() => {
            setOpen(null);
            reset.reset();
          }}
        />
      ) : null}
      {link ? <LinkDialog email={link.user.email} once={link.once} onClose={() => setLink(null)} /> : null}
    </div>
  );
}

function UsersTable({ users, me, onOpen }: { users: readonly User[]; me: string | undefined; onOpen: (id: string) => void }) {
  const now = new Date().toISOString();
  return (
    <div className="scroller">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Person</th>
            <th scope="col" className="hide-s">E-mail</th>
            <th scope="col">Role</th>
            <th scope="col" className="hide-s hide-m">Sees</th>
            <th scope="col" className="hide-s hide-m">Second factor</th>
            <th scope="col" className="hide-s">Last here, UTC</th>
            <th scope="col" className="r">State</th>
          </tr>
        </thead>
        <tbody>
          {users.map((u) => {
            const [name, tag] = STATES[stateOf(u, now)];
            return (
              <tr key={u.id} className={u.state === 'disabled' ? 't3' : ''}>
                <td>
                  <span className="nm"><button type="button" className="row-link" title={u.email} onClick={() => onOpen(u.id)}>{u.name || u.email}</button>{u.id === me ? <span className="t3 s"> you</span> : null}</span>
                </td>
                <td className="hide-s ell" title={u.email}>{u.email}</td>
                <td>{u.role_name}</td>
                <td className="hide-s hide-m fill ell" title={u.scope ?? undefined}>{u.scope ?? 'all charges'}</td>
                <td className="hide-s hide-m">{u.totp ? 'yes' : 'no'}</td>
                <td className="hide-s n">{whenText(u.last_sign_in_at)}</td>
                <td className="r"><span className={tag}>{name}</span></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
