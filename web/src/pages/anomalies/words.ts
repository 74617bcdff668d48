/* Cases in words: what is unusual, since when, by how much, and what was done about it. */
import type { Anomaly, AnomalyEvent, AnomalyKind, AnomalyPatch, AnomalyRun, AnomalyScope, AnomalySeverity, AnomalyState } from '~/api/types';
import { addDays, addMonths, dayText, daysBetween, monthStart, rangeWords, type Day } from '~/lib/dates';
import { abs, add, compare, fixed, parse, ratio, round, sign, toPixels, ZERO, type Decimal } from '~/lib/decimal';
import { count, countOf, groupInteger, moneyText, currencyForm, sharePercent } from '~/lib/money';
import { only, type Filter } from '~/lib/plan';
import { shortLabel } from '~/lib/words';

export type Titled = Pick<Anomaly, 'scope' | 'direction' | 'actual' | 'expected'> & { times?: number | null };

export const STATE_NAMES: Record<AnomalyState, string> = {
  open: 'Open', acknowledged: 'Acknowledged', snoozed: 'Snoozed', resolved: 'Resolved', false_positive: 'False positive', merged: 'Merged',
};
export const STATE_TAGS: Record<AnomalyState, string> = {
  open: 'tag tag-bad', acknowledged: 'tag tag-accent', snoozed: 'tag tag-warn', resolved: 'tag tag-good', false_positive: 'tag', merged: 'tag',
};
export const SEVERITY_NAMES: Record<AnomalySeverity, string> = { critical: 'Critical', high: 'High', medium: 'Medium', low: 'Low' };
export const SEVERITY_CLASS: Record<AnomalySeverity, string> = { critical: 'bad b', high: 'bad', medium: 'warn', low: 't2' };

export const KIND_NAMES: Record<AnomalyKind, string> = { one_off: 'One-off', seasonal: 'Seasonal', planned: 'Planned growth' };
export const KIND_HINTS: Record<AnomalyKind, string> = {
  one_off: 'It will not come again: its days are left out of the past.',
  seasonal: 'The same at the same time of month or year is expected.',
  planned: 'Its level is what is usual from then on.',
};

const CHANNELS: Readonly<Record<string, string>> = {
  up: 'a rise', down: 'a fall', step: 'a step', ramp: 'a slow rise', weekend: 'a weekend like a weekday', begin: 'new spend', end: 'ended spend', schedule: 'runs off their schedule',
};
/** What the detector took it for. */
export const channelText = (channel: string): string => CHANNELS[channel] ?? channel;

/** Which charges, as one says it. */
export function scopeName(scope: AnomalyScope): string {
  const account = scope.account_name ?? scope.account ?? 'no account';
  const service = scope.service === null ? 'No service' : shortLabel(scope.service);
  switch (scope.level) {
    case 'total':
      return 'All charges';
    case 'account':
      return account === 'no account' ? 'No account' : account;
    case 'service':
      return service;
    case 'account_service':
      return `${service} in ${account}`;
    case 'tag':
      return scope.tag?.value == null ? `Without ${scope.tag?.key ?? 'a tag'}` : `${scope.tag.key} ${scope.tag.value}`;
  }
}

/** The filters whose charges are those of the scope. */
export function scopeFilters(scope: AnomalyScope): Filter[] {
  switch (scope.level) {
    case 'total':
      return [];
    case 'account':
      return [only('sub_account', scope.account)];
    case 'service':
      return [only('service', scope.service)];
    case 'account_service':
      return [only('sub_account', scope.account), only('service', scope.service)];
    case 'tag':
      return scope.tag ? [only(`tag:${scope.tag.key}`, scope.tag.value)] : [];
  }
}

