/*
 * Amounts over time, by name: stacked bars, areas or lines with the comparison as a dotted ghost. One tab
 * stop: arrows move a cursor that is announced, Enter opens what is under it. SVG up to SVG_MARKS marks, a
 * canvas beyond.
 */
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { Swatch } from '~/ui/parts';
import { Money } from '~/ui/money';
import { add, parse, sub, sum, ZERO, type Decimal } from '~/lib/decimal';
import { currencyForm, moneyText } from '~/lib/money';
import { shortLabel } from '~/lib/words';
import { Dotted, Grid, Hatch } from './furniture';
import { SVG_MARKS, amountAxis, areaPath, axisLabels, bands, barMarks, highest, linePath, spread, stacked, type Axis, type Mark } from './geometry';
import { useTheme } from '~/shell/theme';
import { useWidth } from './use-width';

export interface Series {
  key: string;
  label: string;
  colour: string;
  fill: string;
  values: readonly (string | null)[]; /* exact, one a bucket; null: unknown */
}

export interface Pick {
  series: number;
  bucket: number;
  rect: DOMRect;
}

/** What people have said of a step of time. */
export interface ChartNote {
  bucket: number;
  text: string;
}

export interface StackProps {
  kind: 'bars' | 'area' | 'line';
  buckets: readonly string[];
  tick: (bucket: string) => string; /* '': none; of the others as many are shown as have room */
  name: (bucket: string) => string;
  series: readonly Series[];
  ghost?: readonly (string | null)[] | undefined;
  partial: ReadonlySet<number>;
  missing: ReadonlySet<number>;
  currency: string;
  height: number;
  label: string;
  selected?: { series: number; bucket: number } | null | undefined;
  onPick?: ((pick: Pick) => void) | undefined;
  onZoom?: ((from: number, to: number) => void) | undefined;
  notes?: readonly ChartNote[] | undefined;
  onNote?: ((bucket: number) => void) | undefined;
}

const pixels = (text: string | null): number | null => (text === null ? null : Number(text));

function useDrawing(props: StackProps, width: number) {
  const { series, buckets, ghost, height, kind } = props;
  return useMemo(() => {
    const small = width < 560;
    const left = small ? 38 : 44;
    const right = width - (small ? 2 : 118);
    const top = 24;
    const bottom = height - 26;
    const values = series.map((s) => s.values.map(pixels));
    const layers = kind === 'line' ? [] : stacked(values, buckets.length);
    const ends = kind === 'line' ? values.flat().filter((v) => v !== null) : layers.flat(2);
    const ghosts = (ghost ?? []).map(pixels);
    const { max, cut } = highest(ends, ghosts);
    const min = Math.min(0, ...ends, ...ghosts.filter((v) => v !== null));
    const axis = amountAxis(min, max, 4, top, bottom);
    const band = bands(buckets.length, left, right);
    const marks = kind === 'bars' ? barMarks(layers, axis, band) : [];
    const middle = (i: number) => band.x(i) + band.width / 2;
    return { small, left, right, top, bottom, values, layers, ghosts, cut, axis, band, marks, middle };
  }, [series, buckets, ghost, height, kind, width]);
}

type Drawing = ReturnType<typeof useDrawing>;

function Bars({ drawing, props, hatch }: { drawing: Drawing; props: StackProps; hatch: string }) {
  const { selected } = props;
  const dim = (m: Mark) => selected && m.bucket === selected.bucket && m.series !== selected.series;
  return (
    <g>
      {drawing.marks.map((m) => (
        <rect
          key={`${m.series}-${m.bucket}`}
          className="mk"
          x={m.x}
          y={m.y}
          width={m.w}
          height={m.h}
          fill={props.series[m.series]!.fill}
          {...(dim(m) ? { opacity: 0.45 } : {})}
        />
      ))}
      {[...props.partial].map((b) =>
        drawing.marks.filter((m) => m.bucket === b).map((m) => (
          <rect key={`h${m.series}-${b}`} x={m.x} y={m.y} width={m.w} height={m.h} fill={`url(#${hatch})`} pointerEvents="none" />
        )),
      )}
    </g>
  );
}

