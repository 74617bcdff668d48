import { describe, expect, it } from 'vitest';
import type { ForecastAnswer } from '~/api/types';
import { expectedOf, expectedText } from './expected';
import type { Month } from './use-overview';

const MONTH: Month = {
  now: { start: '2026-11-01', end: '2026-11-28' }, before: { start: '2026-10-01', end: '2026-10-28' },
  beforeWhole: { start: '2026-10-01', end: '2026-11-01' }, name: 'November', beforeName: 'October', until: '2026-11-27',
};

const step = (time: string, mean: number) => ({ time, mean, bands: [] });
const series = (currency: string, start: string, level = 95) => ({
  group: {}, currency, sentence: '', reason: null, total: { mean: 30, bands: [] }, models: [], history: [],
  period: { start, end: '2026-12-01', actual: '970.25', expected: 1000.256, bands: [{ level: 80, lo: 995, hi: 1005 }, { level, lo: 990.5, hi: 1012 }] },
  forecast: [step('2026-11-28', 9), step('2026-11-29', 10), step('2026-11-30', 11.006)],
});
const answer = (...all: ReturnType<typeof series>[]) =>
  ({ history_end: { date: '2026-11-27', reason: 'last_charge', text: '' }, series: all }) as unknown as ForecastAnswer;

describe('what a month is expected to come to', () => {
  it('goes on from what is known', () => {
    const e = expectedOf(answer(series('EUR', '2026-11-01'), series('USD', '2026-11-01')), MONTH, 'USD');
    expect([e?.from, e?.path.map((v) => v.toFixed(3)), e?.lo, e?.hi, e?.level]).toEqual([26, ['970.250', '979.250', '989.250', '1000.256'], 990.5, 1012, 95]);
  });
  it('is said with its band', () => {
    const e = expectedOf(answer(series('USD', '2026-11-01')), MONTH, 'USD')!;
    expect(expectedText(e, MONTH, 'USD')).toBe('Expected for November: $1,000.26, between $990.50 and $1,012.00 (95%).');
  });
  it('is nothing for another month, another currency, or without a band', () => {
    expect(expectedOf(answer(series('USD', '2026-12-01')), MONTH, 'USD')).toBeNull();
    expect(expectedOf(answer(series('EUR', '2026-11-01')), MONTH, 'USD')).toBeNull();
    const bare = series('USD', '2026-11-01');
    bare.period.bands = [];
    expect(expectedOf(answer(bare), MONTH, 'USD')).toBeNull();
  });
});
