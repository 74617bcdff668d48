/* One case: what is unusual, how it came about, what was done, and what can be decided. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { caseQuery, likeQuery } from '~/api/anomalies';
import { ApiError } from '~/api/client';
import type { Anomaly, AnomalyDetail, AnomalyPatch } from '~/api/types';
import { ExpectedChart, ExpectedTable } from '~/charts/expected';
import { Figure } from '~/charts/figure';
import { addDays, dayText, rangeWords, type Day } from '~/lib/dates';
import { abs, parse, ratio } from '~/lib/decimal';
import { moneyText } from '~/lib/money';
import type { AnomalySearch } from '~/lib/search';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { Note } from '~/ui/parts';
import { Empty, Failed, Loaded, Skeleton } from '~/ui/states';
import { KIND_NAMES, SEVERITY_CLASS, SEVERITY_NAMES, STATE_NAMES, STATE_TAGS, channelText, estimateText, goesOn, rowTitle, scopeName, timesText, whenText } from '../words';
import { canMerge } from '../triage';
import { Contributions, SeenFirst } from './contributions';
import { snoozedText, type Asked } from './decide';
import { History } from './history';

export interface DetailProps {
  id: string;
  search: AnomalySearch;
  today: Day;
  conflict: boolean;
  pending: boolean;
  commenting: boolean;
  onCommenting: () => void;
  onAsk: (what: Asked, c: Anomaly) => void;
  onDecide: (c: Anomaly, decision: AnomalyPatch) => void;
  onMine: () => void;
  onTheirs: () => void;
}

const isMissing = (error: unknown): boolean => error instanceof ApiError && error.problem.status === 404;

export function Detail(props: DetailProps) {
  const query = useQuery(caseQuery(props.id));
  if (isMissing(query.error))
    return <Empty icon="pulse" title={`There is no case ${props.id}`} action={<Link to="/anomalies" search={props.search} className="btn">All cases</Link>}>A corrected bill has taken it away, or it lies outside of what you see.</Empty>;
  if (query.error && !query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} height={480} />;
  if (!query.data)
    return (
      <div aria-busy="true" className="grid gap-4">
        <Skeleton height={26} kind="line" width={70} />
        <Skeleton height={64} />
        <Skeleton height={260} kind="bars" />
        <Skeleton height={240} />
      </div>
    );
  return <Case {...props} c={query.data.data} />;
}

function Case({ c, ...props }: DetailProps & { c: AnomalyDetail }) {
  const { today } = props;
  const top = useRef<HTMLElement>(null);
  useEffect(() => {
    /* one was read further down: the next begins at its top */
    if (top.current && top.current.getBoundingClientRect().top < 0) top.current.scrollIntoView();
  }, []);
  return (
    <article aria-label={c.id} ref={top}>
      <p className="s t2 dh">
        {c.id} · <span className={STATE_TAGS[c.state]}>{STATE_NAMES[c.state]}</span> · <span className={SEVERITY_CLASS[c.severity]}>{SEVERITY_NAMES[c.severity]}</span> · {channelText(c.channel)}, found {dayText(c.detected, today)} · {c.owner ?? <span className="bad">no owner</span>}
      </p>
      <h2 className="det-title">{c.title}</h2>
      {props.conflict ? (
        <Note bad>
          Somebody has changed this case since you opened it. Nothing was decided yet.
          <div className="flex gap-2 mt-2">
            <button type="button" className="btn" onClick={props.onTheirs}>Show theirs, drop mine</button>
            <button type="button" className="btn" onClick={props.onMine}>Decide all the same</button>
          </div>
        </Note>
      ) : null}
      {c.may_decide ? <Acts c={c} {...props} /> : <p className="t2 s py-2">You can look at it. To decide cases you need anomalies.decide; ask an administrator.</p>}
      <Standing c={c} search={props.search} today={today} />
      <CaseFacts c={c} today={today} />
      <Course c={c} today={today} />
      <Contributions c={c} made={c.contributions} today={today} />
      <div className="cbs mt-5">
        <SeenFirst c={c} made={c.contributions} />
        <Like c={c} search={props.search} today={today} {...(c.may_decide ? { onMerge: (o: Anomaly) => props.onDecide(o, { merged_into: c.id }) } : {})} />
        <Levels c={c} today={today} />
        <Merged c={c} search={props.search} today={today} />
      </div>
      <History c={c} today={today} mayDecide={c.may_decide} wanted={props.commenting} onThere={props.onCommenting} />
    </article>
  );
}

