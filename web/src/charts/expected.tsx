/*
 * What a day cost against what was expected of it: the band of what is usual, the days outside of it, and the span
 * that they make. One tab stop: arrows move a cursor that is announced.
 */
import { useState, type KeyboardEvent, type PointerEvent } from 'react';
import { addDays, bucketText, shortDay, weekday } from '~/lib/dates';
import { parse } from '~/lib/decimal';
import { currencyForm, moneyText } from '~/lib/money';
import { Money } from '~/ui/money';
import { Dotted, Grid } from './furniture';
import { amountAxis, areaPath, everyNth, linePath, spread, type Axis } from './geometry';
import { useWidth } from './use-width';

export interface ExpectedDay {
  date: string;
  actual: string | null; /* exact; null: not known */
  expected: number | null; /* estimates; null: too little past */
  low: number | null;
  high: number | null;
  unusual: boolean;
}

export interface ExpectedProps {
  days: readonly ExpectedDay[];
  currency: string;
  height: number;
  label: string;
  today: string;
  ends: { actual: string; expected: string } | null; /* what stands at the ends of the two lines */
}

const value = (text: string | null): number | null => (text === null ? null : Number(text));

interface Drawing {
  small: boolean;
  left: number;
  right: number;
  top: number;
  bottom: number;
  axis: Axis;
  step: number;
  x: (i: number) => number;
  span: [number, number] | null; /* first and last unusual day */
}

function drawingOf({ days, height }: ExpectedProps, width: number): Drawing {
  const small = width < 560;
  const left = small ? 38 : 44;
  const right = width - (small ? 8 : 112);
  const [top, bottom] = [24, height - 26];
  const known = days.flatMap((d) => [value(d.actual), d.expected, d.low, d.high]).filter((v) => v !== null);
  const unusual = days.flatMap((d, i) => (d.unusual ? [i] : []));
  const step = (right - left) / Math.max(1, days.length - 1);
  return {
    small, left, right, top, bottom, step,
    axis: amountAxis(Math.min(0, ...known), Math.max(0, ...known), 3, top, bottom),
    x: (i) => left + i * step,
    span: unusual.length ? [unusual[0]!, unusual.at(-1)!] : null,
  };
}

const line = (d: Drawing, values: readonly (number | null)[]): string => linePath(values.map((v, i) => [d.x(i), v === null ? null : d.axis.y(v)]));
const band = (days: readonly ExpectedDay[], x: (i: number) => number, y: (v: number) => number): string =>
  areaPath(days.map((d, i) => (d.low === null || d.high === null ? null : { x: x(i), from: y(d.low), to: y(d.high) })));

function Span({ d, days }: { d: Drawing; days: readonly ExpectedDay[] }) {
  if (!d.span) return null;
  const n = days.filter((day) => day.unusual).length;
  const from = Math.max(d.left, d.x(d.span[0]) - d.step / 2);
  const to = Math.min(d.right, d.x(d.span[1]) + d.step / 2);
  const text = n === 1 ? 'One unusual day' : `${n} unusual days`;
  const late = from > d.right - text.length * 6;
  return (
    <g>
      <rect x={from} y={d.top - 8} width={Math.max(2, to - from)} height={d.bottom - d.top + 8} fill="var(--bad-soft)" opacity=".65" />
      <text x={late ? to : from} y={10} textAnchor={late ? 'end' : 'start'} style={{ fill: 'var(--bad)', fontWeight: 500 }}>{text}</text>
    </g>
  );
}

function Lines({ d, days }: { d: Drawing; days: readonly ExpectedDay[] }) {
  return (
    <g>
      <path d={band(days, d.x, d.axis.y)} fill="var(--expect)" />
      <path d={line(d, days.map((p) => p.expected))} stroke="var(--ghost)" strokeWidth="1.4" {...Dotted} />
      <path d={line(d, days.map((p) => value(p.actual)))} fill="none" stroke="var(--series)" strokeWidth="2" strokeLinejoin="round" />
      {days.map((p, i) => (p.unusual && p.actual !== null ? <circle key={p.date} cx={d.x(i)} cy={d.axis.y(Number(p.actual))} r={d.step < 8 ? 2.5 : 3.5} fill="var(--bad)" stroke="var(--halo)" strokeWidth="1.5" /> : null))}
    </g>
  );
}

