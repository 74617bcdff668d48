/* One's own password: where it must be changed before all else, and in the account. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { isWrongPassword, post } from '~/api/client';
import type { Session } from '~/api/types';
import { Field, NewPassword, Refused, badOf } from '~/ui/form';

export function ChangePassword({ email, onDone }: { email: string; onDone: (session: Session) => void }) {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useMutation({
    mutationFn: () => post<Session>('/auth/password', { current, password }),
    onSuccess: (session) => {
      setCurrent('');
      setPassword('');
      onDone(session);
    },
  });
  const wrong = isWrongPassword(change.error) ? 'That is not your password.' : badOf(change.error, '/current');
  const bad = badOf(change.error, '/password');
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <Refused error={wrong || bad ? null : change.error} />
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <Field label="Password now" type="password" autoComplete="current-password" required value={current} onChange={(e) => setCurrent(e.target.value)} bad={wrong} />
      <NewPassword email={email} value={password} onChange={setPassword} bad={bad} />
      <button type="submit" className="btn justify-center" disabled={change.isPending}>Change the password</button>
    </form>
  );
}
