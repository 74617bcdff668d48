import { Link } from '@tanstack/react-router';
import { lazy, Suspense, type ReactNode } from 'react';
import type { Summary } from '~/api/types';
import { sourceStates, lateWords } from '~/shell/freshness';
import { parse } from '~/lib/decimal';
import { moneyText } from '~/lib/money';
import type { Scope } from '~/lib/search';
import { latestMonth, monthSummary, useKeptScope, useScope, useSourceName, useSummary } from '~/shell/use-scope';
import { useMay } from '~/shell/use-session';
import { Note, Section } from '~/ui/parts';
import { Empty, HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';
import { InTurn, Turns } from '~/ui/turns';
import { StartPage } from '../start';
import { Figures, Opening } from './parts/first';
import { TilesToCome } from './parts/tiles';
import { monthOf, type MonthProps } from './use-overview';

/* What stands below the first sight comes in a file of its own, when its turn has come. */
const below = () => import('./parts/below');
const MonthPart = lazy(() => below().then((m) => ({ default: m.MonthPart })));
const AccountsPart = lazy(() => below().then((m) => ({ default: m.AccountsPart })));
const NeedsPart = lazy(() => below().then((m) => ({ default: m.NeedsPart })));
const ChangesPart = lazy(() => below().then((m) => ({ default: m.ChangesPart })));
const DataPart = lazy(() => below().then((m) => ({ default: m.DataPart })));
const TrendPart = lazy(() => below().then((m) => ({ default: m.TrendPart })));

/* How many turns the page takes: its figures, then each part below them. */
const TURNS = 6;

export function OverviewPage() {
  const summary = useSummary();
  const ready = useScope();
  const kept = useKeptScope();
  if (summary.error && !summary.data) return <PageFailed error={summary.error} onRetry={() => void summary.refetch()} />;
  if (!ready) return <LoadingPage />;
  if (ready.summary.ledger_version === 0) return <StartPage />;
  const { scope } = ready;
  const month = monthOf(scope.convert ? latestMonth(ready.summary) : monthSummary(ready.summary, scope.currency));
  if (!month || scope.currency === null)
    return (
      <div className="page">
        <h1 className="sr">Overview</h1>
        <Empty icon="calendar" title="No whole day of data yet" action={<Link to="/sources" search={kept} className="btn">Sources</Link>}>
          The overview begins when the first day of a month is complete.
        </Empty>
      </div>
    );
  return <MonthPage scope={scope} currency={scope.currency} summary={ready.summary} month={month} />;
}

function LoadingPage() {
  return (
    <div className="page" aria-busy="true">
      <div className="head">
        <div><HeadlineToCome lines={6} /><div className="fresh">{'\u00a0'}</div></div>
      </div>
      <TilesToCome />
      <Skeleton height={430} kind="bars" />
    </div>
  );
}

function Room({ title, sub, height, kind = 'rows' }: { title: string; sub?: string; height: number; kind?: 'rows' | 'bars' }) {
  return <Section title={title} sub={sub}><Skeleton height={height} kind={kind} /></Section>;
}

/** A part below the first sight, and the room that it will take. */
function Below({ at, room, children }: { at: number; room: ReactNode; children: ReactNode }) {
  return <InTurn at={at} room={room}><Suspense fallback={room}>{children}</Suspense></InTurn>;
}

function MonthPage(props: MonthProps) {
  const { summary, month } = props;
  const seesCases = useMay('anomalies.read');
  return (
    <Turns of={TURNS}>
      <div className="page">
        <div className="head">
          <Opening {...props} />
        </div>
        <Late summary={summary} />
        <AlsoBilled {...props} />
        <Figures {...props} />
        <div className="cols">
          <div>
            <Below at={2} room={<Room title="Month to date" height={430} kind="bars" />}><MonthPart {...props} /></Below>
          </div>
          <div>
            {seesCases ? <Below at={3} room={<Room title="Needs you" height={168} />}><NeedsPart today={month.until} /></Below> : null}
            <Below at={3} room={<Room title="Accounts" sub="month to date" height={seesCases ? 192 : 380} />}><AccountsPart {...props} top={seesCases ? 4 : 8} /></Below>
          </div>
        </div>
        <div className="cols cols-b">
          <Below at={4} room={<Room title="What changed" height={420} />}><ChangesPart {...props} /></Below>
          <Below at={5} room={<Room title="Data" height={200} />}><DataPart month={month} summary={summary} currency={props.currency} /></Below>
        </div>
        <Below at={6} room={<div className="cols cols-b"><Room title="Trend" height={352} kind="bars" /><Room title="Services" sub="month to date" height={352} /></div>}><TrendPart {...props} /></Below>
      </div>
    </Turns>
  );
}

function Late({ summary }: { summary: Summary }) {
  const nameOf = useSourceName();
  const search = useKeptScope();
  const late = sourceStates(summary.freshness).filter((s) => s.lateDays > 0);
  if (!late.length) return null;
  return (
    <Note>
      <b className="b">{late.map((s) => nameOf(s.source)).join(', ')}</b> {late.length === 1 ? `is ${lateWords(late[0]!.lateDays)}` : 'are late'}: what is not there is in no figure here, and is not taken as 0. <Link to="/sources" search={search} className="link">See sources</Link>
    </Note>
  );
}

function AlsoBilled({ summary, scope, currency }: { summary: Summary; scope: Scope; currency: string }) {
  if (summary.currencies.length < 2 || scope.convert) return null;
  return (
    <p className="s t2 mb-3">
      Figures are what is billed in {currency}. Also billed, and not added: {summary.by_currency.filter((c) => c.currency !== currency).map((c) => `${c.month_to_date ? moneyText(parse(c.month_to_date), c.currency) : c.currency}`).join(', ')} this month.
    </p>
  );
}
