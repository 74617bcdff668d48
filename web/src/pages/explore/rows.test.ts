import { describe, expect, it } from 'vitest';
import { format, sum } from '~/lib/decimal';
import { childRows, nameRows, otherRow, restRow, totalRow, type Answers } from './rows';

const service = { id: 'service', name: 'Service' };
const answers: Answers = {
  metric: 'effective_cost',
  rows: [
    { service: 'a', effective_cost: '10.5' },
    { service: null, effective_cost: '3' },
    { service: 'b', effective_cost: '0.000001' },
  ],
  compared: [
    { service: 'a', effective_cost: '9', effective_cost_before: '8' },
    { service: 'gone', effective_cost: '0', effective_cost_before: '2' },
    { service: null, effective_cost: '3', effective_cost_before: '0' },
  ],
  total: { effective_cost: '13.500001' },
  comparedTotal: { effective_cost: '12', effective_cost_before: '10' },
  count: 4,
  more: false,
};

describe('the table of Explore', () => {
  it('keeps names that only the comparison knows, and says what has no value', () => {
    const rows = nameRows(answers, service, false);
    expect(rows.map((r) => r.label)).toEqual(['a', 'No service', 'b', 'gone']);
    expect(rows[3]!.amount).toBeNull();
    expect(format(rows[3]!.change!)).toBe('-2');
    expect(rows[2]!.change).toBeNull();
  });
  it('adds up with Other, to the last digit', () => {
    const top = nameRows(answers, service, false).slice(0, 1);
    const other = otherRow(answers, top)!;
    expect(other.label).toBe('Other (3)');
    expect(format(sum([top[0]!.amount!, other.amount!]))).toBe('13.500001');
    expect(format(sum([top[0]!.change!, other.change!]))).toBe(format(totalRow(answers).change!));
  });
  it('has no Other when everything is shown', () => {
    expect(otherRow({ ...answers, count: 1 }, nameRows(answers, service, false).slice(0, 1))).toBeNull();
  });
  it('shows what a name has beyond the children at hand, and nothing when they are all there', () => {
    const [a] = nameRows(answers, service, false);
    const child = { ...a!, kind: 'child' as const, amount: { units: 10n, scale: 0 } };
    expect(format(restRow(a!, [child])!.amount!)).toBe('0.5');
    expect(restRow(a!, [{ ...child, amount: a!.amount }])).toBeNull();
  });
  it('nests the second dimension under the first', () => {
    const region = { id: 'region', name: 'Region' };
    const nested = childRows(
      { ...answers, rows: [{ service: 'a', region: 'x', effective_cost: '1' }, { service: 'a', region: null, effective_cost: '2' }], compared: null },
      service,
      region,
    );
    expect(nested.get('a')!.map((r) => r.label)).toEqual(['x', 'No region']);
  });
});