function Acts({ c, pending, onAsk, onDecide }: DetailProps & { c: Anomaly }) {
  const act = (text: ReactNode, run: () => void, ink = false) => (
    <button type="button" className={ink ? 'btn btn-ink' : 'btn'} disabled={pending} onClick={run}>{text}</button>
  );
  if (c.state === 'merged') return <div className="case-acts">{act('Take it out', () => onDecide(c, { merged_into: null }))}</div>;
  const over = c.state === 'resolved' || c.state === 'false_positive';
  return (
    <div className="case-acts" role="toolbar" aria-label="Decide">
      {c.state === 'open' || c.state === 'snoozed' ? act('Acknowledge', () => onDecide(c, { state: 'acknowledged' }), true) : null}
      {act(<><Icon name="person" />Assign</>, () => onAsk('assign', c))}
      {over ? null : act(<><Icon name="clock" />Snooze</>, () => onAsk('snooze', c))}
      {over ? null : act('Resolve…', () => onAsk('resolve', c), c.state === 'acknowledged')}
      {over ? null : act('False positive…', () => onAsk('false', c))}
      {c.state === 'open' ? null : act('Open again', () => onDecide(c, { state: 'open' }))}
    </div>
  );
}

/** Why it is not open. */
function Standing({ c, search, today }: { c: Anomaly; search: AnomalySearch; today: Day }) {
  const said = (title: ReactNode, text: string | null) => <p className="standing"><b className="b">{title}</b>{text ? `: ${text}` : ''}</p>;
  switch (c.state) {
    case 'snoozed':
      return said(snoozedText(c, today), c.reason);
    case 'resolved':
      return said('It came from', c.cause ?? '–');
    case 'false_positive':
      return said(c.kind ? KIND_NAMES[c.kind] : 'No anomaly', c.reason);
    case 'merged':
      return c.merged_into ? <p className="standing">It is a part of <Link to="/anomalies/$id" params={{ id: c.merged_into }} search={search} className="link">{c.merged_into}</Link>.</p> : null;
    default:
      return null;
  }
}

function Fact({ name, children, words }: { name: string; children: ReactNode; words?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={words ? 'tx' : ''}>{children}</dd>
    </div>
  );
}

function CaseFacts({ c, today }: { c: AnomalyDetail; today: Day }) {
  const on = goesOn(c);
  const below = c.direction === 'down';
  const most = c.contributions.dimensions[0]?.values[0];
  return (
    <dl className="case-facts">
      <Fact name={`${below ? 'Below' : 'Above'} expected ${c.ongoing ? 'so far' : 'in all'}`}>
        <Money value={abs(parse(c.impact))} currency={c.currency} symbol />
      </Fact>
      {on ? <Fact name={`If it goes on, to ${dayText(on.until, today)}`}>about {estimateText(abs(on.amount), c.currency)}</Fact> : <Fact name="When">{whenText(c, today)}</Fact>}
      <Fact name="Score"><span title="1 is the threshold; each unit more is ten times rarer">{c.score.toFixed(1)}<small> alarms at 1</small></span></Fact>
      <Fact name="Against expected" words>{timesText(c)}</Fact>
      {most ? <Fact name="Largest part" words>{most.label ?? most.value ?? 'charges that name none'}</Fact> : null}
    </dl>
  );
}

/** A day's mean of so many, as an estimate. */
function perDay(total: string, days: number, currency: string): string {
  const mean = ratio(parse(total), { units: BigInt(Math.max(1, days)), scale: 0 }, 2)!;
  return `${estimateText(mean, currency)} a day`;
}

const LEGEND = [{ label: 'Actual', colour: 'var(--series)' }, { label: 'Expected', colour: 'var(--ghost)', dotted: true }, { label: 'Usual', colour: 'var(--expect)' }, { label: 'Unusual', colour: 'var(--bad)' }];

