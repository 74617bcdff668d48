import { useState } from 'react';
import type { Session } from '~/api/types';
import { useEnter } from '~/shell/use-session';
import { Dialog } from '~/ui/dialog';
import { Field, Refused } from '~/ui/form';
import { Entry } from './entry';
import { useSignIn, whyNot } from './use-sign-in';

function SignInForm({ onEnter, email: known }: { onEnter: (session: Session) => void; email?: string | undefined }) {
  const { send, wait, codeWanted, again } = useSignIn(onEnter);
  const [email, setEmail] = useState(known ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const somebodyElse = () => {
    again();
    setEmail('');
    setPassword('');
    setCode('');
  };
  const error = whyNot(send.error, codeWanted);
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!wait && !send.isPending) send.mutate({ email, password, ...(codeWanted ? { code: code.replaceAll(' ', '') } : {}) });
      }}
    >
      <Refused text={error} />
      {codeWanted ? (
        <>
          <Field key="code" label="Code" name="code" autoComplete="one-time-code" autoFocus required maxLength={40} value={code} onChange={(e) => setCode(e.target.value)} hint="The six digits of your authenticator, or a recovery code." />
          <button type="button" className="link justify-self-start" onClick={somebodyElse}>Sign in as somebody else</button>
        </>
      ) : (
        <>
          <Field label="E-mail" name="email" type="email" autoComplete="username" autoFocus={!known} required value={email} onChange={(e) => setEmail(e.target.value)} />
          <Field label="Password" name="password" type="password" autoComplete="current-password" autoFocus={!!known} required value={password} onChange={(e) => setPassword(e.target.value)} />
        </>
      )}
      <button type="submit" className="btn btn-ink justify-center" disabled={send.isPending || wait > 0}>
        {wait ? `Wait ${wait} s` : codeWanted ? 'Go on' : 'Sign in'}
      </button>
    </form>
  );
}

export function SignInPage({ setup }: { setup: boolean }) {
  const enter = useEnter();
  if (setup)
    return (
      <Entry title="Nobody is here yet." sense="The first person makes an account with the one-time link that the server printed when it started.">
        <p className="t2">It begins with <code className="mono">/setup#</code>. If it is lost, whoever runs the server gets a new one:</p>
        <pre className="code">farthing users setup-token</pre>
      </Entry>
    );
  return (
    <Entry title="Sign in." sense="An administrator invites people and gives new passwords.">
      <SignInForm onEnter={enter} />
    </Entry>
  );
}

/** Over the page that was being worked on, which keeps what was typed there. Whoever else signs in gets pages of their own. */
export function SignInAgain({ email }: { email?: string | undefined }) {
  const enter = useEnter();
  const [was] = useState(email);
  return (
    <Dialog label="Sign in again" className="pop again-in" onClose={() => undefined}>
      <div className="sec"><h2>Sign in again</h2></div>
      <p className="t2 mb-3">Your session has ended. What you have typed is still here.</p>
      <SignInForm
        email={was}
        onEnter={(session) => {
          if (was && session.user?.email !== was) location.reload();
          else enter(session);
        }}
      />
    </Dialog>
  );
}
