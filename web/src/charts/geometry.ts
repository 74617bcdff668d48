/* The drawings as pure functions: amounts in, pixels out. Numbers here are positions, never money. */

/** Beyond this many marks a chart is drawn on a canvas. */
export const SVG_MARKS = 4000;

/** 1, 2, 2.5 or 5 times a power of ten, so that about `n` steps cover `span`. */
export function niceStep(span: number, n: number): number {
  if (!(span > 0)) return 1;
  const raw = span / n;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].map((k) => k * power).find((step) => step >= raw * (1 - 1e-9))!;
}

export interface Axis {
  lo: number;
  hi: number;
  ticks: number[];
  y: (value: number) => number;
}

/**
 * From zero always; below it only when something is below it. A tight axis ends a little beyond what it shows, not at
 * a tick: for lines, which need the room.
 */
export function amountAxis(min: number, max: number, steps: number, top: number, bottom: number, tight = false): Axis {
  const low = Math.min(0, min);
  const high = Math.max(0, max);
  /* one step more where that wastes less of the room */
  const span = high - low || 1;
  const [few, many] = [niceStep(span, steps), niceStep(span, steps + 1)];
  const step = !tight && Math.ceil(high / many - 1e-9) * many < Math.ceil(high / few - 1e-9) * few ? many : few;
  const lo = tight ? low * 1.04 : Math.floor(low / step + 1e-9) * step;
  const hi = tight ? high * 1.04 || (low < 0 ? 0 : step) : Math.ceil(high / step - 1e-9) * step || (low < 0 ? 0 : step);
  const ticks: number[] = [];
  for (let k = Math.ceil(lo / step - 1e-6); k * step <= hi + step * 1e-6; k++) ticks.push(k * step + 0);
  return { lo, hi, ticks, y: (value) => bottom + ((value - lo) / (hi - lo || 1)) * (top - bottom) };
}

/** "20k", "1.2m": allowed on an axis and nowhere else. */
export function axisText(value: number): string {
  const a = Math.abs(value);
  const trim = (x: number, digits: number) => String(+x.toFixed(digits));
  const text = a >= 1e9 ? `${trim(a / 1e9, 2)}bn` : a >= 1e6 ? `${trim(a / 1e6, 2)}m` : a >= 1e3 ? `${trim(a / 1e3, 1)}k` : trim(a, a < 1 ? 6 : 2);
  return (value < 0 ? '−' : '') + text;
}

export interface Label {
  y: number;
  want: number;
}

/** Labels at one edge, pushed apart to `min` pixels and kept between `lo` and `hi`. */
export function spread<T extends Label>(labels: readonly T[], min: number, lo: number, hi: number): T[] {
  const out = labels.map((l) => ({ ...l, y: l.want })).sort((a, b) => a.y - b.y);
  for (let pass = 0; pass < 60; pass++) {
    let moved = false;
    for (let i = 1; i < out.length; i++) {
      const gap = out[i]!.y - out[i - 1]!.y;
      if (gap < min - 0.01) {
        out[i]!.y += (min - gap) / 2;
        out[i - 1]!.y -= (min - gap) / 2;
        moved = true;
      }
    }
    if (out.length && out[0]!.y < lo) out[0]!.y = lo;
    if (out.length && out.at(-1)!.y > hi) out.at(-1)!.y = hi;
    if (!moved) break;
  }
  return out;
}

/** Narrower steps than this leave no ground between bars. */
const DENSE_PX = 4;

/** Bars in whole pixels: 72% of the step; side by side where the steps are narrow. */
export function bands(n: number, left: number, right: number, fill = 0.72): { x: (i: number) => number; width: number; step: number } {
  const step = (right - left) / Math.max(1, n);
  if (step < DENSE_PX) return { x: (i) => Math.floor(left + i * step), width: Math.ceil(step), step };
  const width = Math.max(1, Math.floor(step * fill));
  return { x: (i) => Math.round(left + i * step + (step - width) / 2), width, step };
}

export interface Mark {
  series: number;
  bucket: number;
  x: number;
  y: number;
  w: number;
  h: number;
}

/**
 * Lower and upper amount of each series in each bucket; what is below zero hangs below it. Nothing stays where the
 * stack has come to (d3's diverging offset would drop it to the axis, and an area with it).
 */
export function stacked(series: readonly (readonly (number | null)[])[], buckets: number): [number, number][][] {
  const up = new Array<number>(buckets).fill(0);
  const down = new Array<number>(buckets).fill(0);
  return series.map((values) =>
    Array.from({ length: buckets }, (_, b): [number, number] => {
      const v = values[b] ?? 0;
      const side = v < 0 ? down : up;
      const from = side[b]!;
      side[b] = from + v;
      return v < 0 ? [from + v, from] : [from, from + v];
    }),
  );
}

