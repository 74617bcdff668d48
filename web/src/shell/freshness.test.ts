import { describe, expect, it } from 'vitest';
import { sourceStates, wholeUntil } from './freshness';

const fresh = (source: string, until: string, loaded: string) => ({
  source, provider: source, billing_period: '2026-11', loaded_at: `${loaded}T09:00:00Z`, charges_until: `${until}T00:00:00Z`, final: null,
});

describe('the state of the sources', () => {
  it('takes no day as whole that was not over when it was loaded', () => {
    const states = sourceStates([fresh('aws', '2026-11-20', '2026-11-20'), fresh('licences', '2026-12-01', '2026-11-20')]);
    expect(states.map((s) => [s.lastWholeDay, s.lateDays])).toEqual([['2026-11-19', 0], ['2026-11-19', 0]]);
    expect(wholeUntil(states, '2026-11-01')).toBe('2026-11-20');
  });
  it('calls nobody late whose charges are paid ahead, however long ago they came', () => {
    const states = sourceStates([fresh('aws', '2026-11-20', '2026-11-20'), fresh('licences', '2026-12-01', '2026-11-03'), fresh('oracle', '2026-11-18', '2026-11-18')]);
    expect(states.map((s) => [s.source, s.lateDays])).toEqual([['aws', 0], ['licences', 0], ['oracle', 2]]);
    expect(wholeUntil(states, '2026-11-01')).toBe('2026-11-20');
  });
  it('names the one that is behind', () => {
    const states = sourceStates([fresh('aws', '2026-11-20', '2026-11-20'), fresh('oracle', '2026-11-18', '2026-11-20')]);
    expect(states.map((s) => s.lateDays)).toEqual([0, 2]);
  });
});
