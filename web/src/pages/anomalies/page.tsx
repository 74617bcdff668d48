/* What the monitors found unusual: an inbox by money, one case beside it, and its decisions, by pointer or by keys. */
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { caseQuery } from '~/api/anomalies';
import type { Anomaly, AnomalyPage as Answer, AnomalyPatch, Summary } from '~/api/types';
import { count, countOf } from '~/lib/money';
import { CASE_STATES, type AnomalySearch } from '~/lib/search';
import { FreshnessLine } from '~/shell/freshness';
import { usePageKeys } from '~/shell/use-keys';
import { useKeptScope, useScope, useSetSearch, useSummary } from '~/shell/use-scope';
import { useMay, useSeesAll } from '~/shell/use-session';
import { Icon } from '~/ui/icon';
import { Empty, Failed, HeadlineRoom, HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';
import { Progress } from '~/ui/transfer';
import { useMedia } from '~/ui/use-media';
import { StartPage } from '../start';
import { coverOf } from '../use-series';
import { DecideDialog, type Asked } from './parts/decide';
import { Detail } from './parts/detail';
import { Filters } from './parts/filters';
import { Inbox } from './parts/inbox';
import { aimedAt } from './triage';
import { useCases, useDecide, useDetect } from './use-anomalies';
import { STATE_NAMES, facetsOf, headline, runText } from './words';

const PreviewDrawer = lazy(() => import('./parts/preview'));

export function AnomaliesPage() {
  const summary = useSummary();
  const ready = useScope();
  if (summary.error && !summary.data) return <PageFailed error={summary.error} onRetry={() => void summary.refetch()} />;
  if (!ready)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /></div></div>
        <Skeleton height={480} />
      </div>
    );
  if (ready.summary.ledger_version === 0) return <StartPage />;
  return <Cases summary={ready.summary} today={ready.summary.today} />;
}

/* Beside each other from here on; on less it is one or the other. */
const BESIDE = '(min-width: 641px)';

/** The case whose row has the focus. */
const focused = (): string | undefined => document.activeElement?.closest<HTMLElement>('[data-case]')?.dataset['case'];

