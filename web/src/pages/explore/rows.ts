/* The rows of Explore's table: an answer, its comparison over whole days, and Other, all exact. */
import type { Row } from '~/api/types';
import { parse, sub, sum, type Decimal } from '~/lib/decimal';
import { valueName } from '~/lib/words';
import { besideOf, idOf, labelOf } from '~/api/told';
import { OTHER_KEY, keyOf } from '../use-series';

export interface TableRow {
  key: string;
  kind: 'name' | 'child' | 'rest' | 'other'; /* rest: children that have not been fetched */
  id: string | null;
  parent: string | null; /* of a child */
  label: string;
  beside?: string | undefined; /* tells it from others of its name */
  amount: Decimal | null;
  now: Decimal | null; /* over whole days, what the change is measured on */
  before: Decimal | null;
  change: Decimal | null;
  children: number;
}

export interface Dimension {
  id: string;
  name: string;
}

export interface Answers {
  metric: string;
  rows: readonly Row[];
  compared: readonly Row[] | null; /* null: nothing to compare with */
  total: Row | undefined;
  comparedTotal: Row | undefined;
  count: number; /* rows known of */
  more: boolean; /* there are pages to come */
}

const amount = (row: Row | undefined, name: string): Decimal | null => {
  const value = row?.[name];
  return typeof value === 'string' ? parse(value) : null;
};

function figures(row: Row | undefined, compared: Row | undefined, metric: string) {
  const now = amount(compared, metric);
  const before = amount(compared, `${metric}_before`);
  return { amount: amount(row, metric), now, before, change: now && before ? sub(now, before) : null };
}

/** One row a name, in the answer's order; names that are only in the comparison come last. */
export function nameRows(a: Answers, dimension: Dimension, byChange: boolean): TableRow[] {
  const own = new Map(a.rows.map((r) => [keyOf(idOf(r, dimension.id)), r]));
  const compared = new Map((a.compared ?? []).map((r) => [keyOf(idOf(r, dimension.id)), r]));
  const keys = byChange && a.compared ? [...compared.keys(), ...own.keys()] : [...own.keys(), ...compared.keys()];
  return [...new Set(keys)].map((key) => {
    const row = own.get(key);
    const other = compared.get(key);
    const any = (row ?? other)!;
    return {
      key,
      kind: 'name',
      id: idOf(any, dimension.id),
      parent: null,
      label: valueName(labelOf(any, dimension.id), dimension.name),
      beside: besideOf(any, dimension.id),
      ...figures(row, other, a.metric),
      children: 0,
    };
  });
}

/** Everything that is not among the `top` first: the total less those, so that the table adds up. */
export function otherRow(a: Answers, top: readonly TableRow[]): TableRow | null {
  const others = a.count - top.length;
  if (others <= 0) return null;
  const total = figures(a.total, a.comparedTotal, a.metric);
  const less = (whole: Decimal | null, pick: (r: TableRow) => Decimal | null) => {
    const known = top.map(pick).filter((d) => d !== null);
    return whole ? sub(whole, sum(known)) : null;
  };
  const now = less(total.now, (r) => r.now);
  const before = less(total.before, (r) => r.before);
  return {
    key: OTHER_KEY, kind: 'other', id: null, parent: null, label: `Other (${others}${a.more ? '+' : ''})`,
    amount: less(total.amount, (r) => r.amount), now, before, change: now && before ? sub(now, before) : null, children: others,
  };
}

/** The second dimension's rows under their names. */
export function childRows(a: Answers, first: Dimension, second: Dimension): Map<string, TableRow[]> {
  const pair = (r: Row) => `${keyOf(idOf(r, first.id))}\u0002${keyOf(idOf(r, second.id))}`;
  const compared = new Map((a.compared ?? []).map((r) => [pair(r), r]));
  const own = new Set(a.rows.map(pair));
  const all = [...a.rows, ...(a.compared ?? []).filter((r) => !own.has(pair(r)))];
  const out = new Map<string, TableRow[]>();
  for (const row of all) {
    const parent = keyOf(idOf(row, first.id));
    const list = out.get(parent) ?? [];
    list.push({
      key: pair(row), kind: 'child', id: idOf(row, second.id), parent: idOf(row, first.id),
      label: valueName(labelOf(row, second.id), second.name), beside: besideOf(row, second.id),
      ...figures(own.has(pair(row)) ? row : undefined, compared.get(pair(row)), a.metric), children: 0,
    });
    out.set(parent, list);
  }
  return out;
}

/** What a name has beyond the children at hand: null when they are all there. */
export function restRow(row: TableRow, children: readonly TableRow[]): TableRow | null {
  if (!row.amount) return null;
  const amount = sub(row.amount, sum(children.map((c) => c.amount).filter((d) => d !== null)));
  if (amount.units === 0n) return null;
  return {
    key: `${row.key}\u0002rest`, kind: 'rest', id: null, parent: row.id, label: 'The rest, smaller', amount,
    now: null, before: null, change: null, children: 0,
  };
}

export function totalRow(a: Answers): Pick<TableRow, 'amount' | 'now' | 'before' | 'change'> {
  return figures(a.total, a.comparedTotal, a.metric);
}
