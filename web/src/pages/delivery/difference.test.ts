import { describe, expect, it } from 'vitest';
import type { DeliveryDiff, DiffRow } from '~/api/types';
import { format } from '~/lib/decimal';
import { chargesOf, partsOf, verdictOf } from './difference';

const amount = (before: string, after: string, change: string) => ({ before, after, change });
const charges = (before: number, after: number) => ({ before, after, change: after - before });

const row = (value: string | null, b: [string, string, string], n: [number, number], currency = 'USD'): DiffRow => ({
  value, currency, status: n[0] === 0 ? 'added' : n[1] === 0 ? 'removed' : 'changed', billed_cost: amount(...b), effective_cost: amount(...b), charges: charges(...n),
});

const DIFF: DeliveryDiff = {
  source: 'aws', billing_period: '2026-10', before: { delivery: '1', version: 1 }, after: { delivery: '2', version: 2 },
  totals: [{ currency: 'USD', billed_cost: amount('100', '95.5', '-4.5'), effective_cost: amount('100', '95.5', '-4.5'), charges: charges(20, 20) }],
  by: [
    { dimension: 'service', complete: true, others: [], rows: [row('EC2', ['60', '50', '-10'], [10, 8]), row(null, ['0', '5.5', '5.5'], [0, 2])] },
    { dimension: 'time', complete: true, others: [], rows: [row('2026-10-02', ['9', '4.5', '-4.5'], [3, 3])] },
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
  it('adds what the server added up to what is behind the first rows', () => {
    const other = { values: 7, currency: 'USD', billed_cost: amount('1', '1.25', '0.25'), effective_cost: amount('1', '1.25', '0.25'), charges: charges(7, 7) };
    const total = { ...DIFF.totals[0]!, billed_cost: amount('100', '95.75', '-4.25') };
    const many = { ...DIFF, totals: [total], by: [{ ...DIFF.by[0]!, others: [other] }] };
    const [usd] = partsOf(many, 'service', 'billed_cost', 10);
    expect([usd?.rows.length, usd?.rest?.count, format(usd!.rest!.change), usd?.addsUp]).toEqual([2, 7, '0.25', true]);
    expect(partsOf(many, 'service', 'billed_cost', 1)[0]?.rest?.count).toBe(8);
  });
  it('says so when it does not add up', () => {
    const off = { ...DIFF, by: [{ dimension: 'service', complete: true, others: [], rows: [row('EC2', ['60', '50', '-10'], [10, 8])] }] };
    expect(partsOf(off, 'service', 'billed_cost', 10)[0]?.addsUp).toBe(false);
  });
  it('keeps currencies apart', () => {
    const euro = { currency: 'EUR', billed_cost: amount('0', '1', '1'), effective_cost: amount('0', '1', '1'), charges: charges(0, 1) };
    const two = { ...DIFF, totals: [...DIFF.totals, euro], by: [{ dimension: 'service', complete: true, others: [], rows: [row('EC2', ['0', '1', '1'], [0, 1], 'EUR')] }] };
    expect(partsOf(two, 'service', 'billed_cost', 10).map((p) => [p.currency, p.rows.length])).toEqual([['USD', 0], ['EUR', 1]]);
  });
  it('is said in one word', () => {
    const none = amount('0', '0', '0');
    const total = (over: object) => [{ ...DIFF.totals[0]!, ...over }];
    const rows = DIFF.by.map((b) => ({ ...b, rows: [] }));
    expect(verdictOf(DIFF)).toBe('changed');
    expect(verdictOf({ ...DIFF, by: rows }), 'a total that differs is a change, whatever the rows say').toBe('changed');
    expect(verdictOf({ ...DIFF, totals: total({ billed_cost: none, effective_cost: none }) }), 'and so is a row').toBe('changed');
    expect(verdictOf({ ...DIFF, totals: total({ billed_cost: none, effective_cost: none }), by: rows })).toBe('same');
    expect(verdictOf({ ...DIFF, totals: total({ charges: charges(0, 20) }) })).toBe('first');
    expect(verdictOf({ ...DIFF, totals: total({ charges: charges(20, 0) }) })).toBe('gone');
    expect(verdictOf({ ...DIFF, totals: [], by: rows }), 'without a charge it is neither the first nor the same').toBe('empty');
  });
  it('opens the charges of one bill in one currency', () => {
    const search = chargesOf(DIFF, 'service', null, 'USD', 'billed_cost');
    expect(search).toMatchObject({ currency: 'USD', metric: 'billed_cost', view: 'charges', time: '2025-10-01..2026-12-01' });
    expect(search.filters).toEqual([
      { field: 'source', op: 'in', values: ['aws'] }, { field: 'billing_period', op: 'in', values: ['2026-10'] }, { field: 'service', op: 'missing', values: [] },
    ]);
    const day = chargesOf(DIFF, 'time', '2026-10-31', 'EUR', 'effective_cost');
    expect([day.time, day.currency, day.filters?.map((f) => f.field)]).toEqual(['2026-10-31..2026-11-01', 'EUR', ['source', 'billing_period']]);
  });
});
