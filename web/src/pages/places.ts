/* Where a name moved: the values of another dimension that moved it most its own way. */
import type { Result, Row } from '~/api/types';
import { abs, compare, parse, sub, type Decimal } from '~/lib/decimal';
import { fullName, idOf } from '~/api/told';
import { keyOf } from './use-series';

interface Named {
  id: string;
  name: string;
}

export function figures(row: Row | undefined, metric: string) {
  const now = parse((row?.[metric] as string | null | undefined) ?? '0');
  const before = parse((row?.[`${metric}_before`] as string | null | undefined) ?? '0');
  return { now, before, change: sub(now, before) };
}

/** By key of `first`, at most two values of `second` and how many more; `result` compares both dimensions. */
export function placesOf(result: Result, moved: readonly { key: string; change: Decimal }[], first: Named, second: Named): Map<string, string> {
  const metric = result.plan.measures[0]!;
  const rows = new Map<string, Row[]>();
  for (const row of result.rows) {
    const key = keyOf(idOf(row, first.id));
    rows.set(key, [...(rows.get(key) ?? []), row]);
  }
  const out = new Map<string, string>();
  for (const { key, change } of moved) {
    const own = (rows.get(key) ?? [])
      .map((r) => ({ label: fullName(r, second.id, second.name), change: figures(r, metric).change }))
      .filter((p) => p.change.units !== 0n && p.change.units > 0n === change.units > 0n)
      .sort((a, b) => compare(abs(b.change), abs(a.change)));
    if (own.length) out.set(key, own.slice(0, 2).map((p) => p.label).join(', ') + (own.length > 2 ? ` +${own.length - 2}` : ''));
  }
  return out;
}
