/* The list: the most money first, each case in words, with its days in little. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { daysQuery } from '~/api/anomalies';
import type { Anomaly } from '~/api/types';
import { ExpectedSpark } from '~/charts/expected';
import { dayText, type Day } from '~/lib/dates';
import { parse } from '~/lib/decimal';
import { count, countOf } from '~/lib/money';
import type { AnomalySearch } from '~/lib/search';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { useSeen } from '~/ui/use-seen';
import { KIND_NAMES, SEVERITY_CLASS, SEVERITY_NAMES, channelText, estimateText, rowTitle, whenText } from '../words';

interface RowProps {
  c: Anomaly;
  on: boolean;
  selected: boolean;
  selectable: boolean;
  search: AnomalySearch;
  today: Day;
  onSelect: (id: string) => void;
}

function Sense({ c, today }: { c: Anomaly; today: Day }) {
  const owner = c.owner ? <span className="ell">{c.owner}</span> : <span className={c.state === 'open' ? 'bad' : ''}>no owner</span>;
  switch (c.state) {
    case 'snoozed':
      return <>until {c.snoozed_until ? dayText(c.snoozed_until, today) : '–'} · {owner}</>;
    case 'resolved':
      return <span className="ell">{c.cause ?? '–'}</span>;
    case 'false_positive':
      return <span className="ell">{c.kind ? KIND_NAMES[c.kind] : 'No anomaly'}{c.reason ? `: ${c.reason}` : ''}</span>;
    default:
      return <>{whenText(c, today)} · {owner}</>;
  }
}

function Row({ c, on, selected, selectable, search, today, onSelect }: RowProps) {
  const [ref, seen] = useSeen<HTMLLIElement>();
  const days = useQuery({ ...daysQuery(c.id), enabled: seen });
  return (
    <li ref={ref} className={on ? 'an on' : 'an'} data-case={c.id}>
      {selectable ? (
        <button type="button" className="an-ck" role="checkbox" aria-checked={selected} aria-label={`Select ${c.id}`} onClick={() => onSelect(c.id)}>
          <span className="ck">{selected ? <Icon name="check" /> : null}</span>
        </button>
      ) : null}
      <div className="an-tx">
        <Link to="/anomalies/$id" params={{ id: c.id }} search={search} resetScroll={false} className="row-link" aria-current={on ? 'true' : undefined} activeOptions={{ exact: true }} activeProps={{}}>
          {rowTitle(c)}
        </Link>
        <span className="d"><span className={SEVERITY_CLASS[c.severity]}>{SEVERITY_NAMES[c.severity]}</span> · {channelText(c.channel)}{c.state === 'open' || c.state === 'acknowledged' ? '' : ` · ${whenText(c, today)}`}</span>
        <span className="d"><Sense c={c} today={today} /></span>
      </div>
      <div className="rt">
        <span className="n an-day">{estimateText(parse(c.impact_per_day), c.currency, true)}<i> a day</i></span>
        <span className="an-spark">{days.data ? <ExpectedSpark days={days.data.series} end={c.end} /> : days.error ? <span className="t3 s" title="Its days are not known right now">–</span> : null}</span>
        <span className="s t3"><Money value={c.impact} currency={c.currency} symbol sign /> {c.ongoing ? 'so far' : 'in all'}</span>
      </div>
    </li>
  );
}

export function Inbox({ cases, total, openId, selected, selectable, search, today, more, onSelect, bar }: {
  cases: readonly Anomaly[];
  total: number;
  openId: string | undefined;
  selected: ReadonlySet<string>;
  selectable: boolean;
  search: AnomalySearch;
  today: Day;
  more: ReactNode;
  onSelect: (id: string) => void;
  bar: ReactNode;
}) {
  return (
    <>
      <div className="sorter s t2">
        <span>{cases.length < total ? `${count(cases.length)} of ${countOf(total, 'case')}` : countOf(total, 'case')}, the most money first</span>
        <span className="grow" />
        <kbd className="hide-m" aria-hidden="true">J</kbd>
        <kbd className="hide-m" aria-hidden="true">K</kbd>
      </div>
      <ul aria-label="Cases">
        {cases.map((c) => <Row key={c.id} c={c} on={c.id === openId} selected={selected.has(c.id)} selectable={selectable} search={search} today={today} onSelect={onSelect} />)}
      </ul>
      {more}
      {bar}
    </>
  );
}
