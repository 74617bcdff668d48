/* What a delivery changed, as rows that add up: each value that differs, and what stayed the same in one line. */
import type { DeliveryDiff, DiffRow } from '~/api/types';
import { ZERO, abs, add, compare, parse, sub, type Decimal } from '~/lib/decimal';

export type Cost = 'billed_cost' | 'effective_cost';
export const SPLITS = ['service', 'sub_account', 'time', 'charge_category'] as const;
export type Split = (typeof SPLITS)[number];

export interface Figures {
  before: Decimal;
  after: Decimal;
  change: Decimal;
  charges: number; /* more of them, or fewer */
}

export interface Part extends Figures {
  value: string | null;
  status: DiffRow['status'];
}

export interface Parts {
  currency: string;
  rows: Part[]; /* the largest change first; days in their order */
  rest: (Figures & { count: number }) | null; /* behind the first `most` */
  same: Decimal; /* of the values that did not change */
  total: Figures;
  addsUp: boolean; /* the changes of the rows are the change of the total, to the last digit */
}

const figures = (r: Pick<DiffRow, Cost | 'charges'>, cost: Cost): Figures => ({
  before: parse(r[cost].before), after: parse(r[cost].after), change: parse(r[cost].change), charges: r.charges.change,
});

const NONE: Figures = { before: ZERO, after: ZERO, change: ZERO, charges: 0 };
const plus = (a: Figures, b: Figures): Figures => ({
  before: add(a.before, b.before), after: add(a.after, b.after), change: add(a.change, b.change), charges: a.charges + b.charges,
});

const largest = (a: Part, b: Part) => compare(abs(b.change), abs(a.change)) || Math.abs(b.charges) - Math.abs(a.charges) || ((a.value ?? '') < (b.value ?? '') ? -1 : 1);
const first = (a: Part, b: Part) => ((a.value ?? '') < (b.value ?? '') ? -1 : 1);

export function partsOf(diff: DeliveryDiff, split: Split, cost: Cost, most: number): Parts[] {
  const all = diff.by.find((b) => b.dimension === split)?.rows ?? [];
  return diff.totals.map((t) => {
    const total = figures(t, cost);
    const rows = all
      .filter((r) => r.currency === t.currency)
      .map((r) => ({ ...figures(r, cost), value: r.value, status: r.status }))
      .sort(split === 'time' ? first : largest);
    const sum = rows.reduce(plus, NONE);
    const hidden = rows.slice(most);
    return {
      currency: t.currency,
      rows: rows.slice(0, most),
      rest: hidden.length ? { ...hidden.reduce(plus, NONE), count: hidden.length } : null,
      same: sub(total.before, sum.before),
      total,
      addsUp: compare(sum.change, total.change) === 0 && compare(sub(total.before, sum.before), sub(total.after, sum.after)) === 0 && sum.charges === total.charges,
    };
  });
}

/** Nothing of it differs from what stood before. */
export const nothingChanged = (diff: DeliveryDiff): boolean => diff.by.every((b) => b.rows.length === 0);

/** Nothing stood before it. */
export const isFirst = (diff: DeliveryDiff): boolean => diff.before.delivery === null && diff.totals.every((t) => t.charges.before === 0);