/** The same bars on a canvas, under the rest: colours are read from the page's tokens when it draws. */
function CanvasBars({ drawing, props, width }: { drawing: Drawing; props: StackProps; width: number }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const { height, series, partial } = props;
  useTheme();
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(canvas);
    const fills = series.map((s) => style.getPropertyValue(s.fill.slice(4, -1)).trim());
    for (const m of drawing.marks) {
      context.fillStyle = fills[m.series]!;
      context.globalAlpha = partial.has(m.bucket) ? 0.45 : 1;
      context.fillRect(m.x, m.y, m.w, m.h);
    }
  });
  return <canvas ref={ref} style={{ position: 'absolute', width, height, left: 0, top: 0, pointerEvents: 'none' }} />;
}

function Shapes({ drawing, props }: { drawing: Drawing; props: StackProps }) {
  const { middle } = drawing;
  if (props.kind === 'line')
    return (
      <g>
        {drawing.values.map((values, k) => (
          <path
            key={props.series[k]!.key}
            d={linePath(values.map((v, i) => [middle(i), v === null || props.partial.has(i) ? null : drawing.axis.y(v)]))}
            fill="none"
            stroke={props.series[k]!.colour}
            strokeWidth="1.75"
            strokeLinejoin="round"
          />
        ))}
      </g>
    );
  return (
    <g>
      {drawing.layers.map((layer, k) => (
        <path
          key={props.series[k]!.key}
          d={areaPath(layer.map(([from, to], i) => (props.partial.has(i) ? null : { x: middle(i), from: drawing.axis.y(from), to: drawing.axis.y(to) })))}
          fill={props.series[k]!.fill}
          stroke="var(--bg)"
          strokeWidth=".75"
        />
      ))}
    </g>
  );
}

function Caps({ drawing, props }: { drawing: Drawing; props: StackProps }) {
  if (props.kind !== 'bars') return null;
  return (
    <g>
      {props.buckets.map((bucket, b) => {
        const own = drawing.marks.filter((m) => m.bucket === b);
        if (props.missing.has(b) || !own.length)
          return props.missing.has(b) ? (
            <rect
              key={bucket}
              x={drawing.band.x(b) + 0.5}
              y={drawing.top + (drawing.bottom - drawing.top) * 0.35}
              width={Math.max(1, drawing.band.width - 1)}
              height={Math.max(1, drawing.axis.y(0) - drawing.top - (drawing.bottom - drawing.top) * 0.35)}
              fill="none"
              stroke="var(--flat)"
              strokeDasharray="2 2"
            />
          ) : null;
        const y = Math.min(...own.map((m) => m.y));
        return <path key={bucket} d={`M${drawing.band.x(b)} ${y + 0.5}h${drawing.band.width}`} stroke="var(--other)" />;
      })}
    </g>
  );
}

function Ghost({ drawing, props }: { drawing: Drawing; props: StackProps }) {
  const { ghosts, axis, cut, middle, top, bottom } = drawing;
  const clip = useId();
  if (!ghosts.length) return null;
  const d = linePath(ghosts.map((v, i) => [middle(i), v === null ? null : axis.y(v)]));
  const peak = cut ? ghosts.reduce<number>((best, v, i) => (v !== null && v > (ghosts[best] ?? 0) ? i : best), 0) : null;
  const amount = peak === null ? null : (props.ghost?.[peak] ?? null);
  return (
    <g pointerEvents="none">
      <clipPath id={clip}><rect x={drawing.left} y={top - 1} width={drawing.right - drawing.left} height={bottom - top + 3} /></clipPath>
      <g clipPath={`url(#${clip})`}>
        <path d={d} fill="none" stroke="var(--halo)" strokeWidth="4" opacity=".75" strokeLinejoin="round" />
        <path d={d} stroke="var(--series)" strokeWidth="1.4" {...Dotted} />
      </g>
      {peak === null || amount === null ? null : (
        <text className="l off" x={middle(peak)} y={top + 13} textAnchor="middle">
          ↑ {moneyText(parse(amount), props.currency)}
        </text>
      )}
    </g>
  );
}

