/* Who one is here, and the way to one's account, to the pages of administrators, and out. */
import { useNavigate } from '@tanstack/react-router';
import { remove } from '~/api/client';
import type { Session } from '~/api/types';
import { Icon } from '~/ui/icon';
import { Act, Group, Menu, Panel, Rule } from '~/ui/menu';
import { useToast } from '~/ui/toast';
import { ADMIN, type AdminEntry } from './admin';
import { may, useSession } from './use-session';

function Trigger({ quiet, name, ...rest }: { quiet?: boolean | undefined; name: string }) {
  return (
    <button type="button" {...(quiet ? { className: 'btn btn-quiet btn-icon' } : {})} aria-label={`Account, ${name}`} title={name} {...rest}>
      <Icon name="person" />
      {quiet ? null : <span className="tx ell">{name}</span>}
    </button>
  );
}

const adminFor = (session: Session): AdminEntry[] => ADMIN.filter((a) => may(session, a.needs));

/** Nobody signs in here: said where one would look for oneself. */
function OpenAccess({ session, quiet }: { session: Session; quiet?: boolean | undefined }) {
  const navigate = useNavigate();
  return (
    <Panel label="Open access" trigger={<Trigger quiet={quiet} name="Open access" />}>
      <div className="grid gap-2 p-2">
        <b className="b">You run open on loopback</b>
        <p className="t2 s">Whoever reaches this port on this machine may do everything. From the first account on everybody signs in.</p>
      </div>
      <hr />
      {adminFor(session).map((a) => (
        <button key={a.to} type="button" className="item" onClick={() => void navigate({ to: a.to })}>
          <Icon name={a.icon} />
          {a.name}
        </button>
      ))}
    </Panel>
  );
}

export function AccountMenu({ quiet }: { quiet?: boolean }) {
  const session = useSession();
  const navigate = useNavigate();
  const say = useToast();
  if (!session) return null;
  if (session.login === 'open') return <OpenAccess session={session} quiet={quiet} />;
  if (!session.user) return null;
  const { user } = session;
  const admin = quiet ? adminFor(session) : [];
  /* the page is loaded anew: nothing that was seen stays in memory */
  const leave = () => void remove('/session').then(() => location.replace('/'), () => say('You are still signed in: the server did not answer', { bad: true }));
  return (
    <Menu label="Account" trigger={<Trigger quiet={quiet} name={user.name || user.email} />}>
      <Group>{user.email}, {user.role}</Group>
      <Act icon="person" onSelect={() => void navigate({ to: '/account' })}>Your account</Act>
      {admin.length ? <Rule /> : null}
      {admin.map((a) => <Act key={a.to} icon={a.icon} onSelect={() => void navigate({ to: a.to })}>{a.name}</Act>)}
      <Rule />
      <Act icon="out" onSelect={leave}>Sign out</Act>
    </Menu>
  );
}
