/* Who rose and who fell: an exact sort of the changes. */
import type { Result, Row } from '~/api/types';
import { compare, parse, sign, sub, sum, ZERO, type Decimal } from '~/lib/decimal';
import { idOf, labelOf } from '~/api/told';
import { dimensionName, valueName } from '~/lib/words';

export interface Mover {
  id: string | null;
  label: string;
  now: string;
  before: string;
  change: string;
}

interface Moved {
  risers: Mover[];
  fallers: Mover[]; /* the largest fall last */
  rest: { count: number; now: Decimal; before: Decimal; change: Decimal };
}

function moverOf(row: Row, dimension: string, metric: string): Mover {
  return {
    id: idOf(row, dimension),
    label: valueName(labelOf(row, dimension), dimensionName(dimension, undefined)),
    now: row[metric] as string,
    before: row[`${metric}_before`] as string,
    change: row['change'] as string,
  };
}

/** The `n` that rose most and the `n` that fell most; everyone else is one line, so that all add up. */
export function movers(result: Result, dimension: string, n: number): Moved {
  const metric = result.plan.measures[0]!;
  const all = result.rows
    .map((r) => moverOf(r, dimension, metric))
    .filter((m) => m.change !== null && m.change !== undefined)
    .sort((a, b) => compare(parse(b.change), parse(a.change)) || (a.label < b.label ? -1 : 1));
  const risers = all.filter((m) => sign(parse(m.change)) > 0).slice(0, n);
  const fallers = all.filter((m) => sign(parse(m.change)) < 0).slice(-n);
  const shown = new Set([...risers, ...fallers]);
  const others = all.filter((m) => !shown.has(m));
  const total = (pick: (m: Mover) => string) => sum(others.map((m) => parse(pick(m) ?? '0')));
  const now = others.length ? total((m) => m.now) : ZERO;
  const before = others.length ? total((m) => m.before) : ZERO;
  return { risers, fallers, rest: { count: others.length, now, before, change: sub(now, before) } };
}
