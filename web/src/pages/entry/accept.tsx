import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, post } from '~/api/client';
import type { OneTimeInfo, Session } from '~/api/types';
import { instantText } from '~/lib/dates';
import { Field, NewPassword, Refused, badOf } from '~/ui/form';
import { Skeleton, Failed } from '~/ui/states';
import { Entry } from './entry';
import { enterAnew, useSecret } from './use-secret';

/** An invitation, or a new password for somebody who is here already: the secret says which. */
export function AcceptPage() {
  const secret = useSecret();
  const info = useQuery({ queryKey: ['one-time', secret], queryFn: () => post<OneTimeInfo>('/auth/invitation', { secret }), enabled: secret !== '', retry: false });
  const gone = secret === '' || (info.error instanceof ApiError && [400, 404, 422].includes(info.error.problem.status));
  if (gone)
    return (
      <Entry title="This link is not good any more." sense="It works once, and not for long; or a part of it was lost on the way.">
        <p className="t2">Ask an administrator for a new one. If you have set your password already, sign in.</p>
        <p><a className="btn" href="/">Sign in</a></p>
      </Entry>
    );
  if (info.error) return <Entry title="This could not be looked up."><Failed error={info.error} onRetry={() => void info.refetch()} /></Entry>;
  if (!info.data) return <Entry title="One moment."><Skeleton height={280} /></Entry>;
  return <AcceptForm key={secret} secret={secret} info={info.data} />;
}

function AcceptForm({ secret, info }: { secret: string; info: OneTimeInfo }) {
  const invited = info.kind === 'invite';
  const [name, setName] = useState(info.name);
  const [password, setPassword] = useState('');
  const accept = useMutation({
    mutationFn: () => post<Session | { code_wanted: true }>('/auth/accept', { secret, password, ...(invited && name.trim() ? { name: name.trim() } : {}) }),
    onSuccess: enterAnew, /* with a second factor the first page asks for it */
  });
  return (
    <Entry title={invited ? 'You are invited.' : 'Set a new password.'} sense={`For ${info.email}, until ${instantText(info.expires_at)} UTC.`}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          accept.mutate();
        }}
      >
        <Refused error={badOf(accept.error, '/password') ? null : accept.error} />
        {/* for password managers: which account this is */}
        <input type="email" name="email" autoComplete="username" value={info.email} readOnly hidden />
        {invited ? <Field label="Your name" name="name" autoComplete="name" maxLength={200} value={name} onChange={(e) => setName(e.target.value)} /> : null}
        <NewPassword email={info.email} value={password} onChange={setPassword} bad={badOf(accept.error, '/password')} />
        <button type="submit" className="btn btn-ink justify-center" disabled={accept.isPending}>{invited ? 'Accept' : 'Set the password'}</button>
      </form>
    </Entry>
  );
}
