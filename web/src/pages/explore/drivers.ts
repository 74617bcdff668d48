/* The change between two ranges, split over names: the largest as steps, all others as one, to the last digit. */
import type { Result, Row } from '~/api/types';
import { ZERO, abs, compare, parse, sub, sum, toPixels, type Decimal } from '~/lib/decimal';
import { moneyText } from '~/lib/money';
import type { Part } from '~/lib/plan';
import { valueName } from '~/lib/words';
import { figures } from '../places';
import { besideOf, idOf, labelOf } from '~/api/told';
import { OTHER_KEY, keyOf } from '../use-series';
import type { Dimension } from './rows';

/* The parts of a change, from what people do to what is done to them; `of` are the charges behind one. */
export const EFFECTS = [
  { id: 'quantity', name: 'Quantity', hint: 'more or less used', of: 'compared' },
  { id: 'price', name: 'Price', hint: 'per unit', of: 'compared' },
  { id: 'mix', name: 'Mix', hint: 'dearer or cheaper kinds', of: 'compared' },
  { id: 'new', name: 'New', hint: 'not there before', of: 'new' },
  { id: 'gone', name: 'Gone', hint: 'no longer there', of: 'gone' },
  { id: 'commitment', name: 'Commitment', hint: 'covered, bought, unused', of: 'commitment' },
  { id: 'credit', name: 'Credit', hint: 'granted, applied', of: 'credit' },
  { id: 'currency', name: 'Currency', hint: 'exchange rates', of: null },
  { id: 'other', name: 'Other', hint: 'taxes, fees, corrections', of: 'other' },
] as const satisfies readonly { id: string; name: string; hint: string; of: Part | null }[];

export type EffectKind = (typeof EFFECTS)[number];
type Effect = EffectKind['id'];
export type Effects = Readonly<Record<Effect, Decimal>>;

export interface Driver {
  key: string;
  id: string | null;
  label: string;
  beside: string | undefined; /* tells it from others of its name */
  now: Decimal;
  before: Decimal;
  change: Decimal;
  others: number; /* how many names this row stands for, 0: itself */
  parts: Effects; /* zeros where the answer has none */
}

export interface Drivers {
  rows: Driver[]; /* from the largest rise to the largest fall, then the others */
  total: { now: Decimal; before: Decimal; change: Decimal; parts: Effects };
}

const effects = (of: (id: Effect) => Decimal): Effects => Object.fromEntries(EFFECTS.map((e) => [e.id, of(e.id)])) as Effects;

const partsOf = (row: Row | undefined): Effects =>
  effects((id) => {
    const text = row?.[`${id}_effect`];
    return typeof text === 'string' ? parse(text) : ZERO;
  });

/** The parts that there are, in their order. */
export const partsIn = (parts: Effects): EffectKind[] => EFFECTS.filter((e) => parts[e.id].units !== 0n);

/** "+$900 quantity, +$300 price, +$40 new": the largest first, at most three; what is nothing beside them is left out. */
export function partsText(parts: Effects, currency: string): string {
  const ordered = partsIn(parts).sort((a, b) => compare(abs(parts[b.id]), abs(parts[a.id])));
  const most = ordered[0] ? Math.abs(toPixels(parts[ordered[0].id])) : 0;
  return ordered
    .slice(0, 3)
    .filter((e) => Math.abs(toPixels(parts[e.id])) * 200 >= most)
    .map((e) => `${moneyText(parts[e.id], currency, { symbol: true, sign: true })} ${e.name.toLowerCase()}`)
    .join(', ');
}

/** The part of the change the other way round. */
export const mirrored = (part: Part): Part => (part === 'new' ? 'gone' : part === 'gone' ? 'new' : part);

/** The whole change and its parts. */
export function totalOf(result: Result): Drivers['total'] {
  return { ...figures(result.totals[0], result.plan.measures[0]!), parts: partsOf(result.totals[0]) };
}

/** `result` answers a plan with a comparison by `dimension`, with all of its rows. */
export function driversOf(result: Result, dimension: Dimension, most: number): Drivers {
  const metric = result.plan.measures[0]!;
  const total = totalOf(result);
  const all = result.rows
    .map((row): Driver => ({
      key: keyOf(idOf(row, dimension.id)), id: idOf(row, dimension.id), label: valueName(labelOf(row, dimension.id), dimension.name),
      beside: besideOf(row, dimension.id),
      ...figures(row, metric), others: 0, parts: partsOf(row),
    }))
    .filter((d) => d.change.units !== 0n || partsIn(d.parts).length > 0)
    .sort((a, b) => compare(abs(b.change), abs(a.change)) || (a.label < b.label ? -1 : 1));
  const shown = all.slice(0, all.length === most + 1 ? most + 1 : most);
  const rows = [...shown].sort((a, b) => compare(b.change, a.change));
  const others = result.row_count - shown.length;
  if (others > 0) {
    const rest = (pick: (d: Pick<Driver, 'now' | 'before'>) => Decimal) => sub(pick(total), sum(shown.map(pick)));
    const now = rest((d) => d.now);
    const before = rest((d) => d.before);
    const parts = effects((id) => sub(total.parts[id], sum(shown.map((d) => d.parts[id]))));
    rows.push({ key: OTHER_KEY, id: null, label: `Other (${others})`, beside: undefined, now, before, change: sub(now, before), others, parts });
  }
  return { rows, total };
}