function fitted(label: string): string {
  const short = shortLabel(label);
  return short.length > 15 ? `${short.slice(0, 14).trimEnd()}…` : short;
}

/** Names at the right end, each led to its part of the last complete bar. */
function EndLabels({ drawing, props }: { drawing: Drawing; props: StackProps }) {
  if (drawing.small) return null;
  let at = props.buckets.length - 1;
  while (at > 0 && (props.partial.has(at) || props.missing.has(at))) at--;
  const where = (k: number): number | null => {
    if (props.kind === 'line') return drawing.values[k]?.[at] ?? null;
    const part = drawing.layers[k]?.[at];
    return part && part[0] !== part[1] ? (part[0] + part[1]) / 2 : null;
  };
  const labels = props.series.flatMap((s, k) => {
    const value = where(k);
    return value === null ? [] : [{ s, want: drawing.axis.y(value), y: 0 }];
  });
  const x = drawing.right + 2;
  return (
    <g pointerEvents="none">
      {spread(labels, 15, drawing.top + 4, drawing.bottom - 2).map((l) => (
        <g key={l.s.key}>
          <path d={`M${x} ${l.want.toFixed(1)}L${x + 10} ${l.y.toFixed(1)}H${x + 14}`} fill="none" stroke={l.s.colour} strokeWidth="1.5" />
          <text className="l" x={x + 19} y={l.y + 4}>
            {fitted(l.s.label)}
            <title>{l.s.label}</title>
          </text>
        </g>
      ))}
    </g>
  );
}

const totalOf = (props: StackProps, bucket: number): Decimal | null => {
  const known = props.series.map((s) => s.values[bucket]).filter((v) => v != null);
  return known.length ? sum(known.map(parse)) : null;
};

function HoverCard({ props, bucket, x, width }: { props: StackProps; bucket: number; x: number; width: number }) {
  const total = totalOf(props, bucket);
  const rows = props.series
    .map((s) => ({ s, value: s.values[bucket] }))
    .filter((r): r is { s: Series; value: string } => r.value != null && r.value !== '0');
  const shown = rows.slice(0, 4);
  const shownSum = shown.reduce((t, r) => add(t, parse(r.value)), ZERO);
  return (
    <div className="pop hovercard" style={{ top: 0, left: x > width / 2 ? x - 248 - 16 : x + 16 }}>
      <header>
        <span>{props.name(props.buckets[bucket]!)}</span>
        <Money value={total} currency={props.currency} symbol />
      </header>
      <ul>
        {shown.map((r) => (
          <li key={r.s.key}>
            <Swatch colour={r.s.colour} />
            <span className="ell">{r.s.label}</span>
            <Money value={r.value} currency={props.currency} />
          </li>
        ))}
        {rows.length > 4 && total ? (
          <li className="t2">
            {rows.length - 4} more
            <Money value={sub(total, shownSum)} currency={props.currency} />
          </li>
        ) : null}
      </ul>
      {props.partial.has(bucket) ? <p className="s t2">Not complete yet</p> : null}
    </div>
  );
}

interface Cursor {
  bucket: number;
  series: number;
}