/** "3.4× expected" from a doubling on, "25% above expected", "new"; unknown is not guessed. */
export function timesText(c: Titled): string {
  const expected = parse(c.expected);
  if (sign(expected) <= 0) return c.direction === 'up' ? 'where nothing was expected' : 'less than expected';
  const times = ratio(parse(c.actual), expected, 4)!;
  const n = toPixels(times);
  if (n >= 2) return `${fixed(round(times, 1))}× expected`;
  const away = Math.abs(n - 1) * 100;
  const share = away < 10 ? away.toFixed(1) : String(Math.round(away));
  return n === 0 ? 'nothing where there was spend' : `${share}% ${n >= 1 ? 'above' : 'below'} expected`;
}

export const rowTitle = (c: Titled): string => `${scopeName(c.scope)}: ${timesText(c)}`;

/** "since 12 Nov" while it goes on, else its days. */
export const whenText = (c: Pick<Anomaly, 'start' | 'end' | 'ongoing'>, today: Day): string =>
  c.ongoing ? `since ${dayText(c.start, today)}` : rangeWords({ start: c.start, end: addDays(c.end, 1) }, today);

const SIGNIFICANT = 4;

/** An estimate: no cents from ten on, four digits that count. */
export function estimateText(value: Decimal, currency: string, signed = false): string {
  const size = abs(value);
  if (toPixels(size) < 10) return moneyText(value, currency, { symbol: true, sign: signed });
  let whole = round(size, 0).units;
  const more = whole.toString().length - SIGNIFICANT;
  if (more > 0) {
    const step = 10n ** BigInt(more);
    whole = ((whole + step / 2n) / step) * step;
  }
  const mark = sign(value) < 0 ? '−' : signed ? '+' : '';
  return `${mark}${currencyForm(currency).symbol}${groupInteger(String(whole))}`;
}

/** What it comes to by the end of the month when its level stays; null when it is over. */
export function goesOn(c: Anomaly): { until: Day; amount: Decimal } | null {
  if (!c.ongoing) return null;
  const until = addDays(addMonths(monthStart(c.end), 1), -1);
  const days = daysBetween(c.end, until);
  if (days <= 0) return null;
  const a = parse(c.impact_per_day);
  return { until, amount: add(parse(c.impact), { units: a.units * BigInt(days), scale: a.scale }) };
}

const SMALL = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'] as const;
const counted = (n: number): string => SMALL[n] ?? count(n);

const list = (parts: readonly string[]): string =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;

/** Impacts by currency: what is above expected, and what is below. */
function sums(cases: readonly Anomaly[], direction: Anomaly['direction']): Map<string, Decimal> {
  const out = new Map<string, Decimal>();
  for (const c of cases) if (c.direction === direction) out.set(c.currency, add(out.get(c.currency) ?? ZERO, parse(c.impact)));
  return out;
}

const amounts = (by: ReadonlyMap<string, Decimal>): string => list([...by].map(([currency, sum]) => moneyText(abs(sum), currency)));

export interface Sentence {
  fact: string;
  sense: string;
}

const STATE_WORDS: Record<AnomalyState, string> = {
  open: 'open', acknowledged: 'acknowledged', snoozed: 'snoozed', resolved: 'resolved', false_positive: 'false', merged: 'merged',
};

/** Whether somebody has still to do with it. */
export const isLive = (state: AnomalyState): boolean => state === 'open' || state === 'acknowledged' || state === 'snoozed';

/** What the cases of a list cost, and which of them to look at. `total` are there; `cases` have been read, the largest first. */
export function headline(cases: readonly Anomaly[], total: number, state: AnomalyState): Sentence {
  const word = STATE_WORDS[state];
  const noun = state === 'false_positive' ? 'alarm' : 'case';
  if (!cases.length) return { fact: state === 'open' ? 'Nothing unusual is open.' : `No ${word} ${noun}.`, sense: '' };
  const above = sums(cases, 'up');
  const below = sums(cases, 'down');
  const who = total > cases.length ? `The ${count(cases.length)} largest of ${count(total)} ${word} ${noun}s` : `${counted(cases.length)} ${word} ${noun}${cases.length === 1 ? '' : 's'}`;
  const one = total === 1;
  const verb = state === 'open' ? (one ? 'costs' : 'cost') : 'cost';
  const said = list([...(above.size ? [`${amounts(above)} above expected`] : []), ...(below.size ? [`${amounts(below)} below`] : [])]);
  return { fact: above.size ? `${who} ${verb} ${said}.` : `${who}, ${said} what was expected.`, sense: isLive(state) ? senseOf(cases, above) : '' };
}

