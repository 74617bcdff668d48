/* What every chart shares: gridlines with their amounts, the hatch of a day that is not complete. */
import { axisText, type Axis } from './geometry';

export function Grid({ axis, left, right, unit, sign }: { axis: Axis; left: number; right: number; unit: string; sign?: boolean }) {
  return (
    <g>
      {axis.ticks.map((tick, i) => (
        <g key={tick}>
          <path d={`M${left} ${Math.round(axis.y(tick)) + 0.5}H${right}`} stroke={tick === 0 ? 'var(--axis)' : 'var(--grid)'} />
          <text x={left - 8} y={Math.round(axis.y(tick)) + 4} textAnchor="end">
            {i === axis.ticks.length - 1 ? unit : ''}
            {sign && tick > 0 ? '+' : ''}
            {axisText(tick)}
          </text>
        </g>
      ))}
    </g>
  );
}

export function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="2.6" height="5" fill="var(--bg)" opacity=".78" />
      </pattern>
    </defs>
  );
}

export const Dotted = { fill: 'none', strokeDasharray: '1 3.2', strokeLinecap: 'round' } as const;

/* signs for the key beside a heading */
export function KeyLine({ stroke, dotted }: { stroke: string; dotted?: boolean }) {
  return (
    <svg viewBox="0 0 18 10" aria-hidden="true">
      <path d="M0 5h18" stroke={stroke} strokeWidth={dotted ? 1.5 : 2.2} {...(dotted ? Dotted : {})} />
    </svg>
  );
}

export function KeyHatch() {
  return (
    <svg viewBox="0 0 18 10" aria-hidden="true">
      <rect width="18" height="10" fill="var(--flat)" />
      <path d="M-2 10 8 0M4 10 14 0M10 10 20 0" stroke="var(--bg)" strokeWidth="2" />
    </svg>
  );
}
