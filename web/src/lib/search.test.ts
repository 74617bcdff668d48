import { describe, expect, it } from 'vitest';
import { plan, planText, withFilter, filtersText, asCli, asApi } from './plan';
import { compareOf, pinned, planOf, readAnomalies, readExplore, readScope, scopeOf, searchOf, timeOf, unshown, type ExploreSearch } from './search';

const anchor = { today: '2026-11-20', currencies: ['USD'] };

describe('which cases', () => {
  it('keeps what is meant and drops the rest', () => {
    expect(readAnomalies({ state: 'resolved', severity: ['low', 'critical', 'odd'], service: 'S3', account: '', find: 'nat', time: '7d' })).toEqual({ state: 'resolved', severity: ['critical', 'low'], service: 'S3', find: 'nat', time: '7d' });
    expect(readAnomalies({ state: 'open', severity: 'low' })).toEqual({});
    expect(readAnomalies({ state: 'merged', find: 'x'.repeat(3000) })).toEqual({});
  });
});

describe('search and plan', () => {
  it('gives the same bytes for a link that is opened again', () => {
    const searches: ExploreSearch[] = [
      {},
      { time: 'mtd', metric: 'billed_cost' },
      { time: '2026-02-01..2026-03-01', compare: 'year', by: ['tag:Team', 'service'], grain: 'week' },
      { filters: [{ field: 'service', op: 'in', values: ['Amazon "S3"', 'ß & co'] }], order: { by: 'change', dir: 'asc' } },
      { currency: 'EUR', compare: 'none', by: ['sub_account'] },
      { view: 'drivers', by: ['region'], compare: 'year' },
      { view: 'charges', filters: [{ field: 'tag:Team', op: 'missing', values: [] }] },
    ];
    for (const s of searches) {
      const p = planOf(s, anchor);
      const url = new URLSearchParams({ q: JSON.stringify(s) }).toString();
      expect(planText(planOf(readExplore(JSON.parse(new URLSearchParams(url).get('q')!)), anchor))).toBe(planText(p));
      expect(planText(planOf(searchOf(p), anchor))).toBe(planText(p));
      expect(planText(planOf(pinned(s, anchor), { ...anchor, today: '2027-01-05' }))).toBe(planText(p));
    }
  });
  it('reads a whole plan from the address', () => {
    const p = plan({ measures: ['list_cost'], time: { start: '2026-01-01', end: '2026-02-01' }, group_by: ['region'], order: { by: 'list_cost', dir: 'desc' } });
    expect(planText(planOf(readExplore({ plan: p }), anchor))).toBe(planText(p));
  });
  it('leaves a plan that it cannot show as it is', () => {
    const time = { start: '2026-01-01', end: '2026-02-01' };
    const base = { kind: 'query', subject: 'cost', measures: ['billed_cost'], time } as const;
    const one = { field: 'service', op: 'in', values: ['a'] } as const;
    for (const more of [{ limit: 3 }, { where: { or: [one, one] } }, { time: null }, { time: { start: '2026-01-01T00:00:00Z', end: '2026-01-01T06:00:00Z' } }, { currency: null }, { measures: ['charge_count'] }, { group_by: ['a', 'b', 'c'] }, { having: [{}] }, { filters: [{ field: 'a', op: 'like', values: ['b'] }] }]) {
      const p = { ...base, ...more } as unknown as Parameters<typeof unshown>[0];
      expect(unshown(p), JSON.stringify(more)).not.toBeNull();
      expect(readExplore({ plan: p }), JSON.stringify(more)).toEqual({ plan: p });
      expect(planOf(readExplore({ plan: p }), anchor)).toEqual(p);
    }
    /* what says nothing more than its absence is no hindrance */
    expect(unshown({ ...base, where: null, limit: null, having: [], time_basis: 'charge', grain: 'none' } as unknown as Parameters<typeof unshown>[0])).toBeNull();
    for (const wrong of [{}, { measures: 3, time: 'x', filters: {}, group_by: 1 }]) expect(() => readExplore({ plan: wrong })).not.toThrow();
  });
  it('drops words that it does not know', () => {
    expect(readScope({ time: '31x', compare: 'a..b', metric: 'cost', currency: 'usd;', filters: [{ field: 'x' }, 3] })).toEqual({});
    expect(readExplore({ by: [1], top: 7, chart: 'pie', grain: 'none', order: { by: 'x' } })).toEqual({});
    expect(readScope({ time: '2026-02-30..2026-03-01' })).toEqual({});
  });
  it('reads relative words from the anchor day', () => {
    expect(timeOf('30d', anchor)).toEqual({ start: '2026-10-22', end: '2026-11-21' });
    expect(timeOf('mtd', anchor)).toEqual({ start: '2026-11-01', end: '2026-11-21' });
    expect(timeOf('last-month', anchor)).toEqual({ start: '2026-10-01', end: '2026-11-01' });
    expect(timeOf('12m', anchor)).toEqual({ start: '2025-12-01', end: '2026-11-21' });
  });
  it('compares months with months and weeks with the same weekdays', () => {
    expect(compareOf(undefined, timeOf('30d', anchor))).toEqual({ start: '2026-09-17', end: '2026-10-17' });
    expect(compareOf(undefined, timeOf('mtd', anchor))).toEqual({ start: '2026-10-01', end: '2026-10-21' });
    expect(compareOf(undefined, { start: '2026-03-01', end: '2026-04-01' })).toEqual({ start: '2026-02-01', end: '2026-03-01' });
    expect(compareOf(undefined, { start: '2026-03-01', end: '2026-03-31' })).toEqual({ start: '2026-02-01', end: '2026-03-01' });
    expect(compareOf('none', timeOf('30d', anchor))).toBeNull();
  });
  it('converts into the currency that is chosen, or is the organisation’s', () => {
    const ours = { today: '2026-11-20', currencies: ['EUR', 'USD'], reporting: 'EUR' };
    expect(scopeOf({}, ours)).toMatchObject({ currency: 'EUR', convert: 'EUR', filters: [] });
    expect(scopeOf({ in: 'GBP' }, ours)).toMatchObject({ currency: 'GBP', convert: 'GBP', filters: [] });
    expect(scopeOf({ currency: 'USD' }, ours)).toMatchObject({ currency: 'USD', convert: null, filters: [{ field: 'currency', op: 'in', values: ['USD'] }] });
    expect('currency' in planOf({}, anchor)).toBe(false);
    for (const s of [{}, { in: 'GBP' }, { currency: 'USD' }]) {
      const p = planOf(s, ours);
      expect(planText(planOf(searchOf(p), ours))).toBe(planText(p));
      expect(planText(planOf(pinned(s, ours), { ...ours, reporting: 'USD' }))).toBe(planText(p));
    }
    expect(asCli(planOf({ currency: 'USD' }, ours))).toContain('--currency billed');
  });
  it('never leaves two currencies in one question', () => {
    const two = { today: '2026-11-20', currencies: ['EUR', 'USD'] };
    expect(scopeOf({}, two).filters).toEqual([{ field: 'currency', op: 'in', values: ['EUR'] }]);
    expect(scopeOf({ currency: 'USD' }, two).filters).toEqual([{ field: 'currency', op: 'in', values: ['USD'] }]);
    expect(scopeOf({}, anchor).filters).toEqual([]);
  });
});

