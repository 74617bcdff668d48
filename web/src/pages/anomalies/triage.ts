/* What a key decides, when several cases are selected and one of them has the focus. */
import type { Anomaly } from '~/api/types';
import { isLive } from './words';

/** All that are selected; else the one that is pointed at, when it is in the list. */
export function aimedAt<T extends { id: string }>(shown: readonly T[], chosen: readonly T[], at: string | undefined): readonly T[] {
  if (chosen.length) return chosen;
  const one = shown.find((c) => c.id === at);
  return one ? [one] : [];
}

/** Whether `other` can be made a part of `c`: the same kind of money, the same way, and not over. */
export const canMerge = (c: Anomaly, other: Anomaly): boolean =>
  other.id !== c.id && c.state !== 'merged' && other.currency === c.currency && other.direction === c.direction && isLive(other.state);
