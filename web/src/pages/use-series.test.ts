import { describe, expect, it } from 'vitest';
import { wholePart } from './use-series';

const cover = { first: '2025-10-01', end: '2026-11-20' };
const time = { start: '2026-10-22', end: '2026-11-21' };

describe('a comparison', () => {
  it('leaves days that are not complete out on both sides', () => {
    expect(wholePart(time, { start: '2026-09-17', end: '2026-10-17' }, cover)).toEqual({
      time: { start: '2026-10-22', end: '2026-11-20' }, compare: { start: '2026-09-17', end: '2026-10-16' }, cut: true,
    });
  });
  it('leaves days before the first bill out on both sides', () => {
    expect(wholePart({ start: '2026-09-11', end: '2026-10-11' }, { start: '2025-09-11', end: '2025-10-11' }, cover)).toEqual({
      time: { start: '2026-10-01', end: '2026-10-11' }, compare: { start: '2025-10-01', end: '2025-10-11' }, cut: true,
    });
  });
  it('of months that are not equally long has the same days on both sides', () => {
    expect(wholePart({ start: '2026-11-01', end: '2026-12-01' }, { start: '2026-10-01', end: '2026-11-01' }, { ...cover, end: '2026-11-30' })).toEqual({
      time: { start: '2026-11-01', end: '2026-11-30' }, compare: { start: '2026-10-01', end: '2026-10-30' }, cut: true,
    });
    expect(wholePart({ start: '2026-03-01', end: '2026-04-01' }, { start: '2026-02-01', end: '2026-03-01' }, { ...cover, end: '2026-03-31' })).toEqual({
      time: { start: '2026-03-01', end: '2026-03-29' }, compare: { start: '2026-02-01', end: '2026-03-01' }, cut: true,
    });
    const months = { time: { start: '2026-03-01', end: '2026-04-01' }, compare: { start: '2026-02-01', end: '2026-03-01' } };
    expect(wholePart(months.time, months.compare, cover)).toEqual({ ...months, cut: false });
  });
  it('is not made against nothing', () => {
    expect(wholePart(time, { start: '2024-10-22', end: '2024-11-21' }, cover).compare).toBeNull();
  });
});
