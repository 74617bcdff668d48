import { describe, expect, it } from 'vitest';
import type { Tile } from '~/api/types';
import { plan } from './plan';
import { planOf, readExplore, searchOf } from './search';
import { folderText, foldersOf, inFolder, inRange, moved, resized, rowStep, shownAs, undrawn } from './keep';
import { keptText, readSearchText, searchOfKept, searchText } from './kept-search';

const anchor = { today: '2026-11-20', currencies: ['USD'] };
const wide = readExplore({
  time: '30d', compare: 'year', by: ['service', 'tag:Team'], top: 10, chart: 'line', order: { by: 'change', dir: 'asc' }, in: 'EUR',
  filters: [{ field: 'tag:a "b" & c', op: 'in', values: ['ü=1', '2026-01-01', '7', 'true'] }],
});
const tile = (width: number): Tile => ({ view: 'v', title: '', form: 'bars', width, height: 1 });

describe('the address as text', () => {
  it('comes back as it was', () => {
    expect(readSearchText(searchText(wide))).toEqual(wide);
    expect(searchText(readSearchText(searchText(wide)))).toBe(searchText(wide));
    expect(JSON.stringify(planOf(readSearchText(searchText(wide)), anchor))).toBe(JSON.stringify(planOf(wide, anchor)));
  });
  it('keeps words, and is never empty where it is kept', () => {
    expect(searchText({})).toBe('');
    expect(keptText({})).toBe('time=30d');
    expect(planOf(readSearchText(keptText({})), anchor)).toEqual(planOf({}, anchor));
  });
});

describe('what is kept', () => {
  const old = planOf({ time: '7d' }, anchor);
  it('is asked by its words, else by its plan', () => {
    expect(searchOfKept({ plan: old, search: 'time=mtd' })).toEqual({ time: 'mtd' });
    expect(planOf(searchOfKept({ plan: old, search: '' }), anchor)).toEqual(old);
  });
  it('says what cannot be drawn', () => {
    expect(undrawn({ plan: old })).toBeNull();
    expect(undrawn({ plan: plan({ measures: ['billed_cost'], time: old.time, limit: 3 }) })).toBe('limit');
    expect(undrawn({ plan: plan({ measures: ['charge_count'], time: old.time }) })).toBe('charge_count');
    expect(undrawn({ plan: plan({ measures: ['billed_cost', 'list_cost'], time: old.time }) })).toBe('several measures');
    expect(undrawn({ plan: plan({ measures: ['billed_cost'], time: null }) })).toBe('no range of time');
  });
});

describe("the page's range", () => {
  it('takes the place of the tile’s, and its filters join', () => {
    const one = { field: 'service', op: 'in' as const, values: ['a'] };
    const two = { field: 'region', op: 'in' as const, values: ['b'] };
    const asked = inRange({ time: '7d', compare: 'none', by: ['region'], metric: 'list_cost', filters: [one] }, { time: 'mtd', metric: 'billed_cost', filters: [two] }, anchor);
    expect(asked).toEqual({ time: 'mtd', by: ['region'], metric: 'list_cost', filters: [one, two] });
  });
  it('is that of the default when the address says nothing', () => {
    expect(planOf(inRange({ time: '7d' }, {}, anchor), anchor).time).toEqual(planOf({}, anchor).time);
  });
});

describe('tiles', () => {
  it('open as they are drawn', () => {
    expect(shownAs({ time: '30d', by: ['region'] }, 'drivers')).toEqual({ time: '30d', by: ['region'], view: 'drivers' });
    expect(shownAs({ view: 'drivers', chart: 'line' }, 'bars')).toEqual({});
    expect(shownAs({}, 'line')).toEqual({ chart: 'line' });
    expect(shownAs({ chart: 'area' }, 'table')).toEqual({ chart: 'area' });
  });
  it('move within the list', () => {
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b', 'c'], 2, -5)).toEqual(['c', 'a', 'b']);
    expect(moved(['a', 'b', 'c'], 0, 9)).toEqual(['b', 'c', 'a']);
  });
  it('move by a row of four columns', () => {
    const tiles = [1, 1, 2, 2, 2].map(tile);
    expect(rowStep(tiles, 0, 1)).toBe(3);
    expect(rowStep(tiles, 4, -1)).toBe(-2);
    expect(rowStep(tiles, 0, -1)).toBe(-0);
  });
  it('stay within their sizes', () => {
    expect(resized(tile(1), -1, 0).width).toBe(1);
    expect(resized(tile(3), 2, 1)).toMatchObject({ width: 4, height: 2 });
  });
});

describe('folders', () => {
  it('hold those inside them', () => {
    expect(foldersOf([{ folder: 'a/b' }, { folder: '' }, { folder: 'c' }])).toEqual(['a', 'a/b', 'c']);
    expect(inFolder('a/b', 'a')).toBe(true);
    expect(inFolder('ab', 'a')).toBe(false);
    expect(folderText(' /a // b/ ')).toBe('a/b');
  });
  it('searchOf is kept for plans', () => expect(searchOf(planOf({ time: '2026-01-01..2026-02-01' }, anchor)).time).toBe('2026-01-01..2026-02-01'));
});