function Cases({ summary, today }: { summary: Summary; today: string }) {
  const search = useSearch({ strict: false }) as AnomalySearch;
  const { id: opened } = useParams({ strict: false }) as { id?: string };
  const navigate = useNavigate();
  const client = useQueryClient();
  const list = useCases(search);
  const deciding = useDecide();
  const mayDecide = useMay('anomalies.decide');
  const beside = useMedia(BESIDE);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<{ what: Asked; cases: readonly Anomaly[] } | null>(null);
  const [commenting, setCommenting] = useState<string | null>(null);
  const [preview, setPreview] = useState(false);
  const place = useRef<number | null>(null); /* of the row that had the focus when it was decided */
  const openId = opened ?? (beside ? list.shown[0]?.id : undefined);
  const chosen = list.shown.filter((c) => selected.has(c.id));

  const select = useCallback((id: string) => setSelected((was) => (was.has(id) ? new Set([...was].filter((s) => s !== id)) : new Set([...was, id]))), []);
  const open = useCallback(
    (id: string, replace = false) => void navigate({ to: '/anomalies/$id', params: { id }, search, replace, resetScroll: false }),
    [navigate, search],
  );
  const { decide } = deciding;
  const keepPlace = () => {
    const at = list.shown.findIndex((c) => c.id === focused());
    if (at >= 0) place.current = at;
  };
  const ask = (what: Asked, cases: readonly Anomaly[]) => {
    keepPlace();
    setAsking({ what, cases });
  };
  const send = (cases: readonly Anomaly[], decision: AnomalyPatch) => {
    /* what was decided stays beside the list when the list has lost it */
    if (!opened && openId && cases.some((c) => c.id === openId)) open(openId, true);
    keepPlace();
    setAsking(null);
    setSelected(new Set());
    decide(cases, decision);
  };
  const readAt = list.query.dataUpdatedAt;
  useEffect(() => {
    /* the row that had the focus is gone: the one in its place has it */
    if (place.current === null || document.querySelector('dialog[open]')) return;
    const rows = document.querySelectorAll<HTMLElement>('.inbox .row-link');
    if (document.activeElement === document.body) rows[Math.min(place.current, rows.length - 1)]?.focus();
    place.current = null;
  }, [readAt]);
  /* the case beside the list may have left it */
  const beyond = openId && !list.shown.some((c) => c.id === openId) ? client.getQueryData(caseQuery(openId).queryKey)?.data : undefined;
  useTriage({ shown: beyond ? [...list.shown, beyond] : list.shown, chosen, openId, mayDecide, select, open, ask, send, comment: setCommenting });

  const error = list.query.error && !list.query.data ? list.query.error : null;
  const total = list.counts?.[search.state ?? 'open'] ?? 0;
  const find = (text: string) => void navigate({ to: '.', search: (old) => ({ ...old, find: text || undefined }) as AnomalySearch, replace: true, resetScroll: false });
  return (
    <div className={opened ? 'page cases-page case-open' : 'page cases-page'}>
      <Head list={list} search={search} summary={summary} mayDecide={mayDecide} onPreview={() => setPreview(true)} failed={error !== null} total={total} />
      <Tabs counts={list.counts} search={search} />
      <Filters search={search} services={facetsOf(list.read, 'service')} accounts={facetsOf(list.read, 'account')} onFind={find} />
      {error ? (
        <div className="rule-above"><Failed error={error} onRetry={() => void list.query.refetch()} height={opened ? 160 : 420} /></div>
      ) : list.query.isPending ? (
        <div className="cols cols-b split" aria-busy="true"><section><Skeleton height={480} /></section><section><Skeleton height={480} kind="bars" /></section></div>
      ) : null}
      {!error && !list.query.isPending && !list.shown.length && !opened ? <Nothing search={search} counts={list.counts} everLooked={list.lastRun !== null} /> : null}
      {(list.query.data && list.shown.length) || opened ? (
        <div className={list.query.data ? 'cols cols-b split' : 'cols-b'}>
          {list.query.data ? (
            <section className="inbox" aria-label="Inbox">
              {list.shown.length ? (
                <Inbox
                  cases={list.shown} total={search.find ? list.shown.length : total} openId={openId} selected={selected} selectable={mayDecide} search={search} today={today} onSelect={select}
                  more={list.query.hasNextPage ? <button type="button" className="btn more" disabled={list.query.isFetchingNextPage} onClick={() => void list.query.fetchNextPage()}>More cases</button> : null}
                  bar={chosen.length ? <Selection cases={chosen} onAsk={(what) => ask(what, chosen)} onDecide={(d) => send(chosen, d)} onClear={() => setSelected(new Set())} /> : null}
                />
              ) : (
                <Nothing search={search} counts={list.counts} everLooked={list.lastRun !== null} />
              )}
            </section>
          ) : null}
          {openId ? (
            <section className="det" aria-label="Case">
              <Link to="/anomalies" search={search} className="btn btn-quiet back">All cases</Link>
              <Detail
                key={openId} id={openId} search={search} today={today} pending={deciding.pending}
                conflict={deciding.conflict?.cases[0]?.id === openId} commenting={commenting === openId} onCommenting={() => setCommenting(null)}
                onAsk={(what, c) => ask(what, [c])} onDecide={(c, d) => send([c], d)}
                onMine={() => deciding.mine()} onTheirs={deciding.theirs}
              />
            </section>
          ) : null}
        </div>
      ) : null}
      {asking ? <DecideDialog what={asking.what} cases={asking.cases} today={today} onDecide={(d) => send(asking.cases, d)} onClose={() => setAsking(null)} /> : null}
      {preview ? <Suspense><PreviewDrawer today={today} first={coverOf(summary.freshness, today).first} onClose={() => setPreview(false)} /></Suspense> : null}
    </div>
  );
}

interface Triage {
  shown: readonly Anomaly[];
  chosen: readonly Anomaly[];
  openId: string | undefined;
  mayDecide: boolean;
  select: (id: string) => void;
  open: (id: string) => void;
  ask: (what: Asked, cases: readonly Anomaly[]) => void;
  send: (cases: readonly Anomaly[], decision: AnomalyPatch) => void;
  comment: (id: string) => void;
}

/** Keys act on what is selected, else on the row that has the focus, else on the case that is open. */
function useTriage({ shown, chosen, openId, mayDecide, select, open, ask, send, comment }: Triage): void {
  const decides = (act: (cases: readonly Anomaly[]) => void) => () => {
    const cases = aimedAt(shown, chosen, focused() ?? openId);
    if (mayDecide && cases.length) act(cases);
  };
  usePageKeys({
    x: () => {
      const [c] = aimedAt(shown, [], focused() ?? openId);
      if (c && mayDecide) select(c.id);
    },
    a: decides((cases) => send(cases, { state: 'acknowledged' })),
    s: decides((cases) => ask('snooze', cases)),
    r: decides((cases) => ask('resolve', cases)),
    f: decides((cases) => ask('false', cases)),
    c: () => {
      const id = focused() ?? openId;
      if (!id || !mayDecide) return;
      if (id !== openId) open(id);
      comment(id);
    },
  });
}