function senseOf(cases: readonly Anomaly[], above: ReadonlyMap<string, Decimal>): string {
  const first = cases.find((c) => c.direction === 'up');
  if (!first) return '';
  const name = scopeName(first.scope);
  const owner = first.owner ? `is ${first.owner}’s` : 'has no owner';
  if (cases.length === 1) return `${name} ${owner}.`;
  const whole = above.get(first.currency)!;
  if (above.size > 1 || cases.filter((c) => c.direction === 'up').length === 1) return `The largest, ${name}, ${owner}.`;
  return `${sharePercent(parse(first.impact), whole).replace(/\.\d%/, '%')} of it is ${name}, which ${owner}.`;
}

/** Every month from the first to the last day, those without a case with none. */
export function everyMonth(months: readonly { month: string; cases: number }[], start: Day, end: Day): { month: string; cases: number }[] {
  const out = [];
  for (let day = monthStart(start); day <= end; day = addMonths(day, 1)) {
    const month = day.slice(0, 7);
    out.push({ month, cases: months.find((m) => m.month === month)?.cases ?? 0 });
  }
  return out;
}

/** What the monitors did last. */
export function runText(run: AnomalyRun, today: Day, ledger: number | null = null): string {
  const until = run.history_end ? ` to ${dayText(run.history_end, today)}` : '';
  const out = run.series_left_out ? `; ${count(run.series_left_out)} of the least money left out` : '';
  const behind = ledger !== null && ledger > run.ledger_version ? '; not yet at the newest import' : '';
  return `${countOf(run.series, 'series', 'series')} looked at${until}${out}${behind}`;
}

/* ---- decisions ---- */

const DONE: Record<AnomalyState, string> = {
  open: 'open again', acknowledged: 'acknowledged', snoozed: 'snoozed', resolved: 'resolved', false_positive: 'no anomaly', merged: 'merged',
};

/** For a toast: "A-218 is acknowledged", "3 cases are resolved", "A-218 is ada@example.org’s". */
export function doneText(ids: readonly string[], decision: AnomalyPatch): string {
  const who = ids.length === 1 ? `${ids[0]!} is` : `${count(ids.length)} cases are`;
  if (decision.state) return `${who} ${DONE[decision.state]}`;
  if (decision.merged_into !== undefined) return decision.merged_into ? `${who} a part of ${decision.merged_into}` : `${who} on its own again`;
  if (decision.owner !== undefined) return decision.owner ? `${who} ${decision.owner}’s` : `${who} nobody’s`;
  return `${who} changed`;
}

/** The decision that makes a case what it was before `decision`; null where that cannot be said. */
export function undoOf(before: Anomaly, decision: AnomalyPatch): AnomalyPatch | null {
  if (decision.merged_into !== undefined) return { merged_into: before.merged_into };
  if (decision.state === undefined) return decision.owner === undefined ? null : { owner: before.owner };
  const { state } = before;
  if (state === 'merged') return null;
  if (state === 'snoozed') return before.snoozed_until ? { state, snoozed_until: before.snoozed_until, reason: before.reason } : null;
  if (state === 'resolved') return before.cause ? { state, cause: before.cause } : null;
  if (state === 'false_positive') return before.kind ? { state, kind: before.kind, reason: before.reason } : null;
  return { state };
}

/* ---- history ---- */

