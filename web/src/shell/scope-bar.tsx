/* The scope as a sentence: when, against what, which cost, which currency, which part. */
import { useQuery } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useState, type FormEvent } from 'react';
import { dimensionsQuery } from '~/api/queries';
import type { Summary } from '~/api/types';
import { isDay, rangeText, rangeWords, addDays } from '~/lib/dates';
import { questionAt } from '~/lib/entities';
import { METRICS } from '~/lib/plan';
import { COMPARE_WORDS, TIME_WORDS, compareOf, pinned, timeOf, type Anchor, type Scope } from '~/lib/search';
import { METRIC_HINTS, METRIC_NAMES, TIME_NAMES, compareNames, dimensionName, filterValues, opName, timeName } from '~/lib/words';
import { useCopy } from '~/ui/copy';
import { Icon } from '~/ui/icon';
import { Act, Choice, Group, Menu, Panel, Rule } from '~/ui/menu';
import { FilterChips, replaced } from './filter-chips';
import { FilterPanel } from './filter-panel';
import { printPage } from './print';
import { latestMonth, monthSummary, useScope, useScopeSearch, useSetSearch } from './use-scope';

const Caret = () => <Icon name="down" small />;

function DatesForm({ start, end, onPick }: { start: string; end: string; onPick: (range: string) => void }) {
  const [bad, setBad] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const from = String(data.get('from'));
    const to = String(data.get('to'));
    if (!isDay(from) || !isDay(to) || from > to) setBad(true);
    else onPick(rangeText({ start: from, end: addDays(to, 1) }));
  };
  return (
    <form className="dates" onSubmit={submit}>
      <label>
        From
        <input className="field" type="date" name="from" defaultValue={start} />
      </label>
      <label>
        To, included
        <input className="field" type="date" name="to" defaultValue={addDays(end, -1)} />
      </label>
      {bad ? <p className="s bad col-span-2" role="alert">The first day is after the last, or no day.</p> : null}
      <button type="submit" className="btn">Show these days</button>
    </form>
  );
}

function TimeMenu({ scope, anchor }: { scope: Scope; anchor: Anchor }) {
  const search = useScopeSearch();
  const set = useSetSearch();
  const [open, setOpen] = useState(false);
  const pick = (time: string) => {
    set({ time: time === '30d' ? undefined : time });
    setOpen(false);
  };
  return (
    <Panel
      label="Time"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className="btn">
          <Icon name="calendar" />
          {timeName(search.time, scope.time, anchor.today)}
          <Caret />
        </button>
      }
    >
      <div role="radiogroup" aria-label="Time">
        {TIME_WORDS.map((word) => (
          <button key={word} type="button" role="radio" aria-checked={(search.time ?? '30d') === word} className="item" onClick={() => pick(word)}>
            <span data-on className="flex"><Icon name="check" /></span>
            {TIME_NAMES[word]}
            <em>{rangeWords(timeOf(word, anchor), anchor.today)}</em>
          </button>
        ))}
      </div>
      <hr />
      <DatesForm start={scope.time.start} end={scope.time.end} onPick={pick} />
    </Panel>
  );
}

function CompareMenu({ scope, anchor }: { scope: Scope; anchor: Anchor }) {
  const search = useScopeSearch();
  const set = useSetSearch();
  const [open, setOpen] = useState(false);
  const names = compareNames(scope.time);
  const current = scope.compare ? rangeText(scope.compare) : 'none';
  const pick = (compare: string) => {
    set({ compare });
    setOpen(false);
  };
  return (
    <Panel
      label="Compare"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className="btn">
          <span className="t3">vs</span>
          {scope.compare ? rangeWords(scope.compare, anchor.today) : 'nothing'}
          <Caret />
        </button>
      }
    >
      <div role="radiogroup" aria-label="Compare with">
        {COMPARE_WORDS.map((word) => {
          const range = compareOf(word, scope.time);
          const on = search.compare ? search.compare === word : (range ? rangeText(range) : 'none') === current && word !== 'none';
          return (
            <button key={word} type="button" role="radio" aria-checked={on} className="item" onClick={() => pick(word)}>
              <span data-on className="flex"><Icon name="check" /></span>
              {names[word]}
              {range ? <em>{rangeWords(range, anchor.today)}</em> : null}
            </button>
          );
        })}
      </div>
      <hr />
      <DatesForm start={(scope.compare ?? scope.time).start} end={(scope.compare ?? scope.time).end} onPick={pick} />
    </Panel>
  );
}

