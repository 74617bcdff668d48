import { describe, expect, it } from 'vitest';
import { amountAxis, axisText, bands, barMarks, everyNth, linePath, niceStep, sparkPoints, spread, stacked } from './geometry';

describe('geometry', () => {
  it('steps by 1, 2, 2.5 and 5', () => {
    expect([niceStep(18000, 4), niceStep(100, 4), niceStep(0.3, 3), niceStep(0, 3)]).toEqual([5000, 25, 0.1, 1]);
  });
  it('puts zero on every axis and goes below it only for what is below', () => {
    expect(amountAxis(5, 18000, 4, 0, 100)).toMatchObject({ lo: 0, hi: 20000 });
    expect(amountAxis(-3, 9, 4, 0, 100).ticks).toEqual([-5, 0, 5, 10]);
    expect(amountAxis(0, 0, 4, 0, 100).y(0)).toBe(100);
  });
  it('shortens numbers on an axis', () => {
    expect([0, 500, 1500, 20000, -1250000, 0.25, 3e9].map(axisText)).toEqual(['0', '500', '1.5k', '20k', '−1.25m', '0.25', '3bn']);
  });
  it('keeps labels apart and inside', () => {
    const ys = spread([50, 50, 51, 52].map((want) => ({ want, y: want })), 15, 10, 200).map((l) => l.y);
    for (let i = 1; i < ys.length; i++) expect(ys[i]! - ys[i - 1]!).toBeGreaterThan(14.5);
    expect(ys[0]).toBeGreaterThanOrEqual(10);
  });
  it('stacks credits below zero', () => {
    expect(stacked([[10], [-4], [5], [-1]], 1)).toEqual([[[0, 10]], [[-4, 0]], [[10, 15]], [[-5, -4]]]);
    expect(stacked([[10], [0], [null], [5]], 1)).toEqual([[[0, 10]], [[10, 10]], [[10, 10]], [[10, 15]]]);
  });
  it('draws bars in whole pixels with ground between the parts', () => {
    const axis = amountAxis(0, 100, 4, 0, 100);
    const marks = barMarks(stacked([[60], [40]], 1), axis, bands(1, 0, 100));
    expect(marks).toEqual([
      { series: 0, bucket: 0, x: 14, y: 40, w: 72, h: 59 },
      { series: 1, bucket: 0, x: 14, y: 0, w: 72, h: 39 },
    ]);
  });
  it('leaves gaps in a line where nothing is known', () => {
    expect(linePath([[0, 1], [1, null], [2, 3], [3, 4]])).toBe('M0 1M2 3L3 4');
  });
  it('thins labels', () => {
    expect([everyNth(10, 20), everyNth(30, 8), everyNth(92, 10)]).toEqual([1, 4, 12]);
  });
  it('does not make noise look like news', () => {
    const ys = sparkPoints([100, 101, 100], 100, 22).map((p) => p[1]);
    expect(Math.max(...ys) - Math.min(...ys)).toBeLessThan(2);
  });
});
