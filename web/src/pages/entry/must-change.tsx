import { remove } from '~/api/client';
import { useEnter, useSession } from '~/shell/use-session';
import { ChangePassword } from './change-password';
import { Entry } from './entry';

/** Who was given a password by somebody else takes one of their own first. */
export function MustChangePage() {
  const user = useSession()?.user;
  const enter = useEnter();
  if (!user) return null;
  return (
    <Entry title="Take a password of your own." sense="The one that you signed in with was given to you, and somebody else may know it.">
      <ChangePassword email={user.email} onDone={enter} />
      <p className="mt-3"><button type="button" className="link" onClick={() => void remove('/session').finally(() => location.replace('/'))}>Sign out</button></p>
    </Entry>
  );
}
