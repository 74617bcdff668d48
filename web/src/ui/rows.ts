/* Rows of a table that open something: the name in it is what keys and readers use, and every figure opens the same. */
import type { MouseEvent } from 'react';

/** For the page and for each dialog: a press beside the name, but not on something of its own. */
export function openRow(event: MouseEvent<HTMLElement>): void {
  const target = event.target as Element;
  const row = target.closest('tr');
  if (!row || target.closest('button, a, input, select, label, .pop') || !event.currentTarget.contains(row)) return;
  if (target.closest('dialog') !== event.currentTarget.closest('dialog')) return; /* the dialog has it */
  const selected = getSelection();
  if (selected?.toString() && selected.containsNode(row, true)) return; /* a figure is being taken out by hand */
  const link = row.querySelector<HTMLElement>('.row-link');
  link?.dispatchEvent(new globalThis.MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey: event.ctrlKey, metaKey: event.metaKey, shiftKey: event.shiftKey }));
}
