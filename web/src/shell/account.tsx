/* Who one is here, and the way to one's account, to the pages of administrators, and out. */
import { useNavigate } from '@tanstack/react-router';
import { ApiError, remove } from '~/api/client';
import type { Session } from '~/api/types';
import { Icon } from '~/ui/icon';
import { Act, Group, Menu, Rule } from '~/ui/menu';
import { problemText } from '~/ui/problem';
import { useToast } from '~/ui/toast';
import { adminFor, hasOwnTokens, type AdminEntry } from './admin';
import { useKeptScope } from './use-scope';
import { useSession } from './use-session';

function Trigger({ quiet, name, ...rest }: { quiet?: boolean | undefined; name: string }) {
  return (
    <button type="button" {...(quiet ? { className: 'btn btn-quiet btn-icon' } : {})} aria-label={`Account, ${name}`} title={name} {...rest}>
      <Icon name="person" />
      {quiet ? null : <span className="tx ell">{name}</span>}
    </button>
  );
}

/* The page is loaded anew: nothing that was seen stays in memory. Whose session is over already is out. */
async function signOut(): Promise<void> {
  try {
    await remove('/session');
  } catch (error) {
    if (!(error instanceof ApiError) || error.problem.status !== 401) throw error;
  }
  location.replace('/');
}

/** The pages that are behind the person, where they stand. */
function useGo(): (to: AdminEntry['to'] | '/account') => void {
  const navigate = useNavigate();
  const search = useKeptScope();
  return (to) => void navigate({ to, search });
}

/** Nobody signs in here: said where one would look for oneself. */
function OpenAccess({ session, quiet }: { session: Session; quiet?: boolean | undefined }) {
  const go = useGo();
  return (
    <Menu label="Open access" trigger={<Trigger quiet={quiet} name="Open access" />}>
      <div className="grid gap-2 p-2">
        <b className="b">You run open on loopback</b>
        <p className="t2 s">Whoever reaches this port on this machine may do everything. From the first account on everybody signs in.</p>
      </div>
      <Rule />
      {adminFor(session).map((a) => <Act key={a.to} icon={a.icon} onSelect={() => go(a.to)}>{a.name}</Act>)}
    </Menu>
  );
}

export function AccountMenu({ quiet }: { quiet?: boolean }) {
  const session = useSession();
  const go = useGo();
  const say = useToast();
  if (!session) return null;
  if (session.login === 'open') return <OpenAccess session={session} quiet={quiet} />;
  if (!session.user) return null;
  const { user } = session;
  const admin = quiet ? adminFor(session) : [];
  const leave = () => void signOut().catch((error) => say(`You are still signed in. ${problemText(error)}`, { bad: true }));
  return (
    <Menu label="Account" trigger={<Trigger quiet={quiet} name={user.name || user.email} />}>
      <Group>{user.email}, {user.role}</Group>
      <Act icon="person" onSelect={() => go('/account')}>Your account</Act>
      {hasOwnTokens(session) ? <Act icon="code" onSelect={() => go('/tokens')}>Your tokens</Act> : null}
      {admin.length ? <Rule /> : null}
      {admin.map((a) => <Act key={a.to} icon={a.icon} onSelect={() => go(a.to)}>{a.name}</Act>)}
      <Rule />
      <Act icon="out" onSelect={leave}>Sign out</Act>
    </Menu>
  );
}
