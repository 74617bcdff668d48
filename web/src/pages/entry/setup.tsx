import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, post } from '~/api/client';
import type { Session } from '~/api/types';
import { Field, NewPassword, Refused, badOf } from '~/ui/form';
import { Entry } from './entry';
import { enterAnew, useSecret } from './use-secret';

/** The first administrator. */
export function SetupPage() {
  const given = useSecret();
  return <SetupForm key={given} given={given} />;
}

function SetupForm({ given }: { given: string }) {
  const [secret, setSecret] = useState(given);
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const make = useMutation({
    mutationFn: () => post<Session>('/auth/setup', { secret, email, password, ...(name.trim() ? { name: name.trim() } : {}) }),
    onSuccess: enterAnew,
  });
  const stale = make.error instanceof ApiError && [401, 403, 404, 409].includes(make.error.problem.status);
  return (
    <Entry title="Make the first account." sense="It may do everything, and invites the others. From then on everybody signs in.">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        {stale ? <Refused text="This set-up token is not good any more: it works once, and only while nobody is here. Whoever runs the server gets a new one by: farthing users setup-token" /> : <Refused error={['/email', '/password'].some((p) => badOf(make.error, p)) ? null : make.error} />}
        {given && !stale ? null : <Field label="Set-up token" name="secret" autoComplete="off" required value={secret} onChange={(e) => setSecret(e.target.value)} hint="As the server printed it, or farthing users setup-token does." />}
        <Field label="E-mail" name="email" type="email" autoComplete="username" autoFocus required value={email} onChange={(e) => setEmail(e.target.value)} bad={badOf(make.error, '/email')} />
        <Field label="Name" name="name" autoComplete="name" maxLength={200} value={name} onChange={(e) => setName(e.target.value)} />
        <NewPassword email={email} value={password} onChange={setPassword} bad={badOf(make.error, '/password')} />
        <button type="submit" className="btn btn-ink justify-center" disabled={make.isPending}>Make the account</button>
      </form>
    </Entry>
  );
}
