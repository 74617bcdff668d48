import type { Result, Source } from '~/api/types';
import { HeatStrip, ARRIVAL_WORDS } from '~/charts/heat';
import { arrivalsOf } from '../../arrivals';
import { lateWords, type SourceState } from '~/shell/freshness';

/** One cell a day and source, from the first of the month. */
export function DataStrip({ states, arrivals, days, sources }: {
  states: readonly SourceState[];
  arrivals: Result;
  days: readonly string[];
  sources: readonly Source[] | undefined;
}) {
  return (
    <ul className="list">
      {states.map((s) => {
        const source = sources?.find((x) => x.id === s.source || x.name === s.source);
        const cells = arrivalsOf(arrivals, s, days);
        const missing = cells.filter((c) => c === 'missing').length;
        return (
          <li key={s.source}>
            <b className="ell">{source?.name ?? s.source}</b>
            <HeatStrip cells={cells} label={`${s.source}: ${cells.filter((c) => c === 'whole').length} days ${ARRIVAL_WORDS.whole}${missing ? `, ${missing} missing` : ''}`} />
            <span className="d ell">{[source?.provider, source?.format].filter(Boolean).join(', ')}</span>
            <span className={s.lateDays ? 'e warn' : 'e'}>
              to {s.text}
              {s.lateDays ? `, ${lateWords(s.lateDays)}` : ''}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
