/*
 * Menus on radix, never modal: the modal forms write a style element, which the content security policy
 * forbids. DropdownMenu is for acts and choices, Popover for forms. A page is readable without any of them, so
 * their code comes when a pointer or the focus first nears a trigger.
 */
import { cloneElement, useEffect, useState, type ButtonHTMLAttributes, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';
import { Icon, type IconName } from './icon';
import { useOverlayRoot } from './overlay-root';

type Radix = typeof import('./radix');
export type Trigger = ReactElement<ButtonHTMLAttributes<HTMLButtonElement>>;

let radix: Radix | null = null;
let coming: Promise<Radix> | null = null;

function load(): Promise<Radix> {
  coming ??= import('./radix').then((module) => (radix = module));
  return coming;
}

/* inside an open menu it is always there */
const parts = (): Radix => radix!;

/** The trigger before its menu is there: it fetches it when it is neared, and opens it when it is pressed. */
function waiting(trigger: Trigger, popup: 'menu' | 'dialog', open: () => void): Trigger {
  const near = () => void load();
  const press = () => void load().then(open);
  return cloneElement(trigger, {
    'aria-haspopup': popup,
    'aria-expanded': false,
    onPointerEnter: near,
    onFocus: near,
    onClick: press,
    onKeyDown: (event: KeyboardEvent) => {
      if (popup !== 'menu' || event.key !== 'ArrowDown') return;
      event.preventDefault();
      press();
    },
  });
}

export function Menu({ trigger, label, children, align = 'start' }: {
  trigger: Trigger;
  label: string;
  children: ReactNode;
  align?: 'start' | 'end';
}) {
  const root = useOverlayRoot();
  const [used, setUsed] = useState(false);
  if (!used) return waiting(trigger, 'menu', () => setUsed(true));
  const { DropdownMenu } = parts();
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal container={root}>
        <DropdownMenu.Content className="pop menu" align={align} sideOffset={4} collisionPadding={8} aria-label={label}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export interface Spot {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A menu at a place on the page: a mark of a chart, a row of a table. */
export function MenuAt({ spot, label, onClose, header, children }: {
  spot: Spot;
  label: string;
  onClose: () => void;
  header?: ReactNode;
  children: ReactNode;
}) {
  const root = useOverlayRoot();
  const [ready, setReady] = useState(radix !== null);
  useEffect(() => {
    if (!ready) void load().then(() => setReady(true));
  }, [ready]);
  if (!ready) return null;
  const { DropdownMenu } = parts();
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <DropdownMenu.Trigger asChild>
        <span
          aria-hidden="true"
          tabIndex={-1}
          style={{ position: 'fixed', pointerEvents: 'none', left: spot.left, top: spot.top, width: spot.width, height: spot.height }}
        />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={root}>
        <DropdownMenu.Content className="pop menu" side="right" align="start" sideOffset={8} collisionPadding={8} aria-label={label} onKeyDown={pressHotkey}>
          {header ? <DropdownMenu.Label className="menu-head">{header}</DropdownMenu.Label> : null}
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The letter at the right of an item does what the item does. */
function pressHotkey(event: KeyboardEvent<HTMLDivElement>) {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[a-z]$/.test(event.key)) return;
  const item = event.currentTarget.querySelector<HTMLElement>(`[data-hotkey="${event.key}"]`);
  if (!item) return;
  event.preventDefault();
  item.click();
}

export function Act({ icon, children, hint, hotkey, onSelect }: {
  icon: IconName;
  children: ReactNode;
  hint?: ReactNode;
  hotkey?: string;
  onSelect: () => void;
}) {
  const { DropdownMenu } = parts();
  return (
    <DropdownMenu.Item className="item" onSelect={onSelect} data-hotkey={hotkey}>
      <Icon name={icon} />
      <span className="ell">{children}</span>
      {hint}
      {hotkey ? <kbd>{hotkey.toUpperCase()}</kbd> : null}
    </DropdownMenu.Item>
  );
}

/** One of several: the chosen one carries the tick. */
export function Choice({ chosen, children, hint, onSelect }: { chosen: boolean; children: ReactNode; hint?: ReactNode; onSelect: () => void }) {
  const { DropdownMenu } = parts();
  return (
    <DropdownMenu.CheckboxItem className="item" checked={chosen} onSelect={onSelect}>
      <span data-on className="flex">
        <Icon name="check" />
      </span>
      <span className="ell">{children}</span>
      {hint ? <em>{hint}</em> : null}
    </DropdownMenu.CheckboxItem>
  );
}

export function Rule() {
  const { DropdownMenu } = parts();
  return <DropdownMenu.Separator asChild><hr /></DropdownMenu.Separator>;
}

export function Group({ children }: { children: ReactNode }) {
  const { DropdownMenu } = parts();
  return (
    <DropdownMenu.Label asChild>
      <h3>{children}</h3>
    </DropdownMenu.Label>
  );
}

/** Signing in again comes over a panel, which stays with what was typed into it. */
function stayUnderSignIn(event: Event): void {
  if (document.querySelector('dialog.again-in')) event.preventDefault();
}

export function Panel({ trigger, label, open, onOpenChange, children, align = 'start' }: {
  trigger: Trigger;
  label: string;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
  align?: 'start' | 'end';
}) {
  const root = useOverlayRoot();
  const [used, setUsed] = useState(false);
  if (!used)
    return waiting(trigger, 'dialog', () => {
      setUsed(true);
      onOpenChange?.(true);
    });
  const { Popover } = parts();
  return (
    <Popover.Root {...(open === undefined ? { defaultOpen: true } : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal container={root}>
        <Popover.Content className="pop menu" align={align} sideOffset={4} collisionPadding={8} aria-label={label} onInteractOutside={stayUnderSignIn} onEscapeKeyDown={stayUnderSignIn}>
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
