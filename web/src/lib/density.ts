/* How close rows stand: comfortable or compact, kept by the browser; src/first.js applies it before the first paint. */
import { useSyncExternalStore } from 'react';

export type Density = 'comfortable' | 'compact';
const KEY = 'farthing.density';
const listeners = new Set<() => void>();

const current = (): Density => (document.documentElement.dataset['density'] === 'compact' ? 'compact' : 'comfortable');

export function setDensity(density: Density): void {
  try {
    if (density === 'compact') localStorage.setItem(KEY, density);
    else localStorage.removeItem(KEY);
  } catch {
    /* without storage the choice lasts as long as the page */
  }
  if (density === 'compact') document.documentElement.dataset['density'] = density;
  else delete document.documentElement.dataset['density'];
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('resize', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('resize', listener);
  };
}

export const useDensity = (): Density => useSyncExternalStore(subscribe, current);

/* the heights of styles/tokens.css, for what draws only the rows in sight */
const rowHeight = (): number => (matchMedia('(max-width: 640px)').matches ? 44 : current() === 'compact' ? 26 : 32);

export const useRowHeight = (): number => useSyncExternalStore(subscribe, rowHeight);