function MetricMenu({ scope }: { scope: Scope }) {
  const set = useSetSearch();
  return (
    <Menu
      label="Cost metric"
      trigger={
        <button type="button" className="btn">
          {METRIC_NAMES[scope.metric]}
          <Caret />
        </button>
      }
    >
      {METRICS.map((m) => (
        <Choice key={m} chosen={m === scope.metric} hint={METRIC_HINTS[m]} onSelect={() => set({ metric: m === 'effective_cost' ? undefined : m, order: undefined })}>
          {METRIC_NAMES[m]}
        </Choice>
      ))}
    </Menu>
  );
}

/** As billed, one currency of the bills at a time; or everything in one, where rates lead there. */
function CurrencyMenu({ scope, anchor, summary, path }: { scope: Scope; anchor: Anchor; summary: Summary; path: string }) {
  const set = useSetSearch();
  if (path.startsWith('/sources')) return <Locked text="As billed" why="Deliveries are balanced as billed" />;
  const offered = [...new Set([...summary.convertible, ...(scope.convert ? [scope.convert] : [])])].filter((c) => c !== anchor.currencies[0] || anchor.currencies.length > 1);
  if (anchor.currencies.length < 2 && !offered.length)
    return <button type="button" className="btn" disabled title="Everything is billed in this currency">{scope.currency ?? '–'}</button>;
  return (
    <Menu
      label="Currency"
      trigger={
        <button type="button" className="btn">
          {scope.convert ? <span className="t3">in</span> : null}
          {scope.currency}
          <Caret />
        </button>
      }
    >
      <Group>{anchor.currencies.length > 1 ? 'As billed, never added up' : 'As billed'}</Group>
      {anchor.currencies.map((c) => (
        <Choice key={c} chosen={!scope.convert && c === scope.currency} onSelect={() => set({ currency: c, in: undefined })}>
          {c}
        </Choice>
      ))}
      {offered.length ? <Group>Everything, by the rates of each day</Group> : null}
      {offered.map((c) => (
        <Choice key={`in ${c}`} chosen={scope.convert === c} {...(c === anchor.reporting ? { hint: 'the organisation’s' } : {})} onSelect={() => set({ in: c, currency: undefined })}>
          In {c}
        </Choice>
      ))}
    </Menu>
  );
}

function ScopeFilters({ scope }: { scope: Scope }) {
  const search = useScopeSearch();
  const set = useSetSearch();
  const { data: dimensions } = useQuery(dimensionsQuery());
  const filters = search.filters ?? [];
  return (
    <>
      <div
        className={filters.length > 1 ? 'scope-chips many' : 'scope-chips'}
        onKeyDown={(event) => {
          if (event.key === 'Backspace' && filters.length) set({ filters: filters.slice(0, -1) });
        }}
      >
        <FilterChips filters={filters} scope={scope} onChange={(next) => set({ filters: next })} />
      </div>
      {filters.length > 1 ? (
        <Menu
          label="Filters"
          trigger={
            <button type="button" className="btn few">
              <Icon name="filter" />
              {filters.length} filters
            </button>
          }
        >
          {filters.map((f, i) => (
            <Act key={i} icon="x" onSelect={() => set({ filters: replaced(filters, i, null) })}>
              {dimensionName(f.field, dimensions)} {opName(f.op)} {filterValues(f)}
            </Act>
          ))}
          <Rule />
          <Act icon="minus" onSelect={() => set({ filters: undefined })}>Remove all</Act>
        </Menu>
      ) : null}
    </>
  );
}

/* what it takes comes when it is opened */
const KeepPanel = lazy(() => import('./keep-panel').then((m) => ({ default: m.KeepPanel })));

/** Saves what the page shows, where that is one question; everywhere the saved ones are at hand. */
function SaveView({ anchor, path }: { anchor: Anchor; path: string }) {
  const search = useScopeSearch();
  const id = useRouterState({ select: (s) => (s.matches.at(-1)?.params as { id?: string } | undefined)?.id });
  const question = questionAt(path, id, search);
  const name = question ? 'Save view' : 'Views';
  const [open, setOpen] = useState(false);
  return (
    <Panel
      label={name}
      align="end"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className="btn btn-quiet hide-m hide-s">
          <Icon name="star" />
          {name}
        </button>
      }
    >
      <Suspense><KeepPanel anchor={anchor} question={question} pins={path === '/explore'} onClose={() => setOpen(false)} /></Suspense>
    </Panel>
  );
}