/** Pointer and keys: which bucket is under the cursor, what is picked, what is brushed. */
function useCursor(props: StackProps, drawing: Drawing) {
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const [brush, setBrush] = useState<{ from: number; to: number } | null>(null);
  const down = useRef<number | null>(null);
  const last = props.buckets.length - 1;

  const bucketAt = (event: PointerEvent<SVGSVGElement>): { bucket: number; y: number } | null => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - box.left;
    if (x < drawing.left || x > drawing.right) return null;
    const bucket = Math.min(last, Math.max(0, Math.floor((x - drawing.left) / drawing.band.step)));
    return { bucket, y: event.clientY - box.top };
  };
  const seriesAt = (bucket: number, y: number): number => {
    const inBars = drawing.marks.find((m) => m.bucket === bucket && y >= m.y && y <= m.y + m.h + 1);
    if (inBars) return inBars.series;
    const layer = drawing.layers.findIndex((l) => {
      const p = l[bucket];
      return p !== undefined && y >= drawing.axis.y(Math.max(...p)) && y <= drawing.axis.y(Math.min(...p));
    });
    return layer;
  };
  const rectOf = (box: DOMRect, bucket: number) =>
    new DOMRect(box.left + drawing.band.x(bucket), box.top + drawing.top, drawing.band.width, 8);

  return {
    cursor,
    brush,
    svg: {
      onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
        const at = bucketAt(event);
        setCursor(at ? { bucket: at.bucket, series: seriesAt(at.bucket, at.y) } : null);
        if (down.current !== null && at && props.onZoom && at.bucket !== down.current)
          setBrush({ from: Math.min(down.current, at.bucket), to: Math.max(down.current, at.bucket) });
      },
      onPointerLeave: () => {
        setCursor(null);
        setBrush(null);
        down.current = null;
      },
      onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
        down.current = event.button === 0 ? (bucketAt(event)?.bucket ?? null) : null;
      },
      onPointerUp: (event: PointerEvent<SVGSVGElement>) => {
        const at = bucketAt(event);
        if (brush && props.onZoom) props.onZoom(brush.from, brush.to);
        else if (at && down.current !== null && props.onPick)
          props.onPick({ bucket: at.bucket, series: seriesAt(at.bucket, at.y), rect: rectOf(event.currentTarget.getBoundingClientRect(), at.bucket) });
        setBrush(null);
        down.current = null;
      },
    },
    onKeyDown: (event: KeyboardEvent<HTMLDivElement>) => {
      const at = cursor ?? { bucket: last, series: 0 };
      const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const turn = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (move !== undefined) setCursor({ ...at, bucket: cursor ? Math.min(last, Math.max(0, at.bucket + move)) : last });
      else if (turn !== undefined) setCursor({ ...at, series: (at.series + turn + props.series.length) % props.series.length });
      else if (event.key === 'Home') setCursor({ ...at, bucket: 0 });
      else if (event.key === 'End') setCursor({ ...at, bucket: last });
      else if (event.key === 'Enter' && props.onPick)
        props.onPick({ ...at, series: Math.max(0, at.series), rect: rectOf(event.currentTarget.getBoundingClientRect(), at.bucket) });
      else if (event.key === 'Escape' && cursor) setCursor(null);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    onBlur: () => setCursor(null),
  };
}

function valueText(props: StackProps, cursor: Cursor | null): string {
  if (!cursor) return `${props.buckets.length} steps; use the arrow keys`;
  const total = totalOf(props, cursor.bucket);
  const s = props.series[cursor.series];
  const own = s?.values[cursor.bucket];
  const parts = [
    props.name(props.buckets[cursor.bucket]!),
    total ? moneyText(total, props.currency) : 'unknown',
    s && own != null ? `${s.label} ${moneyText(parse(own), props.currency)}` : '',
    props.partial.has(cursor.bucket) ? 'not complete' : '',
  ];
  return parts.filter(Boolean).join(', ');
}

const NOTE_LETTER = 6.1;