const textOf = (value: unknown): string | null => (typeof value === 'string' && value ? value : null);
const lower = (state: string): string => (STATE_NAMES[state as AnomalyState] ?? state).toLowerCase();

/** Who it was: nobody's name is Farthing itself, or whoever has the data directory. */
export const whoText = (event: AnomalyEvent): string => event.by ?? (['comment', 'state', 'owner', 'merged', 'unmerged'].includes(event.what) ? 'The owner' : 'Farthing');

/** What was said with it: a comment, a reason, or what it came from. */
export const saidText = (event: AnomalyEvent): string | null => event.text ?? (event.what === 'state' ? textOf(event.detail['cause']) : null);

/** What happened, without who and when. */
export function eventText(event: AnomalyEvent, today: Day): string {
  const from = textOf(event.detail['from']);
  const to = textOf(event.detail['to']);
  const end = textOf(event.detail['end']);
  const into = textOf(event.detail['into']);
  switch (event.what) {
    case 'opened':
      return 'opened the case';
    case 'reopened':
      return 'opened it again';
    case 'moved':
      return 'saw where it belongs';
    case 'grew':
      return end ? `it goes on, to ${dayText(end, today)} so far` : 'it goes on';
    case 'restated':
      return 'its days were billed anew';
    case 'gone':
      return 'the bill was corrected: it is gone';
    case 'state':
      if (from !== null && from === to) return `changed why it is ${lower(to)}`;
      return to ? `${from ? `${lower(from)} → ` : ''}${lower(to)}` : 'decided it';
    case 'owner':
      return to ? `gave it to ${to}` : `took it from ${from ?? 'its owner'}`;
    case 'merged':
      return into ? `made it a part of ${into}` : 'merged it';
    case 'unmerged':
      return `took it out of ${textOf(event.detail['out_of']) ?? 'the other'}`;
    case 'absorbed':
      return `saw that it is a part of ${into ?? 'another case'}`;
    case 'comment':
      return 'said';
  }
}

/* ---- what it is made of ---- */

/** Values that cost nothing in the days before. */
export const isNew = (v: { actual: string; expected: string }): boolean => sign(parse(v.expected)) === 0 && sign(parse(v.actual)) !== 0;

/** Whether a dimension tells anything: one value that is all of it does not. */
export const splits = (d: { values: readonly { actual: string; expected: string }[]; rest: unknown }): boolean => d.values.length > 1 || d.rest !== null || d.values.some(isNew);

/** Of the values of a dimension, the widest bar: each other's part of it. */
export function barShare(change: string, all: readonly { change: string }[]): number {
  const widest = all.reduce<Decimal>((m, v) => (compare(abs(parse(v.change)), m) > 0 ? abs(parse(v.change)) : m), ZERO);
  return sign(widest) === 0 ? 0 : toPixels(parse(change)) / toPixels(widest);
}

/* ---- what a list can be narrowed to ---- */

export interface Facet {
  id: string;
  name: string;
  cases: number;
}

/** The services and accounts of cases, those of the most cases first. */
export function facetsOf(cases: readonly Anomaly[], of: 'service' | 'account'): Facet[] {
  const out = new Map<string, Facet>();
  for (const { scope } of cases) {
    const id = scope[of];
    if (id === null) continue;
    const facet = out.get(id) ?? { id, name: of === 'account' ? (scope.account_name ?? id) : id, cases: 0 };
    facet.cases += 1;
    out.set(id, facet);
  }
  return [...out.values()].sort((a, b) => b.cases - a.cases || (a.name < b.name ? -1 : 1));
}

/** Cases whose words have all of what is looked for. */
export function found(cases: readonly Anomaly[], q: string): Anomaly[] {
  const wanted = q.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return [...cases];
  return cases.filter((c) => {
    const words = [c.id, c.title, rowTitle(c), c.scope.account, c.scope.service, c.owner, c.cause, c.reason].join(' ').toLowerCase();
    return wanted.every((w) => words.includes(w));
  });
}
