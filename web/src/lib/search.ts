/*
 * What the address bar holds: a plan's fields in short form. planOf() makes the plan, searchOf() the search
 * of a plan, and planOf(searchOf(p)) is p to the byte. Relative words ("30d") stay words, so that a saved
 * link moves with time; pinned() writes the dates instead.
 */
import {
  addDays, addMonths, isDay, monthShape, monthStart, parseRange, previousRange, rangeText, sameWeekdays, yearBefore,
  autoGrain, lengthOf, type Day, type Grain, type Range,
} from './dates';
import { METRICS, plan, type Filter, type FilterOp, type Metric, type Order, type Plan } from './plan';

export const TIME_WORDS = ['mtd', 'last-month', '7d', '30d', '90d', '3m', '6m', '12m', 'ytd'] as const;
export const COMPARE_WORDS = ['weekdays', 'previous', 'year', 'none'] as const;
const GRAINS = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
const OPS: readonly FilterOp[] = ['in', 'not_in', 'contains', 'missing', 'present'];
export const TOPS = [5, 8, 10] as const;
export const CHARTS = ['bars', 'area', 'line'] as const;

/** The scope: it survives every navigation. */
export interface ScopeSearch {
  time?: string;
  compare?: string;
  metric?: Metric;
  currency?: string; /* only what is billed in it, as billed */
  in?: string; /* everything, converted into it */
  filters?: Filter[];
}

export interface ExploreSearch extends ScopeSearch {
  by?: string[];
  top?: (typeof TOPS)[number];
  chart?: (typeof CHARTS)[number];
  grain?: Exclude<Grain, 'none'>;
  order?: Order;
  view?: 'charges' | 'drivers';
  plan?: Plan; /* whole, and alone: one that the page cannot show (unshown) */
}

export const FOCUS_VERSIONS = ['1.0', '1.1', '1.2', '1.3', '1.4'] as const;

/** The validator: which version is asked for, and the job whose report is shown. */
export interface FocusSearch extends ScopeSearch {
  version?: (typeof FOCUS_VERSIONS)[number];
  job?: string;
}

/** By what a delivery's changes are told. */
export const DIFF_SPLITS = ['service', 'sub_account', 'time', 'charge_category', 'resource'] as const;

/** A delivery's difference: split by what, of which cost. */
export interface DeliverySearch extends ScopeSearch {
  split?: (typeof DIFF_SPLITS)[number];
  cost?: 'billed_cost' | 'effective_cost';
}

/** The bills that are reconciled: of one source, of one billing period, those that want a look; both name one bill. */
export interface ReconcileSearch extends ScopeSearch {
  source?: string;
  period?: string;
  show?: 'open';
}

export const CASE_STATES = ['open', 'acknowledged', 'snoozed', 'resolved', 'false_positive'] as const;
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

/** Which cases: of one state, of some severities, in one account or service; those whose words have `find` in them. */
export interface AnomalySearch extends ScopeSearch {
  state?: (typeof CASE_STATES)[number];
  severity?: (typeof SEVERITIES)[number][];
  account?: string;
  service?: string;
  find?: string;
}

export interface AuditSearch extends ScopeSearch {
  actor?: string;
  action?: string;
  from?: string;
  to?: string; /* included */
}

/** A dashboard: each tile as it was saved, or all in the page's time and filters. */
export interface DashboardSearch extends ScopeSearch {
  range?: 'page';
}

/** The list of what is kept. */
export interface KeptSearch extends ScopeSearch {
  show?: 'views';
  folder?: string;
  starred?: 'yes';
}

/** The day to which relative words refer, the currencies that the ledger is billed in, the main one first, and the one it is reported in. */
export interface Anchor {
  today: Day;
  currencies: readonly string[];
  reporting?: string | null;
}

export const DEFAULT_TIME = '30d';
export const DEFAULT_BY: readonly string[] = ['service'];

function readFilter(raw: unknown): Filter | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const { field, op, values } = raw as Record<string, unknown>;
  if (typeof field !== 'string' || !field || !OPS.includes(op as FilterOp)) return null;
  const list = Array.isArray(values) ? values.filter((v): v is string => typeof v === 'string') : [];
  if ((op === 'in' || op === 'not_in' || op === 'contains') && !list.length) return null;
  return { field, op: op as FilterOp, values: list };
}

