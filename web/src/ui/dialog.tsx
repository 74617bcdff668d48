/* Native dialogs: focus is kept inside, Escape closes, focus returns, and no style element is needed. */
import { useEffect, useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { Icon } from './icon';
import { OverlayRoot } from './overlay-root';
import { openRow } from './rows';

/** Whether a press is beside the dialog: its own padding and its backdrop are one element to events. */
function isBeside(event: { target: EventTarget; clientX: number; clientY: number }, dialog: HTMLDialogElement | null): boolean {
  if (!dialog || event.target !== dialog) return false;
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

/** A press beside it closes it, but not where it `stays`: what it shows does not come again. */
export function Dialog({ label, className, stays, onClose, children }: {
  label: string;
  className: string;
  stays?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const begun = useRef(false); /* the press began beside it; one that only ends there was a drag */
  const [root, setRoot] = useState<HTMLElement | null>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    setRoot(dialog);
    if (dialog && !dialog.open) dialog.showModal();
    dialog?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      dialog?.close();
      /* else ui/focus finds what is there */
      if ((before instanceof HTMLElement || before instanceof SVGElement) && before !== document.body && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={className}
      aria-label={label}
      onCancel={(event) => {
        /* React passes on what a dialog inside of this one was told */
        if (event.target !== ref.current) return;
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event: PointerEvent) => {
        begun.current = isBeside(event, ref.current);
      }}
      onClick={(event) => {
        if (!stays && begun.current && isBeside(event, ref.current)) onClose();
      }}
    >
      <OverlayRoot value={root}>{children}</OverlayRoot>
    </dialog>
  );
}

export function Drawer({ title, wide, onClose, tools, footer, children }: {
  title: ReactNode;
  wide?: boolean;
  onClose: () => void;
  tools?: ReactNode;
  footer?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Dialog label={typeof title === 'string' ? title : 'Details'} className={`drawer${wide ? ' drawer-wide' : ''}`} onClose={onClose}>
      <header>
        <h2 className="ell">{title}</h2>
        <span className="grow" />
        {tools}
        <button type="button" className="btn btn-quiet btn-icon" aria-label="Close" onClick={onClose}>
          <Icon name="x" />
        </button>
      </header>
      <div className="drawer-body" tabIndex={0} role="region" aria-label="Details" onClick={openRow}>{children}</div>
      {footer ? <footer>{footer}</footer> : null}
    </Dialog>
  );
}
