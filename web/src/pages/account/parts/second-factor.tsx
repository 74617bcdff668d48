/* An authenticator beside the password: begun with the password, counted once it has shown a right code. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import qrcode from 'qrcode-generator';
import { useState, type FormEvent } from 'react';
import { ApiError, isWrongPassword, post } from '~/api/client';
import { sessionQuery } from '~/api/queries';
import type { TotpSecret } from '~/api/types';
import { Field, Refused } from '~/ui/form';
import { Section } from '~/ui/parts';
import { ShownOnce } from '~/ui/secret';

/** Always dark on light, or no camera reads it. */
function QrCode({ text }: { text: string }) {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const n = code.getModuleCount();
  let path = '';
  for (let y = 0; y < n; y++) for (let x = 0; x < n; x++) if (code.isDark(y, x)) path += `M${x} ${y}h1v1h-1z`;
  return (
    <svg className="qr" viewBox={`-4 -4 ${n + 8} ${n + 8}`} role="img" aria-label="QR code of the secret" shapeRendering="crispEdges">
      <path d={path} />
    </svg>
  );
}

function Proof({ act, asked, onCancel }: {
  act: string;
  asked: { isPending: boolean; error: unknown; mutate: (password: string) => void };
  onCancel: () => void;
}) {
  const wrong = isWrongPassword(asked.error);

  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    asked.mutate(password);
  };
  return (
    <form className="form" onSubmit={submit}>
      <Refused error={wrong ? null : asked.error} />
      <Field label="Your password" type="password" autoComplete="current-password" required value={password} onChange={(e) => setPassword(e.target.value)} bad={wrong ? 'That is not your password.' : undefined} />
      <div className="flex gap-2">
        <button type="submit" className="btn" disabled={asked.isPending}>{act}</button>
        <button type="button" className="btn btn-quiet" onClick={onCancel}>Cancel</button>
      </div>
    </form>
  );
}

const isWrongCode = (error: unknown): boolean => error instanceof ApiError && error.problem.status === 422;

function Confirm({ secret, onDone, onCancel }: { secret: TotpSecret; onDone: (codes: string[]) => void; onCancel: () => void }) {
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: () => post<{ recovery_codes: string[] }>('/auth/totp/confirm', { code: code.replaceAll(' ', '') }),
    onSuccess: (answer) => onDone(answer.recovery_codes),
  });
  return (
    <div className="enrol">
      <QrCode text={secret.uri} />
      <div className="grid gap-3">
        <p>Scan this with an authenticator, or type the secret there:</p>
        <ShownOnce label="Secret" text={secret.secret} />
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            confirm.mutate();
          }}
        >
          <Refused text={isWrongCode(confirm.error) ? 'That code is not right. Is the clock of the device right?' : null} error={confirm.error} />
          <Field label="Code that it shows" inputMode="numeric" autoComplete="one-time-code" pattern="[0-9 ]{6,7}" required value={code} onChange={(e) => setCode(e.target.value)} />
          <div className="flex gap-2">
            <button type="submit" className="btn btn-ink" disabled={confirm.isPending}>Confirm</button>
            <button type="button" className="btn btn-quiet" onClick={onCancel}>Cancel</button>
          </div>
        </form>
      </div>
    </div>
  );
}

export function SecondFactor({ on }: { on: boolean }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [codes, setCodes] = useState<string[] | null>(null);
  const begin = useMutation({ mutationFn: (password: string) => post<TotpSecret>('/auth/totp', { password }) });
  const changed = () => void client.invalidateQueries(sessionQuery());
  const drop = useMutation({
    mutationFn: (password: string) => post<undefined>('/auth/totp/remove', { password }),
    onSuccess: () => {
      setAsking(false);
      setCodes(null);
      changed();
    },
  });
  const cancel = () => {
    setAsking(false);
    begin.reset();
    drop.reset();
  };
  const state = on ? 'on' : 'off';
  return (
    <Section title="Second factor" sub={state} tools={!asking && !codes ? <button type="button" className="btn" onClick={() => setAsking(true)}>{on ? 'Remove' : 'Set up'}</button> : null}>
      {codes ? (
        <div className="grid gap-3">
          <ShownOnce label="Recovery codes, for when the device is lost" text={codes.join('\n')}>Each works once. They are shown only now.</ShownOnce>
          <button type="button" className="btn justify-self-start" onClick={() => setCodes(null)}>I have kept them</button>
        </div>
      ) : !asking ? (
        <p className="t2">{on ? 'Signing in asks for a code of your authenticator, too.' : 'With it, your password alone lets nobody in.'}</p>
      ) : on ? (
        <Proof act="Remove it" asked={drop} onCancel={cancel} />
      ) : begin.data ? (
        <Confirm
          secret={begin.data}
          onCancel={cancel}
          onDone={(made) => {
            setCodes(made);
            setAsking(false);
            begin.reset();
            changed();
          }}
        />
      ) : (
        <Proof act="Go on" asked={begin} onCancel={cancel} />
      )}
    </Section>
  );
}
