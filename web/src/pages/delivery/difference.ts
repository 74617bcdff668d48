/* What a delivery changed, as rows that add up: each value that differs, and what stayed the same in one line. */
import type { DeliveryDiff, DiffRow } from '~/api/types';
import { addDays, addMonths, rangeText } from '~/lib/dates';
import { ZERO, abs, add, compare, parse, sub, type Decimal } from '~/lib/decimal';
import { only } from '~/lib/plan';
import type { DIFF_SPLITS, ExploreSearch } from '~/lib/search';

export type Cost = 'billed_cost' | 'effective_cost';
export type Split = (typeof DIFF_SPLITS)[number];

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
  rest: (Figures & { count: number }) | null; /* behind the first `most`, and what the server added up */
  hidden: boolean; /* there are rows behind the first `most` */
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
  const by = diff.by.find((b) => b.dimension === split);
  const all = by?.rows ?? [];
  return diff.totals.map((t) => {
    const total = figures(t, cost);
    const rows = all
      .filter((r) => r.currency === t.currency)
      .map((r) => ({ ...figures(r, cost), value: r.value, status: r.status }))
      .sort(split === 'time' ? first : largest);
    const others = (by?.others ?? []).filter((o) => o.currency === t.currency);
    const summed = others.map((o) => figures(o, cost)).reduce(plus, NONE);
    const sum = rows.reduce(plus, summed);
    const hidden = rows.slice(most);
    const count = hidden.length + others.reduce((n, o) => n + o.values, 0);
    return {
      currency: t.currency,
      rows: rows.slice(0, most),
      rest: count ? { ...hidden.reduce(plus, summed), count } : null,
      hidden: hidden.length > 0,
      same: sub(total.before, sum.before),
      total,
      addsUp: compare(sum.change, total.change) === 0 && compare(sub(total.before, sum.before), sub(total.after, sum.after)) === 0 && sum.charges === total.charges,
    };
  });
}

/**
 * What the delivery was, in one word for the headline and for what stands below it. "same": no total and no row
 * differs; "empty": there is no charge on either side; "gone": there is none any more.
 */
type Verdict = 'empty' | 'first' | 'same' | 'gone' | 'changed';

export function verdictOf(diff: DeliveryDiff): Verdict {
  const before = diff.totals.some((t) => t.charges.before !== 0);
  const after = diff.totals.some((t) => t.charges.after !== 0);
  const moved = (t: Pick<DiffRow, Cost | 'charges'>) =>
    t.charges.change !== 0 || parse(t.billed_cost.change).units !== 0n || parse(t.effective_cost.change).units !== 0n;
  if (!before && !after) return 'empty';
  if (!before) return 'first';
  if (!after) return 'gone';
  return diff.totals.some(moved) || diff.by.some((b) => b.rows.length) ? 'changed' : 'same';
}

/** Where the charges of a row are found: what they are now, one currency of one bill. */
export function chargesOf(diff: DeliveryDiff, split: Split, value: string | null, currency: string, cost: Cost): ExploreSearch {
  const month = `${diff.billing_period}-01`;
  const day = split === 'time' ? value : null;
  /* a bill holds corrections of months before it, and what it charges ahead: its period is the filter, not the time */
  const time = day ? { start: day, end: addDays(day, 1) } : { start: addMonths(month, -12), end: addMonths(month, 2) };
  return {
    time: rangeText(time), compare: 'none', metric: cost, currency, view: 'charges',
    filters: [only('source', diff.source), only('billing_period', diff.billing_period), ...(day ? [] : [only(split, value)])],
  };
}
