import type { Result, Source } from '~/api/types';
import { HeatStrip, ARRIVAL_WORDS } from '~/charts/heat';
import { arrivalsOf } from '../../arrivals';
import { formatName } from '~/lib/words';
import { lateWords, type SourceState } from '~/shell/freshness';

/** One cell a day and source, from the first of the month. */
export function DataStrip({ states, arrivals, days, sources }: {
  states: readonly SourceState[];
  arrivals: Result;
  days: readonly string[];
  sources: readonly Source[] | undefined;
}) {
  return (
    <ul className="list list-data">
      {states.map((s) => {
        const source = sources?.find((x) => x.id === s.source || x.name === s.source);
        const cells = arrivalsOf(arrivals, s, days);
        const missing = cells.filter((c) => c === 'missing').length;
        return (
          <li key={s.source}>
            <div className="flex gap-2">
              <b className="ell grow" title={source?.name ?? s.source}>{source?.name ?? s.source}</b>
              <span className={s.lateDays ? 'e warn' : 'e'}>
                to {s.text}
                {s.lateDays ? `, ${lateWords(s.lateDays)}` : ''}
              </span>
            </div>
            <div className="flex items-center gap-2">
              <span className="d ell grow">{[source?.provider, formatName(source?.format)].filter(Boolean).join(', ')}</span>
              <HeatStrip cells={cells} label={`${s.source}: ${cells.filter((c) => c === 'whole').length} days ${ARRIVAL_WORDS.whole}${missing ? `, ${missing} missing` : ''}`} />
            </div>
          </li>
        );
      })}
    </ul>
  );
}
