/* One's own account: password, second factor, sessions. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { remove } from '~/api/client';
import { sessionsQuery } from '~/api/people';
import type { OpenSession } from '~/api/types';
import { useEnter, useSession } from '~/shell/use-session';
import { problemText } from '~/ui/problem';
import { Section } from '~/ui/parts';
import { Empty, Loaded } from '~/ui/states';
import { useToast } from '~/ui/toast';
import { ChangePassword } from '../entry/change-password';
import { whenText } from '../users/words';
import { SecondFactor } from './parts/second-factor';
import { browserName } from './words';

export function AccountPage() {
  const session = useSession();
  const enter = useEnter();
  const say = useToast();
  if (!session?.user)
    return (
      <div className="page">
        <h1 className="sr">Account</h1>
        <Empty icon="person" title="Nobody signs in here">You run open on loopback: whoever reaches this port may do everything, and there is no account to change.</Empty>
      </div>
    );
  const { user } = session;
  return (
    <div className="page">
      <div className="head">
        <div>
          <h1>You are {user.name || user.email}, {user.role}. <span>{session.scope ? 'You see a part of the charges.' : 'You see all charges.'}</span></h1>
          <p className="s t2 mt-2">{user.email}{session.scope ? <>; <span className="mono">{session.scope}</span></> : null}</p>
        </div>
      </div>
      <div className="cols cols-b">
        <div>
          <div className="grid gap-7">
            <Sessions />
            <SecondFactor on={user.totp} />
          </div>
        </div>
        <Section title="Password">
          <ChangePassword
            email={user.email}
            onDone={(next) => {
              enter(next);
              say('Your password is changed, and your other sessions have ended');
            }}
          />
        </Section>
      </div>
    </div>
  );
}

function Sessions() {
  const sessions = useQuery(sessionsQuery());
  const client = useQueryClient();
  const say = useToast();
  const end = useMutation({
    mutationFn: (s: OpenSession) => remove(`/sessions/${encodeURIComponent(s.id)}`),
    onSuccess: () => void client.invalidateQueries(sessionsQuery()),
    onError: (error) => say(problemText(error), { bad: true }),
  });
  return (
    <Section title="Sessions" sub="where you are signed in">
      <Loaded query={sessions} height={160}>
        {(all) => (
          <div className="scroller">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Browser</th>
                  <th scope="col" className="hide-s">Address</th>
                  <th scope="col" className="hide-s hide-m">Since, UTC</th>
                  <th scope="col">Last used, UTC</th>
                  <th scope="col"><span className="sr">End</span></th>
                </tr>
              </thead>
              <tbody>
                {all.map((s) => (
                  <tr key={s.id}>
                    <td><span className="nm" title={s.agent}>{browserName(s.agent)}</span></td>
                    <td className="hide-s mono">{s.address}</td>
                    <td className="hide-s hide-m n">{whenText(s.created_at)}</td>
                    <td className="n">{whenText(s.last_used_at)}</td>
                    <td className="r">{s.current ? <span className="tag tag-good">This one</span> : <button type="button" className="btn btn-quiet btn-mini" aria-label={`End the session in ${browserName(s.agent)} of ${s.address}`} disabled={end.isPending} onClick={() => end.mutate(s)}>End</button>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </Section>
  );
}
