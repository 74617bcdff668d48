/*
 * The plan: the one way to ask (docs/ref/plan.schema.json). What the URL holds, the API runs, and "copy
 * as" prints is this object, with its keys always in this order, so that equal questions are equal bytes.
 */
import type { Grain, Range } from './dates';

export const METRICS = ['effective_cost', 'billed_cost', 'list_cost', 'contracted_cost'] as const;
export type Metric = (typeof METRICS)[number];

export type FilterOp = 'in' | 'not_in' | 'contains' | 'missing' | 'present';

export interface Filter {
  readonly field: string;
  readonly op: FilterOp;
  readonly values: readonly string[];
}

export type Where = Filter | { readonly and: readonly Where[] } | { readonly or: readonly Where[] } | { readonly not: Where };

/** Which charges of a change: those behind one of its parts. */
export type Part = 'compared' | 'new' | 'gone' | 'commitment' | 'credit' | 'other';

export interface Order {
  readonly by: string;
  readonly dir: 'asc' | 'desc';
}

export interface Plan {
  readonly kind: 'query';
  readonly subject: 'cost';
  readonly measures: readonly string[];
  readonly time: Range | null;
  readonly group_by?: readonly string[];
  readonly grain?: Grain;
  readonly filters?: readonly Filter[];
  readonly where?: Where;
  readonly compare?: Range;
  readonly order?: Order;
  readonly limit?: number;
  readonly currency?: string | null | undefined; /* null: as billed; absent: the organisation's */
  readonly rows?: true;
  readonly analysis?: 'drivers';
  readonly part?: Part;
  readonly labels?: true;
  readonly tag_key?: string; /* of untagged_cost and untagged_share */
}

export type PlanParts = Omit<Plan, 'kind' | 'subject'>;

/** Canonical: keys in one order, defaults left out. */
export function plan(parts: PlanParts): Plan {
  const p = parts;
  return {
    kind: 'query',
    subject: 'cost',
    measures: [...p.measures],
    time: p.time ? { start: p.time.start, end: p.time.end } : null,
    ...(p.group_by?.length ? { group_by: [...p.group_by] } : {}),
    ...(p.grain && p.grain !== 'none' ? { grain: p.grain } : {}),
    ...(p.filters?.length ? { filters: p.filters.map((f) => ({ field: f.field, op: f.op, values: [...f.values] })) } : {}),
    ...(p.where ? { where: p.where } : {}),
    ...(p.compare ? { compare: { start: p.compare.start, end: p.compare.end } } : {}),
    ...(p.order ? { order: { by: p.order.by, dir: p.order.dir } } : {}),
    ...(p.limit ? { limit: p.limit } : {}),
    ...(p.currency === undefined ? {} : { currency: p.currency }),
    ...(p.rows ? { rows: true as const } : {}),
    ...(p.analysis ? { analysis: p.analysis } : {}),
    ...(p.part ? { part: p.part } : {}),
    ...(p.labels ? { labels: true as const } : {}),
    ...(p.tag_key ? { tag_key: p.tag_key } : {}),
  };
}

export const planText = (p: Plan): string => JSON.stringify(p);

/** The value of a dimension as a filter; a missing value is asked for as missing, not as a word. */
export function only(field: string, value: string | null): Filter {
  return value === null ? { field, op: 'missing', values: [] } : { field, op: 'in', values: [value] };
}

export function without(field: string, value: string | null): Filter {
  return value === null ? { field, op: 'present', values: [] } : { field, op: 'not_in', values: [value] };
}

/** Whether it says something: one that names no value yet is being made. */
export const isSaid = (f: Filter): boolean => f.values.length > 0 || f.op === 'missing' || f.op === 'present';

/** Any of these values, the missing one among them when it is listed. */
export function anyOf(field: string, values: readonly (string | null)[]): { filter?: Filter; where?: Where } {
  const named = values.filter((v): v is string => v !== null);
  if (named.length === values.length) return { filter: { field, op: 'in', values: named } };
  if (!named.length) return { filter: { field, op: 'missing', values: [] } };
  return { where: { or: [{ field, op: 'in', values: named }, { field, op: 'missing', values: [] }] } };
}

/** Adds a condition; one that says the same field's values anew takes its place, an excluded value joins. */
export function withFilter(filters: readonly Filter[], next: Filter): Filter[] {
  if (next.op === 'not_in') {
    const at = filters.findIndex((f) => f.field === next.field && f.op === 'not_in');
    if (at >= 0) {
      const joined = [...new Set([...filters[at]!.values, ...next.values])];
      return filters.map((f, i) => (i === at ? { ...f, values: joined } : f));
    }
    return [...filters, next];
  }
  const rest = filters.filter((f) => f.field !== next.field || f.op === 'not_in');
  return [...rest, next];
}

/* ---- the same question in other words ---- */

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const bare = /^[A-Za-z_][A-Za-z0-9_]*$/;

function fieldText(field: string): string {
  const m = /^(tag|label):(.*)$/s.exec(field);
  if (!m) return field;
  return `${m[1]}.${bare.test(m[2]!) ? m[2]! : quoted(m[2]!)}`;
}

export function filterText(f: Filter): string {
  const field = fieldText(f.field);
  switch (f.op) {
    case 'in':
      return f.values.length === 1 ? `${field} = ${quoted(f.values[0]!)}` : `${field} in (${f.values.map(quoted).join(', ')})`;
    case 'not_in':
      return `not ${field} in (${f.values.map(quoted).join(', ')})`;
    case 'contains':
      return `${field} contains ${quoted(f.values[0] ?? '')}`;
    case 'missing':
      return `${field} is missing`;
    case 'present':
      return `${field} is present`;
  }
}

export const filtersText = (filters: readonly Filter[]): string => filters.map(filterText).join(' and ');

const shell = (text: string): string => (/^[A-Za-z0-9_./:,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/* What the options of `farthing costs` can say. */
const BY_OPTIONS: ReadonlySet<string> = new Set(['kind', 'subject', 'measures', 'time', 'group_by', 'grain', 'filters', 'compare', 'analysis', 'part', 'order', 'limit', 'currency', 'labels']);

export function asCli(p: Plan): string {
  const args = ['farthing', 'costs'];
  if (Object.keys(p).some((key) => !BY_OPTIONS.has(key))) return `farthing query - <<'PLAN'\n${JSON.stringify(p, null, 2)}\nPLAN`;
  if (p.group_by?.length) args.push('--group-by', shell(p.group_by.join(',')));
  args.push('--metric', p.measures.join(','));
  if (p.time) args.push('--from', p.time.start, '--to', p.time.end);
  if (p.grain) args.push('--grain', p.grain);
  if (p.filters?.length) args.push('--where', shell(filtersText(p.filters)));
  if (p.compare) args.push('--compare', `${p.compare.start}..${p.compare.end}`);
  if (p.analysis) args.push('--drivers');
  if (p.part) args.push('--part', p.part);
  if (p.order) args.push('--order', (p.order.dir === 'desc' ? '-' : '') + p.order.by);
  if (p.limit) args.push('--limit', String(p.limit));
  if (p.currency !== undefined) args.push('--currency', p.currency ?? 'billed');
  return args.join(' ');
}

export const asApi = (p: Plan, origin: string): string =>
  `curl -sS ${origin}/api/v1/costs/query -H 'content-type: application/json' -d ${shell(planText(p))}`;