const oneOf = <T,>(raw: unknown, allowed: readonly T[]): T | undefined => allowed.find((a) => a === raw);

/** Whatever stands in the address bar, only what is meant is kept; unknown words are dropped, not guessed. */
export function readScope(raw: Record<string, unknown>): ScopeSearch {
  const out: ScopeSearch = {};
  const time = typeof raw['time'] === 'string' ? raw['time'] : '';
  if (oneOf(time, TIME_WORDS as readonly string[]) || parseRange(time)) out.time = time;
  const compare = typeof raw['compare'] === 'string' ? raw['compare'] : '';
  if (oneOf(compare, COMPARE_WORDS as readonly string[]) || parseRange(compare)) out.compare = compare;
  const metric = oneOf(raw['metric'], METRICS);
  if (metric) out.metric = metric;
  if (typeof raw['currency'] === 'string' && /^[A-Z0-9]{2,10}$/.test(raw['currency'])) out.currency = raw['currency'];
  if (typeof raw['in'] === 'string' && /^[A-Z]{3}$/.test(raw['in'])) out.in = raw['in'];
  const filters = Array.isArray(raw['filters']) ? raw['filters'].map(readFilter).filter((f) => f !== null) : [];
  if (filters.length) out.filters = filters;
  return out;
}

export function readExplore(raw: Record<string, unknown>): ExploreSearch {
  if (typeof raw['plan'] === 'object' && raw['plan'] !== null) return searchOfPlan(raw['plan'] as Plan);
  const out: ExploreSearch = readScope(raw);
  const by = Array.isArray(raw['by']) ? raw['by'].filter((v): v is string => typeof v === 'string' && v !== '') : [];
  if (by.length) out.by = [...new Set(by)].slice(0, 2);
  const top = oneOf(raw['top'], TOPS);
  if (top) out.top = top;
  const chart = oneOf(raw['chart'], CHARTS);
  if (chart) out.chart = chart;
  const grain = oneOf(raw['grain'], GRAINS);
  if (grain) out.grain = grain;
  const order = raw['order'] as Partial<Order> | undefined;
  if (order && typeof order.by === 'string' && (order.dir === 'asc' || order.dir === 'desc'))
    out.order = { by: order.by, dir: order.dir };
  const view = oneOf(raw['view'], ['charges', 'drivers'] as const);
  if (view) out.view = view;
  return out;
}

/** "2026-11-21" for today's 2026-11-20: a range ends where the next day begins. */
const tomorrow = (a: Anchor): Day => addDays(a.today, 1);

export function timeOf(word: string | undefined, anchor: Anchor): Range {
  const end = tomorrow(anchor);
  const first = monthStart(anchor.today);
  switch (word ?? DEFAULT_TIME) {
    case 'mtd':
      return { start: first, end };
    case 'last-month':
      return { start: addMonths(first, -1), end: first };
    case '7d':
      return { start: addDays(end, -7), end };
    case '30d':
      return { start: addDays(end, -30), end };
    case '90d':
      return { start: addDays(end, -90), end };
    case '3m':
      return { start: addMonths(first, -2), end };
    case '6m':
      return { start: addMonths(first, -5), end };
    case '12m':
      return { start: addMonths(first, -11), end };
    case 'ytd':
      return { start: `${anchor.today.slice(0, 4)}-01-01`, end };
    default:
      return parseRange(word!) ?? timeOf(DEFAULT_TIME, anchor);
  }
}

/** Months are set against months, a week or more against the same weekdays, less against the days before. */
export function compareOf(word: string | undefined, time: Range): Range | null {
  const auto = monthShape(time) ? 'previous' : lengthOf(time) >= 7 ? 'weekdays' : 'previous';
  switch (word ?? auto) {
    case 'none':
      return null;
    case 'previous':
      return previousRange(time);
    case 'weekdays':
      return sameWeekdays(time);
    case 'year':
      return yearBefore(time);
    default:
      return parseRange(word!);
  }
}

