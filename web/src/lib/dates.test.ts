import { describe, expect, it } from 'vitest';
import * as d from './dates';

describe('dates', () => {
  it('knows which days exist', () => {
    expect(d.isDay('2024-02-29')).toBe(true);
    for (const bad of ['2023-02-29', '2026-13-01', '2026-1-1', 'today', '']) expect(d.isDay(bad)).toBe(false);
  });
  it('cuts a month later to the month’s end', () => {
    expect(d.addMonths('2026-01-31', 1)).toBe('2026-02-28');
    expect(d.addMonths('2026-03-31', -1)).toBe('2026-02-28');
    expect(d.addMonths('2026-01-15', -13)).toBe('2024-12-15');
  });
  it('lists the buckets of a range', () => {
    expect(d.buckets({ start: '2026-11-01', end: '2026-11-04' }, 'day')).toEqual(['2026-11-01', '2026-11-02', '2026-11-03']);
    expect(d.buckets({ start: '2026-11-04', end: '2026-11-10' }, 'week')).toEqual(['2026-11-02', '2026-11-09']);
    expect(d.buckets({ start: '2026-11-04', end: '2027-01-02' }, 'month')).toEqual(['2026-11-01', '2026-12-01', '2027-01-01']);
    expect(d.buckets({ start: '2026-11-04', end: '2026-11-05' }, 'hour')).toHaveLength(24);
  });
  it('cuts a bucket to what was asked for', () => {
    expect(d.bucketRange('2026-11-02', 'week', { start: '2026-11-04', end: '2026-11-06' })).toEqual({ start: '2026-11-04', end: '2026-11-06' });
  });
  it('says ranges in words', () => {
    expect(d.rangeWords({ start: '2026-11-01', end: '2026-11-21' }, '2026-11-20')).toBe('1–20 Nov');
    expect(d.rangeWords({ start: '2026-09-17', end: '2026-10-17' }, '2026-11-20')).toBe('17 Sep–16 Oct');
    expect(d.rangeWords({ start: '2025-12-20', end: '2026-01-05' }, '2026-11-20')).toBe('20 Dec 2025–4 Jan 2026');
    expect(d.rangeWords({ start: '2026-10-01', end: '2026-11-01' }, '2026-11-20')).toBe('October');
    expect(d.rangeWords({ start: '2025-12-01', end: '2026-11-01' })).toBe('Dec 2025–Oct 2026');
  });
  it('says an instant with the year when it is not this one', () => {
    expect(d.instantText('2026-11-20T06:38:12Z', '2026-11-30')).toBe('20 Nov 06:38');
    expect(d.instantText('2025-12-31T23:59:00Z', '2026-01-01')).toBe('31 Dec 2025 23:59');
  });
  it('reads up to when there is data', () => {
    expect(d.untilOf('2026-11-20T06:00:00Z')).toEqual({ lastWholeDay: '2026-11-19', partial: true, text: '20 Nov 06:00' });
    expect(d.untilOf('2026-11-20T00:00:00Z')).toEqual({ lastWholeDay: '2026-11-19', partial: false, text: '19 Nov' });
  });
  it('say the year of a day only when it is another', () => {
    expect(d.bucketText('2026-11-12', 'day', '2026-11-20')).toBe('Thu 12 Nov');
    expect(d.bucketText('2025-10-01', 'day', '2026-11-20')).toBe('Wed 1 Oct 2025');
    expect(d.bucketText('2025-12-29', 'week', '2026-01-20')).toBe('Week of 29 Dec 2025');
  });
});
