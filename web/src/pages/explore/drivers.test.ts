import { describe, expect, it } from 'vitest';
import type { Result, Row } from '~/api/types';
import { format, sum } from '~/lib/decimal';
import { plan } from '~/lib/plan';
import { placesOf } from '../places';
import { driversOf, mirrored, partsIn, partsText } from './drivers';

const service = { id: 'service', name: 'Service' };
const account = { id: 'sub_account', name: 'Account' };
const row = (id: string | null, now: string, before: string, more: Row = {}): Row => ({ service: id, effective_cost: now, effective_cost_before: before, ...more });
const answer = (rows: Row[], total: [string, string]): Result =>
  ({
    plan: plan({ measures: ['effective_cost'], time: null }), rows, row_count: rows.length,
    totals: [{ effective_cost: total[0], effective_cost_before: total[1] }],
  }) as unknown as Result;

describe('the drivers of a change', () => {
  const result = answer(
    [row('a', '10.000000000001', '1'), row('b', '2', '7'), row(null, '3', '2'), row('c', '1', '1'), row('d', '0.5', '0.1'), row('e', '0.3', '0.1')],
    ['16.800000000001', '11.2'],
  );
  it('go from the largest rise to the largest fall, and the rest is one step', () => {
    const { rows } = driversOf(result, service, 3);
    expect(rows.map((r) => r.label)).toEqual(['a', 'No service', 'b', 'Other (3)']);
  });
  it('add up to the change, to the last digit', () => {
    for (const most of [1, 3, 8]) {
      const { rows, total } = driversOf(result, service, most);
      expect(format(sum(rows.map((r) => r.change)))).toBe(format(total.change));
      expect(format(total.change)).toBe('5.600000000001');
    }
  });
  it('show a single rest by its name, never as Other (1) beyond the unchanged', () => {
    const { rows } = driversOf(answer([row('a', '2', '1'), row('b', '3', '1')], ['5', '2']), service, 1);
    expect(rows.map((r) => r.label)).toEqual(['b', 'a']);
  });
  it('name the places that moved a name its own way', () => {
    const pairs = answer(
      [row('a', '5', '1', { sub_account: 'x' }), row('a', '6', '1', { sub_account: 'y' }), row('a', '0', '9', { sub_account: 'z' }), row('b', '1', '7', { sub_account: 'x' })],
      ['0', '0'],
    );
    const places = placesOf(pairs, driversOf(result, service, 3).rows, service, account);
    expect(places.get('a')).toBe('y, x');
    expect(places.get('b')).toBe('x');
  });
  it('have parts that add up, those of the rest being what the shown ones leave', () => {
    const parts = { quantity_effect: '5.5', price_effect: '3', new_effect: '0.000000000001', mix_effect: '0' };
    const split = answer([row('a', '10', '1.499999999999', parts), row('b', '5', '4', { gone_effect: '-1', currency_effect: '2' }), row('c', '3', '2.5', { new_effect: '0.5' })], ['18', '7.999999999999']);
    Object.assign(split.totals[0]!, { quantity_effect: '5.5', price_effect: '3', new_effect: '0.500000000001', gone_effect: '-1', currency_effect: '2' });
    const { rows, total } = driversOf(split, service, 1);
    for (const r of [...rows, total]) expect(format(sum(Object.values(r.parts)))).toBe(format(r.change));
    expect(partsIn(rows[0]!.parts).map((p) => p.id)).toEqual(['quantity', 'price', 'new']);
    expect(partsText(rows[0]!.parts, 'USD')).toBe('+$5.50 quantity, +$3.00 price');
    expect(partsIn(rows[1]!.parts).map((p) => p.id)).toEqual(['new', 'gone', 'currency']);
  });
  it('keep a name whose parts cancel out', () => {
    const { rows } = driversOf(answer([row('a', '1', '1', { new_effect: '1', gone_effect: '-1' }), row('b', '1', '1')], ['2', '2']), service, 5);
    expect(rows.map((r) => r.label)).toContain('a');
  });
  it('are mirrored when the ranges are exchanged', () => {
    expect((['new', 'gone', 'compared'] as const).map(mirrored)).toEqual(['gone', 'new', 'compared']);
  });
});