function Head({ list, search, summary, mayDecide, failed, total, onPreview }: {
  list: ReturnType<typeof useCases>;
  search: AnomalySearch;
  summary: Summary;
  mayDecide: boolean;
  failed: boolean;
  total: number;
  onPreview: () => void;
}) {
  const seesAll = useSeesAll();
  const detect = useDetect();
  const said = headline(list.read, total, search.state ?? 'open');
  const narrowed = search.severity ?? search.service ?? search.account;
  return (
    <div className="head">
      <div>
        {failed ? (
          <h1>Cases are not known right now. <span>The reason stands below.</span></h1>
        ) : list.query.isPending ? (
          <HeadlineToCome />
        ) : (
          <HeadlineRoom><h1>{said.fact} <span>{said.sense || (narrowed ? 'Of those that fit the filters.' : list.read.length ? '' : 'Detection runs after each import.')}</span></h1></HeadlineRoom>
        )}
        <FreshnessLine freshness={summary.freshness}>{list.lastRun ? runText(list.lastRun, summary.today, list.ledgerVersion) : null}</FreshnessLine>
        {detect.running ? <div className="upload" aria-label="Detection"><Progress value={detect.job?.progress ?? null} text={detect.job?.phase ? `Looking: ${detect.job.phase}` : 'Looking …'} /></div> : null}
      </div>
      {seesAll ? (
        <div className="head-acts">
          <button type="button" className="btn" onClick={onPreview}><Icon name="pulse" />Preview</button>
          {mayDecide ? <button type="button" className="btn" disabled={detect.running} onClick={detect.run}><Icon name="refresh" />Detect now</button> : null}
        </div>
      ) : null}
    </div>
  );
}

function Tabs({ counts, search }: { counts: Answer['counts'] | undefined; search: AnomalySearch }) {
  const current = search.state ?? 'open';
  const { state: _, ...rest } = search;
  return (
    <nav className="tabs" aria-label="State">
      {CASE_STATES.map((s) => (
        <Link key={s} to="/anomalies" search={s === 'open' ? rest : { ...rest, state: s }} aria-current={s === current ? 'page' : undefined} activeOptions={{ exact: true }} activeProps={{}}>
          {STATE_NAMES[s]}
          <em>{counts ? count(counts[s]) : ''}</em>
        </Link>
      ))}
    </nav>
  );
}

function Selection({ cases, onAsk, onDecide, onClear }: { cases: readonly Anomaly[]; onAsk: (what: Asked) => void; onDecide: (decision: AnomalyPatch) => void; onClear: () => void }) {
  return (
    <div className="chosen-bar" role="toolbar" aria-label="Selected cases">
      <b className="b">{countOf(cases.length, 'case')}</b>
      <button type="button" className="btn" onClick={() => onDecide({ state: 'acknowledged' })}>Acknowledge</button>
      <button type="button" className="btn" onClick={() => onAsk('assign')}>Assign</button>
      <button type="button" className="btn" onClick={() => onAsk('snooze')}>Snooze</button>
      <button type="button" className="btn" onClick={() => onAsk('resolve')}>Resolve</button>
      <button type="button" className="btn" onClick={() => onAsk('false')}>False positive</button>
      <button type="button" className="btn btn-quiet" onClick={onClear}>None</button>
    </div>
  );
}

function Nothing({ search, counts, everLooked }: { search: AnomalySearch; counts: Answer['counts'] | undefined; everLooked: boolean }) {
  const set = useSetSearch<AnomalySearch>();
  const kept = useKeptScope();
  const seesAll = useSeesAll();
  if (search.find || search.severity || search.service || search.account)
    return (
      <Empty icon="filter" title="No case fits" action={<button type="button" className="btn" onClick={() => set({ find: undefined, severity: undefined, service: undefined, account: undefined })}>Remove the filters</button>}>
        {search.find ? `Nothing has “${search.find}” in its words.` : 'Other filters may have some.'}
      </Empty>
    );
  const any = counts && Object.values(counts).some((n) => n > 0);
  if (any)
    return (
      <Empty icon="check" title={search.state && search.state !== 'open' ? `Nothing is ${STATE_NAMES[search.state].toLowerCase()}` : 'Nothing is open'}>
        Detection runs after each import; new cases come here by themselves.
      </Empty>
    );
  if (everLooked || !seesAll)
    return <Empty icon="check" title="Nothing unusual">There is no case. Detection runs after each import, and each case comes here by itself.</Empty>;
  return (
    <Empty icon="pulse" title="Nothing was looked at yet" action={<Link to="/sources" search={kept} className="btn">Sources</Link>}>
      Detection runs after each import. A series needs 28 days before anything is said of it.
    </Empty>
  );
}
