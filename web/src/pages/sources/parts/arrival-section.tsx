import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { allRowsQuery } from '~/api/queries';
import type { Freshness, Source } from '~/api/types';
import { HeatKey, HeatMap, type Arrival, type HeatRow } from '~/charts/heat';
import { addDays, addMonths, buckets, monthStart, shortDay, shortMonth, weekday } from '~/lib/dates';
import { plan } from '~/lib/plan';
import { formOf } from '~/lib/sources';
import { lateWords, sourceStates, type SourceState } from '~/shell/freshness';
import { useSourceName } from '~/shell/use-scope';
import { Segmented } from '~/ui/parts';
import { Loaded } from '~/ui/states';
import { arrivalsOf } from '../../arrivals';

const DAYS = 42;
const KEYS: readonly (readonly [Arrival, string])[] = [['whole', 'Complete'], ['part', 'Not complete'], ['due', 'Not due yet'], ['missing', 'Missing']];

const rowOf = (s: SourceState, name: string, cells: Arrival[]): HeatRow => ({
  key: s.source, name, end: s.lateDays ? lateWords(s.lateDays) : `to ${s.text}`, late: s.lateDays > 0, cells,
});

function monthCells(s: SourceState, freshness: readonly Freshness[], months: readonly string[]): Arrival[] {
  const own = freshness.filter((f) => f.source === s.source);
  const first = own.map((f) => f.billing_period).sort()[0] ?? '';
  return months.map((m) => {
    const f = own.find((x) => x.billing_period === m.slice(0, 7));
    if (f) return f.charges_until && f.charges_until.slice(0, 10) >= addMonths(m, 1) ? 'whole' : 'part';
    return m.slice(0, 7) < first || m > s.lastWholeDay ? 'none' : 'missing';
  });
}

export function ArrivalSection({ freshness, sources, today }: { freshness: readonly Freshness[]; sources: readonly Source[]; today: string }) {
  const [span, setSpan] = useState<'days' | 'months'>('days');
  const time = { start: addDays(today, 1 - DAYS), end: addDays(today, 1) };
  const query = useQuery(allRowsQuery(plan({ measures: ['charge_count'], time, group_by: ['source'], grain: 'day' })));
  const nameOf = useSourceName();
  const states = sourceStates(freshness);
  const titleOf = (s: SourceState) => [nameOf(s.source), formOf(s.source, sources)].filter(Boolean).join(', ');
  const days = buckets(time, 'day');
  const months = buckets({ start: addMonths(monthStart(today), -12), end: time.end }, 'month');
  return (
    <section aria-label="Arrival" className="pb-4">
      <div className="sec">
        <h2>Arrival</h2>
        <span className="key hide-s">
          {KEYS.map(([state, name]) => (
            <span key={state}><HeatKey state={state} />{name}</span>
          ))}
        </span>
        <span className="grow" />
        <Segmented label="Time" value={span} onChange={setSpan} options={[['days', '6 weeks'], ['months', '13 months']]} />
      </div>
      {span === 'months' ? (
        <HeatMap
          label={`Bills by source and month: ${states.map((s) => `${nameOf(s.source)} to ${s.text}`).join(', ')}`}
          rows={states.map((s) => rowOf(s, titleOf(s), monthCells(s, freshness, months)))}
          ticks={months.map((m) => shortMonth(m))}
        />
      ) : (
        <Loaded query={query} height={22 + states.length * 26}>
          {(result) => (
            <HeatMap
              label={`Charges by source and day: ${states.map((s) => `${nameOf(s.source)} to ${s.text}`).join(', ')}`}
              rows={states.map((s) => rowOf(s, titleOf(s), arrivalsOf(result, s, days)))}
              ticks={days.map((d) => (weekday(d) === 1 ? shortDay(d) : null))}
            />
          )}
        </Loaded>
      )}
    </section>
  );
}
