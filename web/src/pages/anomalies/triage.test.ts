import { describe, expect, it } from 'vitest';
import type { Anomaly } from '~/api/types';
import { aimedAt, canMerge } from './triage';

const [a, b, c] = [{ id: 'A-1' }, { id: 'A-2' }, { id: 'A-3' }] as [{ id: string }, { id: string }, { id: string }];

describe('a key', () => {
  it('decides all that are selected, whatever has the focus', () => {
    expect(aimedAt([a, b, c], [a, c], 'A-2')).toEqual([a, c]);
  });
  it('decides the one that is pointed at', () => {
    expect(aimedAt([a, b, c], [], 'A-2')).toEqual([b]);
  });
  it('decides nothing that is not in the list', () => {
    expect(aimedAt([a, b], [], 'A-3')).toEqual([]);
    expect(aimedAt([a, b], [], undefined)).toEqual([]);
  });
});

describe('merging', () => {
  const of = (more: Partial<Anomaly>) => ({ id: 'A-1', state: 'open', currency: 'USD', direction: 'up', ...more }) as Anomaly;
  it('takes live cases of the same money and way', () => {
    expect(canMerge(of({}), of({ id: 'A-2' }))).toBe(true);
    expect(canMerge(of({}), of({}))).toBe(false);
    expect(canMerge(of({}), of({ id: 'A-2', currency: 'EUR' }))).toBe(false);
    expect(canMerge(of({}), of({ id: 'A-2', direction: 'down' }))).toBe(false);
    expect(canMerge(of({}), of({ id: 'A-2', state: 'resolved' }))).toBe(false);
    expect(canMerge(of({ state: 'merged' }), of({ id: 'A-2' }))).toBe(false);
  });
});
