/* Which day of a source has arrived: from the charges that are there and up to when they go. */
import type { Result } from '~/api/types';
import type { Arrival } from '~/charts/heat';
import { addDays } from '~/lib/dates';
import type { SourceState } from '~/shell/freshness';

export function arrivalsOf(result: Result, state: SourceState, days: readonly string[]): Arrival[] {
  const there = new Set(result.rows.filter((r) => r['source'] === state.source).map((r) => String(r['time'])));
  const first = [...there].sort()[0] ?? state.lastWholeDay;
  const newest = addDays(state.lastWholeDay, state.lateDays);
  return days.map((day) => {
    if (day < first) return 'none';
    if (day <= state.lastWholeDay) return there.has(day) ? 'whole' : 'none';
    if (there.has(day)) return 'part';
    return day <= newest ? 'missing' : 'due';
  });
}