function Ends({ d, days, ends }: { d: Drawing; days: readonly ExpectedDay[]; ends: ExpectedProps['ends'] }) {
  if (d.small || !ends) return null;
  const lastOf = (of: (p: ExpectedDay) => number | null) => days.map(of).filter((v) => v !== null).at(-1);
  const [actual, expected] = [lastOf((p) => value(p.actual)), lastOf((p) => p.expected)];
  const labels = [
    ...(actual === undefined ? [] : [{ name: 'Actual', text: ends.actual, want: d.axis.y(actual), y: 0, fill: 'var(--text)' }]),
    ...(expected === undefined ? [] : [{ name: 'Expected', text: ends.expected, want: d.axis.y(expected), y: 0, fill: 'var(--text-2)' }]),
  ];
  return (
    <g>
      {spread(labels, 30, d.top + 2, d.bottom - 14).map((l) => (
        <g key={l.name}>
          <text className="l" x={d.right + 10} y={l.y - 1} style={{ fill: l.fill }}>{l.name}</text>
          <text className="k" x={d.right + 10} y={l.y + 13} style={{ fill: l.fill }}>{l.text}</text>
        </g>
      ))}
    </g>
  );
}

/* As far as the buttons of a figure reach below a chart. */
const BUTTONS = 40;

/** Mondays, or the k-th of them where they have no room. */
function Ticks({ d, days, height }: { d: Drawing; days: readonly ExpectedDay[]; height: number }) {
  const mondays = days.flatMap((p, i) => (weekday(p.date) === 1 ? [i] : []));
  const nth = everyNth(mondays.length, Math.floor((d.right - d.left) / 56));
  const shown = (mondays.length ? mondays : [0]).filter((i, k) => k % nth === 0 && (d.small || d.x(i) < d.right - BUTTONS));
  return shown.map((i) => <text key={i} x={d.x(i)} y={height - 8} textAnchor="middle">{shortDay(days[i]!.date)}</text>);
}

const cents = (v: number | null) => (v === null ? null : v.toFixed(2));

function Card({ day, x, width, props }: { day: ExpectedDay; x: number; width: number; props: ExpectedProps }) {
  return (
    <div className="pop hovercard" style={{ top: 0, left: x > width / 2 ? x - 248 - 16 : x + 16 }}>
      <header>
        <span>{bucketText(day.date, 'day', props.today)}</span>
        <Money value={day.actual} currency={props.currency} symbol />
      </header>
      <ul>
        <li>Expected <Money value={cents(day.expected)} currency={props.currency} /></li>
        <li>Usual from <Money value={cents(day.low)} currency={props.currency} /></li>
        <li>to <Money value={cents(day.high)} currency={props.currency} /></li>
      </ul>
      {day.expected === null ? <p className="s t2">Too little past to expect anything</p> : null}
    </div>
  );
}

function spoken(day: ExpectedDay | undefined, props: ExpectedProps): string {
  if (!day) return `${props.days.length} days; use the arrow keys`;
  const money = (text: string | null) => (text === null ? 'unknown' : moneyText(parse(text), props.currency));
  return [bucketText(day.date, 'day', props.today), money(day.actual), `expected ${money(cents(day.expected))}`, day.unusual ? 'unusual' : ''].filter(Boolean).join(', ');
}