/** Triangles over the steps that somebody has said something of; their words where these have room. */
function Notes({ props, drawing }: { props: StackProps; drawing: Drawing }) {
  const notes = [...(props.notes ?? [])].sort((a, b) => a.bucket - b.bucket);
  return (
    <>
      {notes.map((note, i) => {
        const x = drawing.middle(note.bucket);
        const next = notes[i + 1];
        const room = Math.min(next ? drawing.middle(next.bucket) - x - 26 : Infinity, drawing.right + 60 - x - 16);
        const fits = Math.floor(room / NOTE_LETTER);
        const words = note.text.split(/\s+/).slice(0, 3).join(' ');
        const shown = words.length <= fits ? words : fits >= 8 ? `${words.slice(0, fits - 1).trimEnd()}…` : '';
        return (
          <button
            key={note.bucket}
            type="button"
            className="chart-note"
            style={{ left: x - 12 }}
            aria-label={`Note on ${props.name(props.buckets[note.bucket]!)}: ${note.text}`}
            title={note.text}
            onClick={() => props.onNote?.(note.bucket)}
          >
            <svg width="8" height="6" viewBox="0 0 8 6" aria-hidden="true"><path d="M0 0h8L4 6z" fill="currentColor" /></svg>
            {drawing.small ? '' : shown}
          </button>
        );
      })}
    </>
  );
}

export function StackChart(props: StackProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const drawing = useDrawing(props, width);
  const { cursor, brush, svg, onKeyDown, onBlur } = useCursor(props, drawing);
  const hatch = useId();
  const { left, right, top, bottom, band } = drawing;
  const labels = axisLabels(props.buckets.map(props.tick), right - left);
  const onCanvas = props.kind === 'bars' && drawing.marks.length > SVG_MARKS;
  const shown = cursor ?? props.selected ?? null;
  const grid = <Grid axis={drawing.axis as Axis} left={left} right={right} unit={currencyForm(props.currency).symbol} />;
  return (
    <div className="chart-box">
      <div
        ref={ref}
        className="chart"
        style={{ height: props.height }}
        role="slider"
        tabIndex={0}
        aria-label={props.label}
        aria-valuemin={0}
        aria-valuemax={props.buckets.length - 1}
        aria-valuenow={cursor?.bucket ?? props.buckets.length - 1}
        aria-valuetext={valueText(props, cursor)}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
      >
        {width > 0 ? (
          <>
            {onCanvas ? (
              <>
                <svg className="absolute" width={width} height={props.height} aria-hidden="true">{grid}</svg>
                <CanvasBars drawing={drawing} props={props} width={width} />
              </>
            ) : null}
            <svg className="relative" width={width} height={props.height} aria-hidden="true" {...svg}>
              <Hatch id={hatch} />
              <rect x={left} y={0} width={Math.max(0, right - left)} height={props.height} fill="transparent" />
              {shown ? <rect x={left + shown.bucket * band.step} y={top - 8} width={band.step} height={bottom - top + 8} fill="var(--hover)" opacity={onCanvas ? 0.55 : 1} /> : null}
              {brush ? (
                <rect x={left + brush.from * band.step} y={top - 8} width={(brush.to - brush.from + 1) * band.step} height={bottom - top + 8} fill="var(--accent-soft)" />
              ) : null}
              {onCanvas ? null : grid}
              {props.kind === 'bars' ? onCanvas ? null : <Bars drawing={drawing} props={props} hatch={hatch} /> : <Shapes drawing={drawing} props={props} />}
              {onCanvas ? null : <Caps drawing={drawing} props={props} />}
              <Ghost drawing={drawing} props={props} />
              <EndLabels drawing={drawing} props={props} />
              {labels.map(({ at, text }) => (
                <text key={at} className="tick" x={drawing.middle(at)} y={props.height - 8} textAnchor="middle">{text}</text>
              ))}
            </svg>
            {cursor && !props.selected ? <HoverCard props={props} bucket={cursor.bucket} x={drawing.middle(cursor.bucket)} width={width} /> : null}
          </>
        ) : null}
      </div>
      {width > 0 && props.notes?.length ? <Notes props={props} drawing={drawing} /> : null}
    </div>
  );
}
