/* One cell a day and source: what has arrived. State by fill and by sign, never by colour alone. */
import { useId } from 'react';
import { Hatch } from './furniture';
import { middleCut } from '~/lib/words';
import { useWidth } from './use-width';

export type Arrival = 'whole' | 'part' | 'due' | 'missing' | 'none';

export interface HeatRow {
  key: string;
  name: string;
  end: string;
  late: boolean;
  cells: readonly Arrival[];
}

export const ARRIVAL_WORDS: Record<Arrival, string> = {
  whole: 'complete', part: 'not complete', due: 'not due yet', missing: 'missing', none: 'no charges',
};

function Cell({ state, x, y, w, h, hatch }: { state: Arrival; x: number; y: number; w: number; h: number; hatch: string }) {
  const outline = (stroke: string, dash?: string) => (
    <rect x={x + 0.5} y={y + 0.5} width={w - 1} height={h - 1} rx="1.5" fill={state === 'missing' ? 'var(--warn-soft)' : 'var(--surface)'} stroke={stroke} strokeDasharray={dash} />
  );
  const block = <rect x={x} y={y} width={w} height={h} rx="1.5" fill="var(--s5)" />;
  switch (state) {
    case 'whole':
      return block;
    case 'part':
      return (
        <>
          {block}
          <rect x={x} y={y} width={w} height={h} fill={`url(#${hatch})`} />
        </>
      );
    case 'due':
      return outline('var(--line-2)', '2 2');
    case 'missing':
      return (
        <>
          {outline('var(--warn)')}
          <path d={`M${x + w / 2} ${y + h * 0.22}v${h * 0.32}M${x + w / 2} ${y + h * 0.7}v${h * 0.07}`} stroke="var(--warn)" strokeWidth="1.5" />
        </>
      );
    case 'none':
      return null;
  }
}

/** Strip of one source, for a narrow column. */
export function HeatStrip({ cells, width = 178, label }: { cells: readonly Arrival[]; width?: number; label: string }) {
  const hatch = useId();
  const step = width / Math.max(cells.length, 1);
  return (
    <svg width={width} height="14" role="img" aria-label={label}>
      <Hatch id={hatch} />
      {cells.map((state, i) => (
        <Cell key={i} state={state} x={Math.round(i * step)} y={0} w={Math.max(2, Math.round(step) - 2)} h={14} hatch={hatch} />
      ))}
    </svg>
  );
}

/** One cell by itself, for the key. */
export function HeatKey({ state }: { state: Arrival }) {
  const hatch = useId();
  return (
    <svg className="heat-key" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      <Hatch id={hatch} />
      <Cell state={state} x={0} y={0} w={10} h={10} hatch={hatch} />
    </svg>
  );
}

const LETTER_PX = 7;

export function HeatMap({ rows, ticks, label }: { rows: readonly HeatRow[]; ticks: readonly (string | null)[]; label: string }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const hatch = useId();
  /* a narrow screen has the name over its cells */
  const small = width < 560;
  const longest = Math.max(0, ...rows.map((r) => r.name.length));
  const left = small ? 0 : Math.min(Math.max(120, longest * LETTER_PX + 12), Math.max(176, width * 0.24));
  const right = small ? 0 : 116;
  const step = (width - left - right) / Math.max(1, ticks.length);
  const rowHeight = small ? 46 : 26;
  const height = 22 + rows.length * rowHeight + 4;
  const cellTop = small ? 20 : 0;
  const ends = (row: HeatRow) => (row.late ? { fill: 'var(--warn)' } : {});
  return (
    <div ref={ref} className="chart" style={{ height }}>
      {width > 0 ? (
        <svg width={width} height={height} role="img" aria-label={label}>
          <Hatch id={hatch} />
          {ticks.map((t, i) => (t && left + i * step + 40 < width && (!small || i % 14 < 7) ? <text key={i} x={left + i * step} y="12">{t}</text> : null))}
          {rows.map((row, k) => {
            const y = 22 + k * rowHeight;
            return (
              <g key={row.key}>
                <text className="name" x="0" y={y + 15}>
                  {middleCut(row.name, Math.floor((small ? width - 110 : left - 12) / LETTER_PX))}
                  <title>{row.name}</title>
                </text>
                <text className="l" x={width} y={y + 15} textAnchor="end" style={ends(row)}>{row.end}</text>
                {row.cells.map((state, i) => {
                  const x = Math.round(left + i * step);
                  const next = Math.round(left + (i + 1) * step);
                  return <Cell key={i} state={state} x={x} y={y + cellTop} w={Math.max(1, next - x - (step > 6 ? 2 : 1))} h={21} hatch={hatch} />;
                })}
              </g>
            );
          })}
        </svg>
      ) : null}
    </div>
  );
}
