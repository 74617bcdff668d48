import { describe, expect, it } from 'vitest';
import { filtersText, type Filter } from './plan';
import { filtersOf } from './scope-text';

describe('scope as filters', () => {
  it('reads back what filters write', () => {
    const filters: Filter[] = [
      { field: 'sub_account', op: 'in', values: ['1', '2'] },
      { field: 'tag:team', op: 'in', values: ['say "hi" \\ and, bye'] },
      { field: 'label:a b', op: 'not_in', values: ['x'] },
      { field: 'region', op: 'missing', values: [] },
      { field: 'service', op: 'present', values: [] },
      { field: 'sku', op: 'contains', values: ['gp3'] },
    ];
    expect(filtersOf(filtersText(filters))).toEqual(filters);
  });
  it('leaves to text what filters cannot say', () => {
    expect(filtersOf('service = "a" or service = "b"')).toBeNull();
    expect(filtersOf('(service = "a")')).toBeNull();
    expect(filtersOf('not service = "a"')).toBeNull();
    expect(filtersOf('')).toBeNull();
  });
});