/** The scope made definite: dates instead of words, one currency, the filters that follow. */
export interface Scope {
  readonly time: Range;
  readonly compare: Range | null;
  readonly metric: Metric;
  readonly currency: string | null;
  readonly convert: string | null | undefined; /* what plans say of a currency; null: as billed, undefined: nothing */
  readonly filters: readonly Filter[];
}

/**
 * One currency at a time. Everything is converted into one when that is chosen, or is the organisation's. Else,
 * with several in the ledger and none chosen, the first is; that makes a filter, so that no answer on any page
 * can hold two.
 */
export function scopeOf(search: ScopeSearch, anchor: Anchor): Scope {
  const time = timeOf(search.time, anchor);
  const into = search.in ?? (search.currency ? null : (anchor.reporting ?? null));
  const currency = into ?? search.currency ?? anchor.currencies[0] ?? null;
  const several = !into && (anchor.currencies.length > 1 || search.currency !== undefined);
  const filters = search.filters ?? [];
  return {
    time,
    compare: compareOf(search.compare, time),
    metric: search.metric ?? 'effective_cost',
    currency,
    convert: into ?? (anchor.reporting ? null : undefined),
    filters: several && currency ? [...filters, { field: 'currency', op: 'in', values: [currency] }] : filters,
  };
}

export const grainOf = (search: ExploreSearch, time: Range): Exclude<Grain, 'none'> =>
  search.grain ?? (autoGrain(time) as Exclude<Grain, 'none'>);

export function readFocus(raw: Record<string, unknown>): FocusSearch {
  const out: FocusSearch = readScope(raw);
  const version = oneOf(String(raw['version'] ?? ''), FOCUS_VERSIONS);
  if (version) out.version = version;
  if (typeof raw['job'] === 'string' && /^[0-9a-f-]{36}$/.test(raw['job'])) out.job = raw['job'];
  return out;
}

export function readDelivery(raw: Record<string, unknown>): DeliverySearch {
  const out: DeliverySearch = readScope(raw);
  const split = oneOf(raw['split'], DIFF_SPLITS);
  if (split) out.split = split;
  const cost = oneOf(raw['cost'], ['billed_cost', 'effective_cost'] as const);
  if (cost) out.cost = cost;
  return out;
}

export function readReconcile(raw: Record<string, unknown>): ReconcileSearch {
  const out: ReconcileSearch = readScope(raw);
  const source = String(raw['source'] ?? '');
  if (source && source.length <= 200) out.source = source;
  const period = String(raw['period'] ?? '');
  if (/^\d{4}-\d{2}$/.test(period)) out.period = period;
  if (raw['show'] === 'open') out.show = 'open';
  return out;
}

export function readDashboard(raw: Record<string, unknown>): DashboardSearch {
  const out: DashboardSearch = readScope(raw);
  if (raw['range'] === 'page') out.range = 'page';
  return out;
}

export function readKept(raw: Record<string, unknown>): KeptSearch {
  const out: KeptSearch = readScope(raw);
  if (raw['show'] === 'views') out.show = 'views';
  const folder = String(raw['folder'] ?? '');
  if (folder && folder.length <= 200) out.folder = folder;
  if (raw['starred'] === 'yes') out.starred = 'yes';
  return out;
}

export function readAnomalies(raw: Record<string, unknown>): AnomalySearch {
  const out: AnomalySearch = readScope(raw);
  const state = oneOf(raw['state'], CASE_STATES);
  if (state && state !== 'open') out.state = state;
  const severity = SEVERITIES.filter((s) => Array.isArray(raw['severity']) && raw['severity'].includes(s));
  if (severity.length) out.severity = severity;
  for (const key of ['account', 'service', 'find'] as const) {
    const text = String(raw[key] ?? '');
    if (text && text.length <= 2048) out[key] = text;
  }
  return out;
}

/** What the audit is narrowed to. */
export function readAudit(raw: Record<string, unknown>): AuditSearch {
  const out: AuditSearch = readScope(raw);
  for (const key of ['actor', 'action'] as const) {
    const text = String(raw[key] ?? '').trim();
    if (text && text.length <= 254) out[key] = text;
  }
  for (const key of ['from', 'to'] as const) {
    const day = String(raw[key] ?? '');
    if (isDay(day)) out[key] = day;
  }
  return out;
}

