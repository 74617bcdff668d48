/* Up to when there is data, by source: under every headline. */
import type { Freshness } from '~/api/types';
import { addDays, daysBetween, earlier, untilOf, type Day } from '~/lib/dates';
import type { ReactNode } from 'react';
import { useSourceName } from './use-scope';

export interface SourceState {
  source: string;
  text: string;
  lastWholeDay: string;
  partial: boolean;
  lateDays: number; /* behind the newest source; 0 when it is closed, in step, or paid ahead */
}

/** Charges of days to come (a licence paid to the end of the month) make no day whole that was not over when they came. */
const wholeDay = (f: Freshness, until: Day): Day => (f.loaded_at ? earlier(until, addDays(f.loaded_at.slice(0, 10), -1)) : until);

/**
 * The newest period of each source. A source that has been closed is not late; nor is one whose charges reach
 * beyond the newest day that is whole: what is paid ahead has come, on whatever day it did.
 */
export function sourceStates(freshness: readonly Freshness[]): SourceState[] {
  const newest = new Map<string, Freshness>();
  for (const f of freshness) {
    const known = newest.get(f.source);
    if (!known || known.billing_period < f.billing_period) newest.set(f.source, f);
  }
  const states = [...newest.values()].flatMap((f) => (f.charges_until ? [{ f, until: untilOf(f.charges_until), whole: wholeDay(f, untilOf(f.charges_until).lastWholeDay) }] : []));
  const last = states.map((s) => s.whole).sort().at(-1);
  return states
    .map(({ f, until, whole }) => ({
      source: f.source,
      text: until.text,
      lastWholeDay: whole,
      partial: until.partial,
      lateDays: f.final === true || !last || until.lastWholeDay > last ? 0 : daysBetween(whole, last),
    }))
    .sort((a, b) => (a.source < b.source ? -1 : 1));
}

export const lateWords = (days: number): string => (days === 1 ? 'one day late' : `${days} days late`);

/** The first day on which some source is not complete: deltas end before it. */
export function wholeUntil(states: readonly SourceState[], fallback: string): string {
  const last = states.filter((s) => s.lateDays <= 7).map((s) => s.lastWholeDay).sort().at(-1);
  return addDays(last ?? fallback, 1);
}

export function FreshnessLine({ freshness, children }: { freshness: readonly Freshness[]; children?: ReactNode }) {
  const nameOf = useSourceName();
  return (
    <ul className="fresh" aria-label="Data until">
      {sourceStates(freshness).map((s) => (
        <li key={s.source} className={s.lateDays ? 'warn' : ''} title={s.source}>
          <span className={s.lateDays ? 'dot dot-warn' : 'dot dot-good'} />
          {nameOf(s.source)} to {s.text}
          {s.lateDays ? `, ${lateWords(s.lateDays)}` : ''}
        </li>
      ))}
      {children ? <li>{children}</li> : null}
    </ul>
  );
}
