/* Forms that stand for themselves: a label over each field, what is wrong with it below, and what is wrong with all. */
import { useId, type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes } from 'react';
import { ApiError } from '~/api/client';
import { Icon } from './icon';
import { problemText } from './problem';

export function Field({ label, hint, bad, ...input }: { label: string; hint?: ReactNode; bad?: ReactNode } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const told = bad ?? hint;
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <input id={id} className="field" aria-invalid={bad ? true : undefined} aria-describedby={told ? `${id}-told` : undefined} data-first={input.autoFocus ? '' : undefined} {...input} />
      {told ? <p id={`${id}-told`} {...(bad ? { className: 'bad', role: 'alert' } : {})}>{told}</p> : null}
    </div>
  );
}

/** Several lines of text. */
export function Area({ label, hint, ...area }: { label: string; hint?: ReactNode } & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} className="field area" rows={3} aria-describedby={hint ? `${id}-told` : undefined} data-first={area.autoFocus ? '' : undefined} {...area} />
      {hint ? <p id={`${id}-told`}>{hint}</p> : null}
    </div>
  );
}

export function Pick({ label, hint, value, options, onChange, disabled }: {
  label: string;
  hint?: ReactNode;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="field" value={value} disabled={disabled} aria-describedby={hint ? `${id}-told` : undefined} onChange={(e) => onChange(e.target.value)}>
        {options.map(([key, name]) => <option key={key} value={key}>{name}</option>)}
      </select>
      {hint ? <p id={`${id}-told`}>{hint}</p> : null}
    </div>
  );
}

/** What the server said of one field, by its pointer. */
export function badOf(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.problem.errors?.find((e) => e.pointer === pointer)?.detail ?? undefined;
}

/** Why the form was refused; read out as soon as it is there. */
export function Refused({ error, text }: { error?: unknown; text?: string | null }) {
  const shown = text ?? (error ? problemText(error) : null);
  return (
    <div role="alert">
      {shown ? <div className="note note-bad"><Icon name="warn" /><div>{shown}</div></div> : null}
    </div>
  );
}

const LEAST = 12;
const MOST = 256;

/** The rules that can be told before the password is sent; which ones are common the server knows. */
const passwordRules = (password: string, email: string): readonly { text: string; kept: boolean }[] => [
  { text: `${LEAST} characters or more`, kept: [...password].length >= LEAST && [...password].length <= MOST },
  { text: 'not your e-mail address', kept: password !== '' && password.toLowerCase() !== email.toLowerCase() },
];

export function NewPassword({ email, value, onChange, bad }: { email: string; value: string; onChange: (value: string) => void; bad?: ReactNode }) {
  return (
    <div>
      <Field label="New password" type="password" autoComplete="new-password" required value={value} onChange={(e) => onChange(e.target.value)} bad={bad} maxLength={1024} />
      <ul className="rules" aria-label="A password has">
        {passwordRules(value, email).map((r) => (
          <li key={r.text} className={r.kept ? 'good' : ''}>
            <Icon name={r.kept ? 'check' : 'minus'} />
            {r.text}
            <span className="sr">{r.kept ? ', kept' : ', not yet'}</span>
          </li>
        ))}
        <li><Icon name="minus" />none of the common ones</li>
      </ul>
    </div>
  );
}