/** The question of Explore's table. */
export function planOf(search: ExploreSearch, anchor: Anchor): Plan {
  if (search.plan) return search.plan;
  const scope = scopeOf(search, anchor);
  if (search.view === 'charges') return plan({ measures: [], time: scope.time, filters: scope.filters, rows: true });
  if (search.view === 'drivers' && scope.compare)
    return plan({ measures: [scope.metric], time: scope.time, group_by: search.by ?? DEFAULT_BY, filters: scope.filters, compare: scope.compare, currency: scope.convert, analysis: 'drivers' });
  return plan({
    measures: [scope.metric],
    time: scope.time,
    group_by: search.by ?? DEFAULT_BY,
    ...(search.grain ? { grain: search.grain } : {}),
    filters: scope.filters,
    ...(scope.compare ? { compare: scope.compare } : {}),
    order: search.order ?? { by: scope.metric, dir: 'desc' },
    currency: scope.convert,
  });
}

const SHOWN: ReadonlySet<string> = new Set(['kind', 'subject', 'measures', 'time', 'group_by', 'grain', 'filters', 'compare', 'order', 'currency', 'rows', 'analysis', 'labels']);

/* what the server takes for not said */
const isDefault = (value: unknown): boolean => value === null || value === undefined || value === 'none' || value === 'charge' || (Array.isArray(value) && value.length === 0);

const currencyFilter = (p: Plan): Filter | undefined => list(p.filters).find((f) => f?.field === 'currency' && f.op === 'in' && f.values.length === 1);

const list = <T,>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value : []);

/** What a question has that Explore, and so a tile, would leave out; it would show another figure then. */
export function unshown(p: Plan): string | null {
  const more = Object.entries(p).find(([key, value]) => !SHOWN.has(key) && !isDefault(value));
  if (more) return more[0];
  if (!p.time) return 'no range of time';
  if (!isDay(p.time.start) || !isDay(p.time.end)) return 'a time of hours';
  if (list(p.measures).length > 1) return 'several measures';
  if (p.measures?.[0] && !(METRICS as readonly string[]).includes(p.measures[0])) return p.measures[0];
  if (list(p.group_by).length > 2) return 'more than two groups';
  if (p.currency === null && !currencyFilter(p)) return 'several currencies';
  if (list(p.filters).some((f) => readFilter(f) === null)) return 'filters';
  return null;
}

/** The search of a plan where Explore can show it, else the plan itself, and the page says why it does not. */
export const searchOfPlan = (p: Plan): ExploreSearch => (unshown(p) ? { plan: p } : searchOf(p));

/** The search whose planOf() is this plan; what Explore cannot show is left out: see searchOfPlan(). */
export function searchOf(p: Plan): ExploreSearch {
  const currency = currencyFilter(p);
  const filters = list(p.filters).filter((f) => f !== currency);
  const metric = oneOf(p.measures?.[0], METRICS);
  const order = p.order;
  return readExplore({
    ...(p.time && isDay(p.time.start) && isDay(p.time.end) ? { time: rangeText(p.time) } : {}),
    compare: p.compare ? rangeText(p.compare) : 'none',
    ...(metric && metric !== 'effective_cost' ? { metric } : {}),
    ...(currency ? { currency: currency.values[0] } : {}),
    ...(p.currency ? { in: p.currency } : {}),
    ...(filters.length ? { filters } : {}),
    ...(p.group_by?.length ? { by: p.group_by } : {}),
    ...(p.grain ? { grain: p.grain } : {}),
    ...(order && !(order.by === (metric ?? 'effective_cost') && order.dir === 'desc') ? { order } : {}),
    ...(p.rows ? { view: 'charges' } : p.analysis === 'drivers' ? { view: 'drivers' } : {}),
  });
}

/** The same link with dates in place of words: what it shows does not move. */
export function pinned<T extends ScopeSearch>(search: T, anchor: Anchor): T {
  const scope = scopeOf(search, anchor);
  return {
    ...search,
    time: rangeText(scope.time),
    compare: scope.compare ? rangeText(scope.compare) : 'none',
    ...(scope.convert ? { in: scope.convert } : anchor.currencies.length > 1 && scope.currency ? { currency: scope.currency } : {}),
  };
}
