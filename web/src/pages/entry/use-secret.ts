/* The secret of a one-time link stands behind the #, which browsers keep to themselves. */
import { useSyncExternalStore } from 'react';

function onHash(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

/** As it stands there: secrets have no letter that an address would write otherwise. */
export const useSecret = (): string => useSyncExternalStore(onHash, () => location.hash.slice(1));

/** To the first page, with nothing of the link left behind. */
export function enterAnew(): void {
  location.replace('/');
}
