import { describe, expect, it } from 'vitest';
import { amountAxis, areaPath, axisLabels, axisText, bands, barMarks, everyNth, highest, linePath, niceStep, sparkPoints, spread, stacked, steps, thinned } from './geometry';

describe('geometry', () => {
  it('steps by 1, 2, 2.5 and 5', () => {
    expect([niceStep(18000, 4), niceStep(100, 4), niceStep(0.3, 3), niceStep(0, 3)]).toEqual([5000, 25, 0.1, 1]);
  });
  it('puts zero on every axis and goes below it only for what is below', () => {
    expect(amountAxis(5, 18000, 4, 0, 100)).toMatchObject({ lo: 0, hi: 20000 });
    expect(amountAxis(-3, 9, 4, 0, 100).ticks).toEqual([-5, 0, 5, 10]);
    expect(amountAxis(0, 0, 4, 0, 100).y(0)).toBe(100);
  });
  it('ends a tight axis just beyond what it shows, and one of falls at zero', () => {
    const tight = amountAxis(0, 21000, 4, 0, 100, true);
    expect(tight.ticks).toEqual([0, 10000, 20000]);
    expect(tight.hi).toBeCloseTo(21840);
    expect(amountAxis(-2900, 0, 3, 0, 100).ticks).toEqual([-3000, -2000, -1000, 0]);
  });
  it('lets a lone peak of the comparison leave the drawing, but never a bar', () => {
    expect(highest([600, 700], [640, 3200, 650, 640, 630, 640, 650, 640, 630, 620])).toEqual({ max: 700, cut: true });
    expect(highest([600, 3200], [640, 650])).toEqual({ max: 3200, cut: false });
    expect(highest([600, 700], [2000, 2100, 2200, 1900])).toEqual({ max: 2200, cut: false });
    expect(highest([0, 0], [5, 900])).toEqual({ max: 900, cut: false });
  });
  it('closes an area around what is known, and parts it at a gap', () => {
    const at = (x: number) => ({ x, from: 10, to: 4 });
    expect(areaPath([at(0), at(5), null, at(9)])).toBe('M0 4L5 4L5 10L0 10ZM9 4L9 10Z');
    expect(areaPath([null])).toBe('');
  });
  it('walks from zero', () => {
    expect(steps([5, -2, 1])).toEqual([[0, 5], [5, 3], [3, 4]]);
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
  it('leaves no ground between bars that are narrower than it', () => {
    const band = bands(100, 0, 250);
    expect([band.width, band.x(0), band.x(1), band.x(2)]).toEqual([3, 0, 2, 5]);
  });
  it('thins a long course to means', () => {
    expect(thinned([1, 3, 5, 7], 2)).toEqual([2, 6]);
    expect(thinned([1, 2], 5)).toEqual([1, 2]);
    expect(thinned(Array.from({ length: 415 }, () => 2), 50)).toEqual(Array.from({ length: 50 }, () => 2));
  });
  it('leaves gaps in a line where nothing is known', () => {
    expect(linePath([[0, 1], [1, null], [2, 3], [3, 4]])).toBe('M0 1M2 3L3 4');
  });
  it('thins labels', () => {
    expect([everyNth(10, 20), everyNth(30, 8), everyNth(92, 10)]).toEqual([1, 4, 12]);
  });
  it('labels steps that have a name, with 64 pixels for each', () => {
    const mondays = Array.from({ length: 30 }, (_, i) => (i % 7 === 4 ? `day ${i}` : ''));
    expect(axisLabels(mondays, 320).map((l) => l.at)).toEqual([4, 11, 18, 25]);
    expect(axisLabels(mondays, 250).map((l) => l.at)).toEqual([4, 18]);
    expect(axisLabels(['a', 'b', 'c'], 1000).map((l) => l.text)).toEqual(['a', 'b', 'c']);
    expect(axisLabels(['', ''], 100)).toEqual([]);
  });
  it('does not make noise look like news', () => {
    const ys = sparkPoints([100, 101, 100], 100, 22).map((p) => p[1]);
    expect(Math.max(...ys) - Math.min(...ys)).toBeLessThan(2);
  });
});
