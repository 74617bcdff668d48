/* Small boxes over the page: a heading, what it is about, and at the foot what to do. */
import type { ReactNode } from 'react';
import { Dialog } from './dialog';

/** `label` names it to readers; `stays`: a press beside it does not close it. */
export function BoxDialog({ label, title, stays, acts, onClose, children }: {
  label: string;
  title: ReactNode;
  stays?: boolean;
  acts: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog label={label} className="pop form-pop" {...(stays ? { stays } : {})} onClose={onClose}>
      <div className="sec"><h2>{title}</h2></div>
      {children}
      <div className="form-acts">{acts}</div>
    </Dialog>
  );
}

/** What is asked for, and the one act that sends it. */
export function FormDialog({ label, title, act, disabled, onSubmit, onClose, children }: {
  label: string;
  title: ReactNode;
  act: string;
  disabled: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog label={label} className="pop form-pop" onClose={onClose}>
      <div className="sec"><h2>{title}</h2></div>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        <div className="form-acts">
          <button type="button" className="btn" onClick={onClose}>Cancel</button>
          <button type="submit" className="btn btn-ink" disabled={disabled}>{act}</button>
        </div>
      </form>
    </Dialog>
  );
}