function Course({ c, today }: { c: AnomalyDetail; today: Day }) {
  if (!c.series.length) return <p className="t2 mt-5">The ledger has no days around it any more.</p>;
  const n = c.series.filter((d) => d.unusual).length;
  const sentence = `${scopeName(c.scope)} by day, ${rangeWords({ start: c.series[0]!.date, end: addDays(c.series.at(-1)!.date, 1) }, today)}: ${n} unusual ${n === 1 ? 'day' : 'days'}, ${moneyText(parse(c.actual), c.currency)} where ${moneyText(parse(c.expected), c.currency)} was expected.`;
  return (
    <Figure sentence={sentence} caption={() => ({ title: c.title, lines: [sentence], legend: LEGEND, source: `Farthing, ${c.id}`, file: `farthing-${c.id}` })} table={<ExpectedTable days={c.series} currency={c.currency} today={today} />}>
      <ExpectedChart
        days={c.series} currency={c.currency} today={today} height={260} label={sentence}
        ends={{ actual: perDay(c.actual, c.days, c.currency), expected: perDay(c.expected, c.days, c.currency) }}
      />
    </Figure>
  );
}

function Line({ c, search, end, act }: { c: Anomaly; search: AnomalySearch; end: ReactNode; act?: ReactNode }) {
  return (
    <li className="pair">
      <Link to="/anomalies/$id" params={{ id: c.id }} search={search} className="ell" title={c.title}>{c.id}, {rowTitle(c)}</Link>
      <span className="t2 ell">{end}</span>
      {act}
    </li>
  );
}

const placeOf = (c: Anomaly): { account?: string; service?: string } => ({
  ...(c.scope.account ? { account: c.scope.account } : {}),
  ...(c.scope.service ? { service: c.scope.service } : {}),
});

/** Cases of the same place, and what became of them. */
function Like({ c, search, today, onMerge }: { c: Anomaly; search: AnomalySearch; today: Day; onMerge?: (other: Anomaly) => void }) {
  const place = placeOf(c);
  const named = Object.keys(place).length > 0;
  const like = useQuery({ ...likeQuery(place, false), enabled: named });
  return (
    <section aria-label="Like this before">
      <h3>Like this before</h3>
      {named ? (
        <Loaded query={like} height={64}>
          {(all) => {
            const others = all.filter((o) => o.id !== c.id).slice(0, 5);
            if (!others.length) return <p className="t2 s">No other case here.</p>;
            return <ul>{others.map((o) => <Line key={o.id} c={o} search={search} act={onMerge && canMerge(c, o) ? <button type="button" className="btn btn-mini" title={`Make ${o.id} a part of ${c.id}`} onClick={() => onMerge(o)}>Merge</button> : null} end={`${o.cause ?? (o.kind ? KIND_NAMES[o.kind] : STATE_NAMES[o.state])}, ${dayText(o.start, today)}`} />)}</ul>;
          }}
        </Loaded>
      ) : (
        <p className="t2 s">It is of all charges: every case is like it.</p>
      )}
    </section>
  );
}

function Levels({ c, today }: { c: Anomaly; today: Day }) {
  if (!c.levels.length) return null;
  return (
    <section aria-label="The same at other levels">
      <h3>The same at other levels</h3>
      <ul>
        {c.levels.map((l, i) => (
          <li key={i} className="pair">
            <span className="ell">{scopeName(l.scope)} <span className="t2">{rangeWords({ start: l.start, end: addDays(l.end, 1) }, today)}</span></span>
            <Money value={l.impact} currency={c.currency} sign />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Cases that were found to be a part of this one. */
function Merged({ c, search, today }: { c: Anomaly; search: AnomalySearch; today: Day }) {
  const like = useQuery(likeQuery({}, true));
  const parts = like.data?.filter((o) => o.merged_into === c.id) ?? [];
  if (!parts.length) return null;
  return (
    <section aria-label="Merged into it">
      <h3>Merged into it</h3>
      <ul>{parts.map((o) => <Line key={o.id} c={o} search={search} end={whenText(o, today)} />)}</ul>
    </section>
  );
}
