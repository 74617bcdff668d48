import { linePath, sparkPoints, thinned } from './geometry';

/** A row's course, for the shape alone: no scale, no verdict. */
export function Spark({ values, width = 100, height = 22 }: { values: readonly number[]; width?: number; height?: number }) {
  if (values.length < 2) return null;
  const points = sparkPoints(thinned(values, width / 2), width, height);
  const last = points.at(-1)!;
  return (
    <svg className="spark" width={width} height={height} aria-hidden="true">
      <path d={linePath(points)} fill="none" stroke="var(--text-3)" strokeWidth="1.25" strokeLinejoin="round" />
      <circle cx={last[0]} cy={last[1]} r="1.9" fill="var(--text-2)" />
    </svg>
  );
}
