/*
 * How one amount became another: from zero, step by step, to the whole change. The steps add up to it exactly,
 * because the last one is what the others leave.
 */
import type { KeyboardEvent } from 'react';
import { currencyForm, moneyText } from '~/lib/money';
import { parse, round } from '~/lib/decimal';
import { Grid } from './furniture';
import { amountAxis, bands, steps } from './geometry';
import { useWidth } from './use-width';

export interface Step {
  key: string;
  label: string;
  hint: string;
  change: string; /* exact */
  onPick?: () => void; /* by pointer or keys */
}

export interface WaterfallProps {
  steps: readonly Step[];
  total: string;
  totalLabel: string;
  totalHint: string;
  currency: string;
  label: string;
  height: number;
}

const colourOf = (v: number) => (v < 0 ? 'var(--down)' : 'var(--up)');

/** As many letters of that size as fit; the whole is in the title. */
function fitted(text: string, width: number, size = 11): string {
  const room = Math.max(4, Math.floor((width - 2) / (size * 0.56)));
  return text.length > room ? `${text.slice(0, room - 1).trimEnd()}…` : text;
}

/** What makes a step a button. */
const pressed = (name: string, onPick: () => void) => ({
  role: 'button',
  tabIndex: 0,
  'aria-label': name,
  className: 'cursor-pointer',
  onClick: onPick,
  onKeyDown: (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onPick();
  },
});

export function Waterfall(props: WaterfallProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const top = 24;
  const left = 44;
  const at = steps(props.steps.map((s) => Number(s.change)));
  const total = Number(props.total);
  const ends = [...at.flat(), total];
  /* below the lowest bar there is room for its amount */
  const bottom = props.height - 44 - (Math.min(...ends) < 0 ? 14 : 0);
  const axis = amountAxis(Math.min(...ends, 0), Math.max(...ends, 0), 4, top, bottom);
  const band = bands(props.steps.length + 1, left, width - 8, 0.62);
  const bar = (from: number, to: number) => {
    const y0 = Math.round(axis.y(Math.max(from, to)));
    return { y: y0, height: Math.max(1, Math.round(axis.y(Math.min(from, to))) - y0) };
  };
  /* cents only where there is room for them */
  const narrow = band.step < 84;
  const small = band.step < 46 ? 10 : 11;
  const amount = (exact: string) => {
    const value = parse(exact);
    const short = narrow && Math.abs(Number(exact)) >= 100;
    const text = moneyText(short ? round(value, 0) : value, props.currency, { symbol: true, sign: true });
    return short ? text.replace(/\.0+$/, '') : text;
  };
  const columns = [
    ...props.steps.map((s, i) => ({ ...s, from: at[i]![0], to: at[i]![1], fill: colourOf(Number(s.change)), last: false })),
    { key: 'total', label: props.totalLabel, hint: props.totalHint, change: props.total, from: 0, to: total, fill: 'var(--series)', last: true, onPick: undefined },
  ];
  return (
    <div ref={ref} className="chart" style={{ height: props.height }}>
      {width > 0 ? (
        <svg width={width} height={props.height} role={props.steps.some((s) => s.onPick) ? 'group' : 'img'} aria-label={props.label}>
          <Grid axis={axis} left={left} right={width - 8} unit={currencyForm(props.currency).symbol} />
          {columns.map((c, i) => {
            const x = band.x(i);
            const middle = x + band.width / 2;
            const { y, height } = bar(c.from, c.to);
            const next = columns[i + 1];
            const below = c.to < c.from;
            return (
              <g key={c.key}>
                <rect x={x} y={y} width={band.width} height={height} fill={c.fill} rx="1" />
                {next ? <path d={`M${x + band.width} ${Math.round(axis.y(c.to)) + 0.5}H${band.x(i + 1)}`} stroke="var(--axis)" /> : null}
                {band.step < 46 ? null : <text className="k" x={middle} y={below ? y + height + 14 : y - 6} textAnchor="middle" style={{ fontWeight: 500 }}>
                  {amount(c.change)}
                </text>}
                <text className={c.last ? 'k' : 'l'} x={middle} y={props.height - 22} textAnchor="middle" style={{ fontSize: small }}>
                  {fitted(c.label, band.step, small)}
                  <title>{c.label}</title>
                </text>
                {narrow ? null : <text x={middle} y={props.height - 7} textAnchor="middle">{fitted(c.hint, band.step)}</text>}
                {/* over the words, not around them: they are cut to fit, and its name is not */}
                {c.onPick ? <rect x={x - 4} y={1} width={band.width + 8} height={props.height - 2} fill="transparent" {...pressed(`${c.label}: ${moneyText(parse(c.change), props.currency, { symbol: true, sign: true })}`, c.onPick)} /> : null}
              </g>
            );
          })}
        </svg>
      ) : null}
    </div>
  );
}

/** One step of the same walk, for a cell of a table: where it begins and ends, and how it hangs together. */
export function StepCell({ from, to, lo, hi, first, last, width = 200, height }: {
  from: number;
  to: number;
  lo: number;
  hi: number;
  first: boolean;
  last: boolean;
  width?: number;
  height: number;
}) {
  const x = (v: number) => Math.round(((v - lo) / Math.max(hi - lo, 1e-9)) * (width - 2)) + 0.5;
  const a = Math.min(x(from), x(to));
  const middle = height / 2;
  return (
    <svg className="step" width={width} height={height} aria-hidden="true">
      <path d={`M${x(0)} 0V${height}`} stroke="var(--line-2)" strokeDasharray="1 2" />
      {first ? null : <path d={`M${x(from)} 0V${middle}`} stroke="var(--axis)" />}
      {last ? null : <path d={`M${x(to)} ${middle}V${height}`} stroke="var(--axis)" />}
      <rect x={a - 0.5} y={middle - 4} width={Math.max(1, Math.abs(x(to) - x(from)))} height="8" rx="1" fill={colourOf(to - from)} />
    </svg>
  );
}