/** The bars: whole pixels, 1 px of ground between two parts where bars stand apart, never thinner than 1 px. */
export function barMarks(layers: readonly (readonly [number, number][])[], axis: Axis, band: ReturnType<typeof bands>): Mark[] {
  const marks: Mark[] = [];
  const ground = band.step < DENSE_PX ? 0 : 1;
  layers.forEach((layer, series) =>
    layer.forEach(([from, to], bucket) => {
      const y0 = Math.round(axis.y(Math.max(from, to)));
      const y1 = Math.round(axis.y(Math.min(from, to)));
      const h = y1 - y0;
      if (h <= 0) return;
      marks.push({ series, bucket, x: band.x(bucket), y: y0, w: band.width, h: Math.max(1, h - (h > 2 ? ground : 0)) });
    }),
  );
  return marks;
}

/** A path through what is known; a gap where it is not. */
export function linePath(points: readonly (readonly [number, number | null])[]): string {
  let out = '';
  let pen = false;
  for (const [x, y] of points) {
    if (y === null) {
      pen = false;
      continue;
    }
    out += `${pen ? 'L' : 'M'}${+x.toFixed(1)} ${+y.toFixed(1)}`;
    pen = true;
  }
  return out;
}

/** The ground between two lines, left to right along the upper and back along the lower; a gap parts it. */
export function areaPath(points: readonly ({ x: number; from: number; to: number } | null)[]): string {
  const at = (x: number, y: number) => `${+x.toFixed(1)} ${+y.toFixed(1)}`;
  const parts: { x: number; from: number; to: number }[][] = [[]];
  for (const point of points) {
    if (point) parts.at(-1)!.push(point);
    else parts.push([]);
  }
  return parts
    .filter((part) => part.length)
    .map((part) => `M${[...part.map((p) => at(p.x, p.to)), ...part.reverse().map((p) => at(p.x, p.from))].join('L')}Z`)
    .join('');
}

const LABEL_PX = 64;

/** What stands under an axis so wide: of the steps that have a name every k-th, so that no two touch. */
export function axisLabels(names: readonly string[], width: number): { at: number; text: string }[] {
  const named = names.flatMap((text, at) => (text ? [{ at, text }] : []));
  const k = everyNth(named.length, Math.floor(width / LABEL_PX));
  return named.filter((_, i) => i % k === 0);
}

/** At most `room` labels: each k-th bucket, k nice for days. */
export function everyNth(n: number, room: number): number {
  const wanted = Math.ceil(n / Math.max(1, room));
  return [1, 2, 3, 4, 6, 7, 12, 14, 28, 56].find((k) => k >= wanted) ?? wanted;
}

/**
 * How high the axis has to go. A few points of the comparison far above all bars would press the bars flat: they
 * leave the drawing at its top instead, and their amount is written there.
 */
export function highest(bars: readonly number[], ghost: readonly (number | null)[]): { max: number; cut: boolean } {
  const bar = Math.max(0, ...bars);
  const known = ghost.filter((v) => v !== null);
  const top = Math.max(bar, ...known);
  const room = bar * 1.2;
  const far = known.filter((v) => v > room).length;
  if (bar > 0 && top > bar * 1.6 && far <= Math.max(1, known.length * 0.1)) return { max: Math.max(bar, ...known.filter((v) => v <= room)), cut: true };
  return { max: top, cut: false };
}

/** Where each step of a walk from zero begins and ends. */
export function steps(changes: readonly number[]): [number, number][] {
  let at = 0;
  return changes.map((change): [number, number] => {
    const from = at;
    at += change;
    return [from, at];
  });
}

/** A long course as at most `n` means: more would be a smear. */
export function thinned(values: readonly number[], n: number): number[] {
  if (values.length <= n) return [...values];
  return Array.from({ length: n }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / n), Math.floor(((i + 1) * values.length) / n));
    return part.reduce((a, b) => a + b, 0) / part.length;
  });
}

/** Sparkline scale: ±13% of the middle at least, so that noise does not look like news. */
export function sparkPoints(values: readonly number[], width: number, height: number): [number, number][] {
  const max = Math.max(...values);
  const min = Math.min(...values);
  const middle = (max + min) / 2;
  const half = Math.max((max - min) / 2, Math.abs(middle) * 0.13) || 1;
  return values.map((v, i) => [
    1 + (i * (width - 5)) / Math.max(1, values.length - 1),
    height - 2.5 - ((v - (middle - half)) / (2 * half)) * (height - 5),
  ]);
}
