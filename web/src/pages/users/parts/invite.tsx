import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '~/api/client';
import type { Role, UserCreated } from '~/api/types';
import { ScopeEditor } from '~/shell/scope-editor';
import { mayGive, useSession } from '~/shell/use-session';
import { Field, Pick, Refused, badOf } from '~/ui/form';
import { FormDialog } from '~/ui/form-dialog';

export function InviteDialog({ roles: all, onClose, onDone }: { roles: readonly Role[]; onClose: () => void; onDone: (made: UserCreated) => void }) {
  const session = useSession();
  const roles = all.filter((r) => mayGive(session, r.permissions));
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
    <FormDialog label="Invite" title="Invite somebody" act="Make the invitation" disabled={invite.isPending} onSubmit={() => invite.mutate()} onClose={onClose}>
      <Refused error={own ? null : invite.error} text={badOf(invite.error, '/scope') ?? null} />
      <Field label="E-mail" type="email" required autoFocus autoComplete="off" maxLength={254} value={email} onChange={(e) => setEmail(e.target.value)} bad={badOf(invite.error, '/email')} />
      <Field label="Name" autoComplete="off" maxLength={200} value={name} onChange={(e) => setName(e.target.value)} />
      <Pick label="Role" value={chosen?.id ?? role} options={roles.map((r) => [r.id, r.name] as const)} onChange={setRole} hint={chosen?.text} />
      <ScopeEditor value={scope} onChange={setScope} everything="All charges." />
    </FormDialog>
  );
}
