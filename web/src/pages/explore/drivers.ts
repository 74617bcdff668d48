/* The change between two ranges, split over names: the largest as steps, all others as one, to the last digit. */
import type { Result } from '~/api/types';
import { abs, compare, sub, sum, type Decimal } from '~/lib/decimal';
import { valueName } from '~/lib/words';
import { figures } from '../places';
import { OTHER_KEY, idOf, keyOf, labelOf } from '../use-series';
import type { Dimension } from './rows';

export interface Driver {
  key: string;
  id: string | null;
  label: string;
  now: Decimal;
  before: Decimal;
  change: Decimal;
  others: number; /* how many names this row stands for, 0: itself */
}

export interface Drivers {
  rows: Driver[]; /* from the largest rise to the largest fall, then the others */
  total: { now: Decimal; before: Decimal; change: Decimal };
}

/** `result` answers a plan with a comparison by `dimension`, with all of its rows. */
export function driversOf(result: Result, dimension: Dimension, most: number): Drivers {
  const metric = result.plan.measures[0]!;
  const total = figures(result.totals[0], metric);
  const all = result.rows
    .map((row): Driver => ({
      key: keyOf(idOf(row, dimension.id)), id: idOf(row, dimension.id), label: valueName(labelOf(row, dimension.id), dimension.name),
      ...figures(row, metric), others: 0,
    }))
    .filter((d) => d.change.units !== 0n)
    .sort((a, b) => compare(abs(b.change), abs(a.change)) || (a.label < b.label ? -1 : 1));
  const shown = all.slice(0, all.length === most + 1 ? most + 1 : most);
  const rows = [...shown].sort((a, b) => compare(b.change, a.change));
  const others = result.row_count - shown.length;
  if (others > 0) {
    const rest = (pick: (d: Pick<Driver, 'now' | 'before'>) => Decimal) => sub(pick(total), sum(shown.map(pick)));
    const now = rest((d) => d.now);
    const before = rest((d) => d.before);
    rows.push({ key: OTHER_KEY, id: null, label: `Other (${others})`, now, before, change: sub(now, before), others });
  }
  return { rows, total };
}
