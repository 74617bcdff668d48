import { describe, expect, it } from 'vitest';
import { colliding, fullName, providersOf } from './told';
import type { Result } from './types';

describe('accounts of one name', () => {
  it('are those that differ by id alone, whatever the case of the name', () => {
    const all = [
      { id: 'b', label: 'Data Platform' }, { id: 'a', label: 'data platform' }, { id: 'c', label: 'core' }, { id: 'c', label: 'core' }, { id: null, label: null }, { id: 'd', label: null },
    ];
    expect(colliding(all)).toEqual(['a', 'b']);
  });
  it('have their provider beside them, all of them where there are several', () => {
    const row = (id: string, provider: string, label?: string) => ({ sub_account: id, provider, ...(label ? { provider_label: label } : {}) });
    const result = { rows: [row('a', 'aws', 'AWS'), row('b', 'msft'), row('b', 'csp')] } as unknown as Result;
    expect([...providersOf(result)]).toEqual([['a', 'AWS'], ['b', 'csp, msft']]);
    expect(fullName({ sub_account: 'a', sub_account_label: 'Data', sub_account_beside: 'AWS' }, 'sub_account', 'Account')).toBe('Data (AWS)');
    expect(fullName({ sub_account: null }, 'sub_account', 'Account')).toBe('No account');
  });
});
