import { describe, expect, it } from 'vitest';
import type { DeliveryDiff, DiffRow } from '~/api/types';
import { format } from '~/lib/decimal';
import { isFirst, nothingChanged, partsOf } from './difference';

const amount = (before: string, after: string, change: string) => ({ before, after, change });
const charges = (before: number, after: number) => ({ before, after, change: after - before });

const row = (value: string | null, b: [string, string, string], n: [number, number], currency = 'USD'): DiffRow => ({
  value, currency, status: n[0] === 0 ? 'added' : n[1] === 0 ? 'removed' : 'changed', billed_cost: amount(...b), effective_cost: amount(...b), charges: charges(...n),
});

const DIFF: DeliveryDiff = {
  source: 'aws', billing_period: '2026-10', before: { delivery: '1', version: 1 }, after: { delivery: '2', version: 2 },
  totals: [{ currency: 'USD', billed_cost: amount('100', '95.5', '-4.5'), effective_cost: amount('100', '95.5', '-4.5'), charges: charges(20, 20) }],
  by: [
    { dimension: 'service', rows: [row('EC2', ['60', '50', '-10'], [10, 8]), row(null, ['0', '5.5', '5.5'], [0, 2])] },
    { dimension: 'time', rows: [row('2026-10-02', ['9', '4.5', '-4.5'], [3, 3])] },
  ],
};

describe('what a delivery changed', () => {
  it('is its largest change first, and adds up with what stayed the same', () => {
    const [usd] = partsOf(DIFF, 'service', 'billed_cost', 10);
    expect(usd?.rows.map((r) => [r.value, r.status, format(r.change)])).toEqual([['EC2', 'changed', '-10'], [null, 'added', '5.5']]);
    expect(format(usd!.same)).toBe('40');
    expect(usd?.addsUp).toBe(true);
  });
  it('has one line for what is behind the first rows', () => {
    const [usd] = partsOf(DIFF, 'service', 'billed_cost', 1);
    expect(usd?.rows).toHaveLength(1);
    expect([usd?.rest?.count, format(usd!.rest!.change), usd?.rest?.charges]).toEqual([1, '5.5', 2]);
    expect(usd?.addsUp).toBe(true);
  });
  it('says so when it does not add up', () => {
    const off = { ...DIFF, by: [{ dimension: 'service', rows: [row('EC2', ['60', '50', '-10'], [10, 8])] }] };
    expect(partsOf(off, 'service', 'billed_cost', 10)[0]?.addsUp).toBe(false);
  });
  it('keeps currencies apart', () => {
    const euro = { currency: 'EUR', billed_cost: amount('0', '1', '1'), effective_cost: amount('0', '1', '1'), charges: charges(0, 1) };
    const two = { ...DIFF, totals: [...DIFF.totals, euro], by: [{ dimension: 'service', rows: [row('EC2', ['0', '1', '1'], [0, 1], 'EUR')] }] };
    expect(partsOf(two, 'service', 'billed_cost', 10).map((p) => [p.currency, p.rows.length])).toEqual([['USD', 0], ['EUR', 1]]);
  });
  it('knows a first delivery, and one that changed nothing', () => {
    expect([isFirst(DIFF), nothingChanged(DIFF)]).toEqual([false, false]);
    expect(nothingChanged({ ...DIFF, by: DIFF.by.map((b) => ({ ...b, rows: [] })) })).toBe(true);
    const before = { ...DIFF, before: { delivery: null, version: 0 }, totals: [{ ...DIFF.totals[0]!, charges: charges(0, 20) }] };
    expect(isFirst(before)).toBe(true);
  });
});