/** `saved`: the page has no time of its own that a link could hold. */
function Share({ anchor, short, saved }: { anchor: Anchor; short: boolean; saved?: boolean }) {
  const search = useScopeSearch();
  const put = useCopy();
  const copy = (fixed: boolean) => {
    const url = new URL(location.href);
    if (fixed)
      url.search = new URLSearchParams(
        Object.entries(pinned(search, anchor)).map(([k, v]) => [k, typeof v === 'string' ? v : JSON.stringify(v)]),
      ).toString();
    void put('Link', () => url.href, fixed ? 'Link copied: it will show these dates' : 'Link copied: its dates move with time');
  };
  const copyShort = async () => (await import('./short-link')).shortLink(pinned(search, anchor));
  return (
    <Menu
      label="Share"
      align="end"
      trigger={
        <button type="button" className="btn hide-s">
          <Icon name="share" />
          Share
        </button>
      }
    >
      {saved ? (
        <Act icon="link" onSelect={() => void put('Link', () => location.href)}>Copy link</Act>
      ) : (
        <>
          <Act icon="link" onSelect={() => copy(true)}>Copy link to these dates</Act>
          <Act icon="calendar" onSelect={() => copy(false)}>Copy link that moves with time</Act>
        </>
      )}
      {short ? <Act icon="copy" onSelect={() => void put('Link', copyShort, 'Short link copied: it will show these dates')}>Copy short link</Act> : null}
      <Rule />
      <Act icon="file" onSelect={() => void printPage()}>Print or save as PDF</Act>
    </Menu>
  );
}

/** A page may hold one part of the scope fast; it then says so, with a lock. */
function Locked({ before, text, why }: { before?: string; text: string; why: string }) {
  return (
    <button type="button" className="btn" disabled title={why}>
      {before ? <span className="t3">{before}</span> : <Icon name="lock" />}
      {text}
    </button>
  );
}

export function ScopeBar({ path }: { path: string }) {
  const ready = useScope();
  const paged = 'range' in useScopeSearch(); /* a dashboard in the page's time and filters */
  if (!ready || ready.summary.ledger_version === 0) return <div className="scope" role="toolbar" aria-label="Scope" />;
  const { scope, anchor, summary } = ready;
  const board = path.startsWith('/dashboards/');
  if (board && !paged)
    return (
      <div className="scope" role="toolbar" aria-label="Scope">
        <Locked text="As saved" why="Each tile keeps its own time and filters" />
        <span className="grow" />
        <Share anchor={anchor} short={false} saved />
      </div>
    );
  const facts = path !== '/' ? null : scope.convert ? latestMonth(summary) : monthSummary(summary, scope.currency);
  const month = facts?.month;
  const before = facts?.previous;
  return (
    <div className="scope" role="toolbar" aria-label="Scope">
      {path.startsWith('/sources') ? (
        <Locked text="All time" why="Sources shows every delivery" />
      ) : month?.until && before?.until ? (
        <>
          <Locked text={rangeWords({ start: month.start, end: addDays(month.until, 1) })} why="Overview shows the month" />
          <Locked before="vs" text={rangeWords({ start: before.start, end: addDays(before.until, 1) }, anchor.today)} why="the same days of the month before" />
        </>
      ) : (
        <>
          <TimeMenu scope={scope} anchor={anchor} />
          <CompareMenu scope={scope} anchor={anchor} />
        </>
      )}
      {path.startsWith('/sources') ? <Locked text="Billed cost" why="Deliveries are balanced as billed" /> : <MetricMenu scope={scope} />}
      <CurrencyMenu scope={scope} anchor={anchor} summary={summary} path={path} />
      {path.startsWith('/sources') ? null : (
        <>
          <span className="vr" />
          <ScopeFilters scope={scope} />
          <FilterPanel
            scope={scope}
            trigger={
              <button type="button" className="btn btn-quiet">
                <Icon name="plus" />
                Filter
              </button>
            }
          />
          <span className="grow" />
          {board ? null : <SaveView anchor={anchor} path={path} />}
          <Share anchor={anchor} short={path === '/explore'} />
        </>
      )}
    </div>
  );
}
