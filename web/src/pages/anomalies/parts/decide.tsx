/* What has to be said with a decision: until when, why, whose. */
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { usersQuery } from '~/api/people';
import type { Anomaly, AnomalyKind, AnomalyPatch } from '~/api/types';
import { addDays, addMonths, dayText, isDay, type Day } from '~/lib/dates';
import { countOf } from '~/lib/money';
import { may, useSession } from '~/shell/use-session';
import { Area, Field } from '~/ui/form';
import { FormDialog } from '~/ui/form-dialog';
import { Segmented } from '~/ui/parts';
import { KIND_HINTS, KIND_NAMES } from '../words';

export type Asked = 'snooze' | 'resolve' | 'false' | 'assign';

interface Props {
  cases: readonly Anomaly[];
  today: Day;
  onDecide: (decision: AnomalyPatch) => void;
  onClose: () => void;
}

const MOST = 2000;
const about = (cases: readonly Anomaly[]): string => (cases.length === 1 ? cases[0]!.id : countOf(cases.length, 'case'));
const textOr = (text: string) => (text.trim() ? { reason: text.trim() } : {});

export function DecideDialog({ what, ...props }: Props & { what: Asked }) {
  switch (what) {
    case 'snooze':
      return <Snooze {...props} />;
    case 'resolve':
      return <Resolve {...props} />;
    case 'false':
      return <FalsePositive {...props} />;
    case 'assign':
      return <Assign {...props} />;
  }
}

function Snooze({ cases, today, onDecide, onClose }: Props) {
  const presets = [[addDays(today, 7), 'A week'], [addDays(today, 14), 'Two weeks'], [addMonths(today, 1), 'A month']] as const;
  const [until, setUntil] = useState<string>(presets[0][0]);
  const [reason, setReason] = useState('');
  const good = isDay(until) && until > today;
  return (
    <FormDialog label="Snooze" title={`Snooze ${about(cases)}`} act="Snooze" disabled={!good || !reason.trim()} onSubmit={() => onDecide({ state: 'snoozed', snoozed_until: until, reason: reason.trim() })} onClose={onClose}>
      <div><Segmented label="For" value={until} onChange={setUntil} options={presets} /></div>
      <Field label="Open again on" type="date" value={until} min={addDays(today, 1)} required onChange={(e) => setUntil(e.target.value)} {...(good ? {} : { bad: 'A day after today.' })} />
      <Area label="Why" autoFocus required maxLength={MOST} value={reason} onChange={(e) => setReason(e.target.value)} hint="Silence has a reason and an end; both are in its history." />
    </FormDialog>
  );
}

function Resolve({ cases, onDecide, onClose }: Props) {
  const [cause, setCause] = useState('');
  return (
    <FormDialog label="Resolve" title={`Resolve ${about(cases)}`} act="Resolve" disabled={!cause.trim()} onSubmit={() => onDecide({ state: 'resolved', cause: cause.trim() })} onClose={onClose}>
      <Area label="What it came from" autoFocus required maxLength={MOST} value={cause} onChange={(e) => setCause(e.target.value)} hint="Who meets the next one like it finds this here." />
    </FormDialog>
  );
}

const KINDS = Object.keys(KIND_NAMES) as AnomalyKind[];

function FalsePositive({ cases, onDecide, onClose }: Props) {
  const [kind, setKind] = useState<AnomalyKind>('one_off');
  const [reason, setReason] = useState('');
  const name = useId();
  return (
    <FormDialog label="False positive" title={`${about(cases)}: no anomaly`} act="No anomaly" disabled={false} onSubmit={() => onDecide({ state: 'false_positive', kind, ...textOr(reason) })} onClose={onClose}>
      <fieldset className="form-field">
        <legend>What it was</legend>
        {KINDS.map((k) => (
          <label key={k} className="check">
            <input type="radio" name={name} checked={k === kind} data-first={k === kind ? '' : undefined} onChange={() => setKind(k)} />
            <span>{KIND_NAMES[k]}<small>{KIND_HINTS[k]}</small></span>
          </label>
        ))}
      </fieldset>
      <Area label="Why, if you like" maxLength={MOST} value={reason} onChange={(e) => setReason(e.target.value)} hint="It changes what is found in this scope from the next run on." />
    </FormDialog>
  );
}

function Assign({ cases, onDecide, onClose }: Props) {
  const session = useSession();
  const me = session?.user?.email;
  const ownOnly = Boolean(session?.scope); /* who sees a part names no others */
  const users = useQuery({ ...usersQuery(), enabled: session !== undefined && !ownOnly && may(session, 'users.read') });
  const [owner, setOwner] = useState((cases.length === 1 ? cases[0]!.owner : null) ?? me ?? '');
  const id = useId();
  return (
    <FormDialog label="Assign" title={`Whose is ${about(cases)}?`} act="Assign" disabled={!owner.trim()} onSubmit={() => onDecide({ owner: owner.trim() })} onClose={onClose}>
      <Field label="E-mail" type="email" autoFocus required maxLength={254} list={id} readOnly={ownOnly} value={owner} onChange={(e) => setOwner(e.target.value)} hint={ownOnly ? 'You see a part of the charges: you can take a case yourself.' : undefined} />
      <datalist id={id}>{users.data?.filter((u) => u.state === 'active').map((u) => <option key={u.id} value={u.email}>{u.name}</option>)}</datalist>
      <div className="flex gap-2">
        {me && owner !== me ? <button type="button" className="btn" onClick={() => onDecide({ owner: me })}>Me</button> : null}
        {cases.some((c) => c.owner) ? <button type="button" className="btn" onClick={() => onDecide({ owner: null })}>Nobody</button> : null}
      </div>
    </FormDialog>
  );
}

export const snoozedText = (c: Anomaly, today: Day): string => (c.snoozed_until ? `Snoozed, open again on ${dayText(c.snoozed_until, today)}` : 'Snoozed');
