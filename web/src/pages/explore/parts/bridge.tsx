/* The bridge from nothing to the whole change, part by part; a part opens to what it is made of. */
import { Waterfall } from '~/charts/waterfall';
import { compare, format } from '~/lib/decimal';
import { moneyText } from '~/lib/money';
import type { Filter } from '~/lib/plan';
import { partsIn, type Drivers, type EffectKind, type Effects } from '../drivers';
import type { PartAsked } from './part-drawer';

/**
 * By what the bridge asks for drivers: not the total of names, whose prices are each name's own. What a part opens is judged
 * by the prices of all, and a price is of one billing currency, so by currency no price is in two rows.
 */
export const BRIDGE = ['currency'] as const;

/** Opens a part of these names' change. */
export type OnPart = (kind: EffectKind, parts: Effects, whose: string, filters: readonly Filter[]) => void;

/** Null: no charges are behind it. */
export const partAsked = (kind: EffectKind, parts: Effects, whose: string, filters: readonly Filter[]): PartAsked | null =>
  kind.of && { name: `${whose}: ${kind.name.toLowerCase()}`, hint: kind.hint, part: kind.of, filters, amount: parts[kind.id] };

export interface BridgeProps {
  total: Drivers['total'];
  currency: string;
  onPart: OnPart;
  all: readonly Filter[]; /* of the whole question */
  height: number;
}

export function PartsBridge({ total, currency, onPart, all, height }: BridgeProps) {
  const kinds = [...partsIn(total.parts)].sort((a, b) => compare(total.parts[b.id], total.parts[a.id]));
  const told = kinds.map((k) => `${k.name} ${moneyText(total.parts[k.id], currency, { symbol: true, sign: true })}`);
  return (
    <Waterfall
      steps={kinds.map((k) => ({
        key: k.id, label: k.name, hint: k.hint, change: format(total.parts[k.id]),
        ...(k.of ? { onPick: () => onPart(k, total.parts, 'Everything', all) } : {}),
      }))}
      total={format(total.change)}
      totalLabel="Change"
      totalHint="sums exactly"
      currency={currency}
      height={height}
      label={`Change by part: ${told.join(', ')}; together ${moneyText(total.change, currency, { symbol: true, sign: true })}.`}
    />
  );
}
