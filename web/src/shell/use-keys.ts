/*
 * Single keys for those who know them. None fires while something is being typed, inside a menu or a dialog,
 * and all of them can be turned off in the help.
 */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { addDays, lengthOf, rangeText } from '~/lib/dates';
import { COMPARE_WORDS } from '~/lib/search';
import { usePages } from './rail';
import { scopeOnly, useScope, useScopeSearch, useSetSearch } from './use-scope';

const OFF = 'farthing.keys';
const CHORD_MS = 1200;

export function keysAreOn(): boolean {
  try {
    return localStorage.getItem(OFF) !== 'off';
  } catch {
    return true;
  }
}

export function setKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, 'off');
  } catch {
    /* without storage the keys stay on */
  }
}

let pageKeys: Readonly<Record<string, () => void>> = {};

/** What single keys do on the page that is shown; there they come before those of every page. */
export function usePageKeys(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    pageKeys = keys;
    return () => {
      pageKeys = {};
    };
  }, [keys]);
}

function isBusy(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role=menu], dialog, .pop') !== null;
}

/** To the next row that can be opened, in whatever table or list stands there. */
function nextRow(way: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('#page .row-link')].filter((row) => row.checkVisibility());
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = rows[at < 0 ? (way > 0 ? 0 : rows.length - 1) : at + way];
  next?.focus();
}

/** `isOpen`: one of the two is there, or on its way. */
export function useKeys({ onPalette, onHelp, isOpen }: { onPalette: () => void; onHelp: () => void; isOpen: boolean }): void {
  const navigate = useNavigate();
  const search = useScopeSearch();
  const set = useSetSearch();
  const scope = useScope()?.scope;
  const chord = useRef(0);
  const pages = usePages();

  useEffect(() => {
    const shift = (way: 1 | -1) => {
      if (!scope) return;
      const n = lengthOf(scope.time) * way;
      set({ time: rangeText({ start: addDays(scope.time.start, n), end: addDays(scope.time.end, n) }) });
    };
    const nextCompare = () => {
      const at = COMPARE_WORDS.findIndex((w) => w === search.compare);
      set({ compare: COMPARE_WORDS[(at + 1) % COMPARE_WORDS.length] });
    };
    const acts: Record<string, () => void> = {
      '?': onHelp,
      '/': onPalette,
      d: () => set({ time: '7d' }),
      w: () => set({ time: '30d' }),
      m: () => set({ time: 'mtd' }),
      c: nextCompare,
      t: () => document.querySelector<HTMLButtonElement>('[data-key=t]')?.click(),
      '[': () => shift(-1),
      ']': () => shift(1),
      j: () => nextRow(1),
      k: () => nextRow(-1),
    };
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
        event.preventDefault();
        onPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isOpen || isBusy(event.target) || document.querySelector('dialog[open]')) return;
      if (!keysAreOn()) return;
      const page = event.timeStamp - chord.current < CHORD_MS ? pages.find((p) => p.key === event.key) : undefined;
      chord.current = event.key === 'g' ? event.timeStamp : 0;
      if (page) void navigate({ to: page.to, search: scopeOnly(search) });
      const act = page ? undefined : (pageKeys[event.key] ?? acts[event.key]);
      if (act || page) event.preventDefault();
      act?.();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [navigate, onHelp, onPalette, isOpen, pages, scope, search, set]);
}