describe('filters', () => {
  it('replace values of the same field and join exclusions', () => {
    const a = withFilter([], { field: 'service', op: 'in', values: ['A'] });
    expect(withFilter(a, { field: 'service', op: 'in', values: ['B'] })).toEqual([{ field: 'service', op: 'in', values: ['B'] }]);
    const x = withFilter(a, { field: 'service', op: 'not_in', values: ['C'] });
    expect(withFilter(x, { field: 'service', op: 'not_in', values: ['D'] })[1]).toEqual({ field: 'service', op: 'not_in', values: ['C', 'D'] });
  });
  it('are written in the filter grammar', () => {
    expect(
      filtersText([
        { field: 'service', op: 'in', values: ['Amazon EC2'] },
        { field: 'tag:cost centre', op: 'missing', values: [] },
        { field: 'region', op: 'not_in', values: ['a"b', 'c'] },
      ]),
    ).toBe('service = "Amazon EC2" and tag."cost centre" is missing and not region in ("a\\"b", "c")');
  });
  it('are safe in a shell', () => {
    const p = plan({ measures: ['billed_cost'], time: null, filters: [{ field: 'service', op: 'in', values: ["it's"] }] });
    expect(asCli(p)).toBe(`farthing costs --metric billed_cost --where 'service = "it'\\''s"'`);
    expect(asApi(p, 'http://h')).toContain(`it'\\''s`);
  });
});