export function ExpectedChart(props: ExpectedProps) {
  const { days, height } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const [cursor, setCursor] = useState<number | null>(null);
  const d = drawingOf(props, Math.max(width, 240));
  const last = days.length - 1;
  const at = cursor === null ? undefined : days[Math.min(cursor, last)];
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move !== undefined) setCursor(cursor === null ? last : Math.min(last, Math.max(0, cursor + move)));
    else if (event.key === 'Home') setCursor(0);
    else if (event.key === 'End') setCursor(last);
    else if (event.key === 'Escape' && cursor !== null) setCursor(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setCursor(x < d.left - 8 || x > d.right + 8 ? null : Math.min(last, Math.max(0, Math.round((x - d.left) / d.step))));
  };
  return (
    <div
      ref={ref} className="chart" style={{ height }} role="slider" tabIndex={0}
      aria-label={props.label} aria-valuemin={0} aria-valuemax={last} aria-valuenow={cursor ?? last} aria-valuetext={spoken(at, props)}
      onKeyDown={onKeyDown} onBlur={() => setCursor(null)}
    >
      {width > 0 ? (
        <>
          <svg width={width} height={height} aria-hidden="true" onPointerMove={onPointerMove} onPointerLeave={() => setCursor(null)}>
            <rect x={d.left} y={0} width={Math.max(0, d.right - d.left)} height={height} fill="transparent" />
            <Span d={d} days={days} />
            <Grid axis={d.axis} left={d.left} right={d.right} unit={currencyForm(props.currency).symbol} />
            {cursor === null ? null : <path d={`M${Math.round(d.x(cursor)) + 0.5} ${d.top - 8}V${d.bottom}`} stroke="var(--line-2)" />}
            <Lines d={d} days={days} />
            <Ends d={d} days={days} ends={props.ends} />
            <Ticks d={d} days={days} height={height} />
          </svg>
          {at ? <Card day={at} x={d.x(cursor!)} width={width} props={props} /> : null}
        </>
      ) : null}
    </div>
  );
}

export function ExpectedTable({ days, currency, today }: Pick<ExpectedProps, 'days' | 'currency' | 'today'>) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col" className="r">Actual, {currency}</th>
          <th scope="col" className="r">Expected</th>
          <th scope="col" className="r hide-s">Usual from</th>
          <th scope="col" className="r hide-s">to</th>
          <th scope="col"><span className="sr">Unusual</span></th>
        </tr>
      </thead>
      <tbody>
        {days.map((d) => (
          <tr key={d.date}>
            <td>{bucketText(d.date, 'day', today)}</td>
            <td className="r"><Money value={d.actual} currency={currency} /></td>
            <td className="r t2"><Money value={cents(d.expected)} currency={currency} /></td>
            <td className="r t2 hide-s"><Money value={cents(d.low)} currency={currency} /></td>
            <td className="r t2 hide-s"><Money value={cents(d.high)} currency={currency} /></td>
            <td className="bad">{d.unusual ? 'unusual' : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const SPARK = { width: 96, height: 26, days: 30 } as const;

/** The same for a row, in little: the last days up to the end of the case. */
export function ExpectedSpark({ days, end }: { days: readonly ExpectedDay[]; end: string }) {
  const { width, height } = SPARK;
  const shown = days.filter((p) => p.date <= addDays(end, 7)).slice(-SPARK.days);
  const known = shown.flatMap((p) => [value(p.actual), p.low, p.high]).filter((v) => v !== null);
  if (known.length < 2) return null;
  const [min, max] = [Math.min(...known), Math.max(...known)];
  const x = (i: number) => 1 + (i * (width - 5)) / Math.max(1, shown.length - 1);
  const y = (v: number) => height - 2.5 - ((v - min) / (max - min || 1)) * (height - 5);
  const path = (keep: (p: ExpectedDay) => boolean) => linePath(shown.map((p, i) => [x(i), p.actual !== null && keep(p) ? y(Number(p.actual)) : null]));
  const lastAt = shown.findLastIndex((p) => p.unusual && p.actual !== null);
  return (
    <svg className="spark" width={width} height={height} aria-hidden="true">
      <path d={band(shown, x, y)} fill="var(--expect)" />
      <path d={path(() => true)} fill="none" stroke="var(--text-3)" strokeWidth="1.25" strokeLinejoin="round" />
      <path d={path((p) => p.unusual)} fill="none" stroke="var(--bad)" strokeWidth="1.75" strokeLinejoin="round" />
      {lastAt < 0 ? null : <circle cx={x(lastAt)} cy={y(Number(shown[lastAt]!.actual))} r="1.9" fill="var(--bad)" />}
    </svg>
  );
}
