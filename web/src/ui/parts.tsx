/* Small parts without state of their own. */
import type { ReactNode } from 'react';
import { Icon } from './icon';

export function Segmented<T extends string | number>({ label, value, options, onChange }: {
  label: string;
  value: T;
  options: readonly (readonly [T, ReactNode])[];
  onChange: (value: T) => void;
}) {
  return (
    <div className="seg" role="group" aria-label={label}>
      {options.map(([option, text]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
          {text}
        </button>
      ))}
    </div>
  );
}

export function Section({ title, sub, children, tools }: { title: string; sub?: ReactNode; children: ReactNode; tools?: ReactNode }) {
  return (
    <section aria-label={title}>
      <div className="sec">
        <h2>{title}</h2>
        {sub ? <p className="hide-m">{sub}</p> : null}
        <span className="grow" />
        {tools}
      </div>
      {children}
    </section>
  );
}

/** The sign of a sum that balances to the last digit. Only for a difference of exactly 0. */
export function Exact({ children }: { children: ReactNode }) {
  return (
    <span className="exact">
      <svg viewBox="0 0 14 14" aria-hidden="true">
        <path d="M2 4.5h10M2 8.5h10M2 11h10" stroke="currentColor" strokeWidth="1.3" fill="none" />
      </svg>
      {children}
    </span>
  );
}

export function Swatch({ colour }: { colour: string }) {
  return <span className="sw" style={{ background: colour }} />;
}

/** What tells a name from others like it. */
export function Beside({ text }: { text: string | undefined }) {
  return text ? <span className="beside" title={text}>{text}</span> : null;
}

export function Note({ bad, children }: { bad?: boolean; children: ReactNode }) {
  return (
    <div className={bad ? 'note note-bad' : 'note'} role="status">
      <Icon name="warn" />
      <div>{children}</div>
    </div>
  );
}

/** A bar that grows from a centre line: right is more, left is less; no verdict. `share` is −1…1. */
export function ChangeBar({ share }: { share: number }) {
  const width = Math.max(Math.abs(share) * 42, share === 0 ? 0 : 1);
  return (
    <span className="dvb" aria-hidden="true">
      <svg width="84" height="16">
        <rect x={share < 0 ? 42 - width : 42} y="4" width={width} height="8" rx="1" fill={share < 0 ? 'var(--down)' : 'var(--up)'} />
      </svg>
    </span>
  );
}
