import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '~/api/client';
import type { Role, UserCreated } from '~/api/types';
import { ScopeEditor } from '~/shell/scope-editor';
import { Dialog } from '~/ui/dialog';
import { Field, Pick, Refused, badOf } from '~/ui/form';

export function InviteDialog({ roles, onClose, onDone }: { roles: readonly Role[]; onClose: () => void; onDone: (made: UserCreated) => void }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState('viewer');
  const [scope, setScope] = useState<string | null>(null);
  const chosen = roles.find((r) => r.id === role) ?? roles[0];
  const invite = useMutation({
    mutationFn: () => post<UserCreated>('/users', { email, role: chosen?.id ?? role, ...(name.trim() ? { name: name.trim() } : {}), ...(scope === null ? {} : { scope }) }),
    onSuccess: onDone,
  });
  const own = ['/email', '/scope'].some((p) => badOf(invite.error, p));
  return (
    <Dialog label="Invite" className="pop form-pop" onClose={onClose}>
      <div className="sec"><h2>Invite somebody</h2></div>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        <Refused error={own ? null : invite.error} text={badOf(invite.error, '/scope') ?? null} />
        <Field label="E-mail" type="email" required autoFocus autoComplete="off" maxLength={254} value={email} onChange={(e) => setEmail(e.target.value)} bad={badOf(invite.error, '/email')} />
        <Field label="Name" autoComplete="off" maxLength={200} value={name} onChange={(e) => setName(e.target.value)} />
        <Pick label="Role" value={chosen?.id ?? role} options={roles.map((r) => [r.id, r.name] as const)} onChange={setRole} hint={chosen?.text} />
        <ScopeEditor value={scope} onChange={setScope} everything="All charges." />
        <div className="form-acts">
          <button type="button" className="btn" onClick={onClose}>Cancel</button>
          <button type="submit" className="btn btn-ink" disabled={invite.isPending}>Make the invitation</button>
        </div>
      </form>
    </Dialog>
  );
}
