/* The secret of a one-time link stands behind the #, which browsers keep to themselves. */
import { useState } from 'react';

export function useSecret(): string {
  const [secret] = useState(() => decodeURIComponent(location.hash.slice(1)));
  return secret;
}

/** To the first page, with nothing of the link left behind. */
export function enterAnew(): void {
  location.replace('/');
}
