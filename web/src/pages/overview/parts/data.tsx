import type { Result, Source } from '~/api/types';
import { HeatStrip, ARRIVAL_WORDS } from '~/charts/heat';
import { arrivalsOf } from '../../arrivals';
import { formOf } from '~/lib/sources';
import { lateWords, type SourceState } from '~/shell/freshness';
import { useSourceName } from '~/shell/use-scope';

/** One cell a day and source, from the first of the month. */
export function DataStrip({ states, arrivals, days, sources }: {
  states: readonly SourceState[];
  arrivals: Result;
  days: readonly string[];
  sources: readonly Source[] | undefined;
}) {
  const nameOf = useSourceName();
  return (
    <ul className="list list-data">
      {states.map((s) => {
        const cells = arrivalsOf(arrivals, s, days);
        const missing = cells.filter((c) => c === 'missing').length;
        return (
          <li key={s.source}>
            <div className="flex gap-2">
              <b className="ell grow" title={s.source}>{nameOf(s.source)}</b>
              <span className={s.lateDays ? 'e warn' : 'e'}>
                to {s.text}
                {s.lateDays ? `, ${lateWords(s.lateDays)}` : ''}
              </span>
            </div>
            <div className="flex items-center gap-2">
              <span className="d ell grow">{formOf(s.source, sources)}</span>
              <HeatStrip cells={cells} label={`${nameOf(s.source)}: ${cells.filter((c) => c === 'whole').length} days ${ARRIVAL_WORDS.whole}${missing ? `, ${missing} missing` : ''}`} />
            </div>
          </li>
        );
      })}
    </ul>
  );
}
