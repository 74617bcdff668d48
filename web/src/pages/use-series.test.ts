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
  it('is not made against nothing', () => {
    expect(wholePart(time, { start: '2024-10-22', end: '2024-11-21' }, cover).compare).toBeNull();
  });
});
