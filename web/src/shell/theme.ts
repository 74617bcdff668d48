/* Light, dark, or as the system says; src/first.js applies it before the first paint. */
import { useSyncExternalStore } from 'react';

export type ThemeChoice = 'system' | 'light' | 'dark';
const KEY = 'farthing.theme';
const listeners = new Set<() => void>();

function read(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}

function apply(): void {
  const choice = read();
  const dark = choice === 'dark' || (choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}

export function setTheme(choice: ThemeChoice): void {
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    /* without storage the choice lasts as long as the page */
    document.documentElement.dataset['theme'] = choice;
    return;
  }
  apply();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)');
  const changed = () => {
    apply();
    listener();
  };
  media.addEventListener('change', changed);
  listeners.add(listener);
  return () => {
    media.removeEventListener('change', changed);
    listeners.delete(listener);
  };
}

export const useTheme = (): ThemeChoice => useSyncExternalStore(subscribe, read);
