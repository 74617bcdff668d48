/* What would have alarmed with another setting: every monitored series replayed day by day; nothing is stored. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { previewQuery } from '~/api/anomalies';
import type { AnomalyPreview, AnomalyPreviewRequest } from '~/api/types';
import { addDays, rangeWords, shortMonth, type Day } from '~/lib/dates';
import { count, countOf } from '~/lib/money';
import { Drawer } from '~/ui/dialog';
import { Field, Pick } from '~/ui/form';
import { Money } from '~/ui/money';
import { Empty, Loaded } from '~/ui/states';
import { SEVERITY_CLASS, SEVERITY_NAMES, everyMonth, rowTitle } from '../words';

/* False alarms of a series and year; the scale is that of rareness. */
const RATES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5, 10, 20] as const;
const DAYS = [['90', '90 days'], ['180', 'Half a year'], ['365', 'A year'], ['730', 'Two years']] as const;

const nearest = (rate: number): number => RATES.reduce<number>((best, r, i) => (Math.abs(Math.log(r / rate)) < Math.abs(Math.log(RATES[best]! / rate)) ? i : best), 0);

/** `first`: the first day of the ledger; before it nothing is known, which is not 0. */
export default function PreviewDrawer({ today, first, onClose }: { today: Day; first: Day; onClose: () => void }) {
  const [asked, setAsked] = useState<AnomalyPreviewRequest>({ days: 365 });
  const query = useQuery(previewQuery(asked));
  return (
    <Drawer wide title="What would have alarmed" onClose={onClose}>
      <Loaded query={query} height={480}>
        {(answer) => (
          <>
            <Settings key={`${answer.false_alarms_per_year} ${answer.min_impact}`} answer={answer} days={asked.days ?? 365} busy={query.isFetching} onAsk={setAsked} />
            <Answer answer={answer.start && answer.start < first ? { ...answer, start: first } : answer} today={today} />
          </>
        )}
      </Loaded>
    </Drawer>
  );
}

function Settings({ answer, days, busy, onAsk }: { answer: AnomalyPreview; days: number; busy: boolean; onAsk: (asked: AnomalyPreviewRequest) => void }) {
  const [at, setAt] = useState(nearest(answer.false_alarms_per_year));
  const [moved, setMoved] = useState(false);
  const [impact, setImpact] = useState(String(answer.min_impact));
  const [span, setSpan] = useState(String(days));
  const rate = moved ? RATES[at]! : answer.false_alarms_per_year;
  const good = impact.trim() !== '' && Number(impact) >= 0;
  return (
    <form
      className="preview-form"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk({ false_alarms_per_year: rate, min_impact: Number(impact), days: Number(span) });
      }}
    >
      <div className="form-field">
        <label htmlFor="preview-rate">False alarms of a series and year: <output className="n">{rate}</output></label>
        <input
          id="preview-rate" type="range" min={0} max={RATES.length - 1} step={1} value={at} aria-valuetext={String(rate)}
          onChange={(e) => {
            setAt(Number(e.target.value));
            setMoved(true);
          }}
        />
        <p>{countOf(answer.series, 'series', 'series')} × {rate}: expect about {count(Math.max(1, Math.round(answer.series * rate)))} a year that mean nothing.</p>
      </div>
      <Field label="Least impact" type="number" min={0} step="any" value={impact} onChange={(e) => setImpact(e.target.value)} hint="In the currency of each case" />
      <Pick label="Looking back" value={span} options={DAYS} onChange={setSpan} />
      <button type="submit" className="btn btn-ink" disabled={busy || !good}>Show</button>
    </form>
  );
}

function Answer({ answer, today }: { answer: AnomalyPreview; today: Day }) {
  const span = answer.start && answer.end ? rangeWords({ start: answer.start, end: addDays(answer.end, 1) }, today) : null;
  if (!span) return <Empty icon="pulse" title="There are no days to replay">A series needs 28 days before anything is said of it.</Empty>;
  const months = everyMonth(answer.months, answer.start!, answer.end!);
  const most = Math.max(1, ...months.map((m) => m.cases));
  return (
    <>
      <p className="answer">
        {countOf(answer.cases, 'case')} would have been opened. <span>{span}: {countOf(answer.alarms, 'alarm')} in {countOf(answer.series, 'series', 'series')}{answer.series_left_out ? `; ${count(answer.series_left_out)} of the least money left out` : ''}.</span>
      </p>
      {months.length > 1 ? (
        <ul className="months" aria-label="Cases by month">
          {months.map((m) => (
            <li key={m.month}>
              <span className="n s">{m.cases}</span>
              <i style={{ height: `${(m.cases / most) * 56}px` }} />
              <span className="t3 s">{shortMonth(`${m.month}-01`)}<span className="sr"> {m.month.slice(0, 4)}</span></span>
            </li>
          ))}
        </ul>
      ) : null}
      {answer.data.length ? (
        <table className="table wraps mt-5">
          <thead>
            <tr>
              <th scope="col">Case</th>
              <th scope="col" className="hide-s">Days</th>
              <th scope="col" className="hide-s">Severity</th>
              <th scope="col" className="r">Against expected</th>
            </tr>
          </thead>
          <tbody>
            {answer.data.map((f, i) => (
              <tr key={i}>
                <td title={f.title}>{rowTitle(f)}</td>
                <td className="hide-s n">{rangeWords({ start: f.start, end: addDays(f.end, 1) }, today)}</td>
                <td className={`hide-s ${SEVERITY_CLASS[f.severity]}`}>{SEVERITY_NAMES[f.severity]}</td>
                <td className="r"><Money value={f.impact} currency={f.currency} symbol sign /></td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {answer.truncated ? <p className="foot-note">The {count(answer.data.length)} of the most money; {count(answer.cases)} in all.</p> : null}
    </>
  );
}
