/*
 * The month so far against the month before at the same day: two cumulative lines, and below them their
 * distance, where the eye can read what two near-straight lines hide.
 */
import { currencyForm, moneyText } from '~/lib/money';
import { parse, sub, toPixels } from '~/lib/decimal';
import { Dotted, Grid } from './furniture';
import { amountAxis, linePath, spread } from './geometry';
import { useWidth } from './use-width';

export interface MonthProps {
  days: number; /* of the longer month */
  now: readonly string[]; /* cumulative, exact, to the last whole day */
  before: readonly string[];
  /** The rest of the month: running totals from day `from` on, and between what the last of them may be. */
  expected: { from: number; path: readonly number[]; lo: number; hi: number; text: string } | null;
  nowName: string;
  beforeName: string;
  nowText: string;
  untilText: string;
  currency: string;
  label: string;
  height: number;
  notes: readonly { day: number; text: string }[]; /* day: 0 is the first */
}

function scales(props: MonthProps, width: number) {
  const small = width < 560;
  const left = small ? 38 : 44;
  const right = width - (small ? 8 : 112);
  const upper = { top: 14, bottom: small ? 164 : 200 };
  const lower = { top: upper.bottom + (small ? 34 : 40), bottom: props.height - 26 };
  const now = props.now.map(Number);
  const before = props.before.map(Number);
  const gap = props.now.map((v, i) => (props.before[i] === undefined ? null : toPixels(sub(parse(v), parse(props.before[i])))));
  const known = gap.filter((v) => v !== null);
  const ahead = props.expected ? [...props.expected.path, props.expected.lo, props.expected.hi] : [];
  return {
    small, left, right, upper, lower, now, before, gap,
    x: (i: number) => left + (i * (right - left)) / Math.max(1, props.days - 1),
    main: amountAxis(Math.min(0, ...now, ...before, ...ahead), Math.max(...now, ...before, ...ahead, 0), 4, upper.top, upper.bottom, true),
    distance: amountAxis(Math.min(0, ...known), Math.max(0, ...known), 3, lower.top, lower.bottom),
  };
}

type Scales = ReturnType<typeof scales>;

function Lines({ s }: { s: Scales }) {
  const path = (values: readonly (number | null)[], y: (v: number) => number) =>
    linePath(values.map((v, i) => [s.x(i), v === null ? null : y(v)]));
  return (
    <g>
      <path d={path(s.before, s.main.y)} stroke="var(--ghost)" strokeWidth="1.4" {...Dotted} />
      <path d={path(s.now, s.main.y)} fill="none" stroke="var(--series)" strokeWidth="2.25" strokeLinejoin="round" />
      <path d={`M${s.left} ${Math.round(s.distance.y(0)) + 0.5}H${s.right}`} stroke="var(--ghost)" strokeWidth="1.4" {...Dotted} />
      <path d={path(s.gap, s.distance.y)} fill="none" stroke="var(--series)" strokeWidth="2" strokeLinejoin="round" />
    </g>
  );
}

/** The forecast, dotted like all that is not a figure of the bill, in the wedge that the month's total may end in. */
function Ahead({ s, props }: { s: Scales; props: MonthProps }) {
  const e = props.expected;
  if (!e) return null;
  const points = e.path.map((v, i): [number, number] => [s.x(e.from + i), s.main.y(v)]);
  const [x, y] = points[0]!;
  const end = points.at(-1)![0];
  return (
    <g>
      <path d={`M${x} ${y}L${end} ${s.main.y(e.hi)}V${s.main.y(e.lo)}Z`} fill="var(--series)" opacity="0.14" />
      <path d={linePath(points)} stroke="var(--series)" strokeWidth="1.75" {...Dotted} />
    </g>
  );
}

/* As wide as an amount gets beside its point. */
const LABEL = 90;

function Now({ s, props }: { s: Scales; props: MonthProps }) {
  const at = s.now.length - 1;
  if (at < 0) return null;
  const x = s.x(at);
  const y = s.main.y(s.now[at]!);
  const gap = s.gap[at] ?? null;
  const exact = props.before[at] === undefined ? null : sub(parse(props.now[at]!), parse(props.before[at]));
  /* on the side of the line where the other month is not */
  const under = (s.before[at] ?? -Infinity) > s.now[at]!;
  const right = x < s.left + 140 || (under && x + 90 < s.right + (s.small ? 0 : 60));
  const anchor = right ? 'start' : 'end';
  const side = right ? x + 9 : x - 9;
  /* words to the left of the point stand clear of the line that leads to it */
  const lowest = Math.max(...s.now.filter((_, i) => s.x(i) > x - LABEL).map(s.main.y));
  const text = under ? Math.min(right ? y + 16 : lowest + 18, s.upper.bottom - 20) : Math.max(y - 20, 12);
  const beyond = x + LABEL > s.right + (s.small ? 0 : 104);
  const highest = Math.min(...s.gap.filter((g, i) => g !== null && s.x(i) > x - LABEL).map((g) => s.distance.y(g!)));
  return (
    <g>
      <path d={`M${Math.round(x) + 0.5} ${s.upper.top - 4}V${s.lower.bottom + 4}`} stroke="var(--line-2)" />
      <circle cx={x} cy={y} r="4" fill="var(--series)" stroke="var(--halo)" strokeWidth="2" />
      {gap === null ? null : <circle cx={x} cy={s.distance.y(gap)} r="3.5" fill="var(--series)" stroke="var(--halo)" strokeWidth="2" />}
      <g style={{ paintOrder: 'stroke', stroke: 'var(--halo)', strokeWidth: 4, strokeLinejoin: 'round' }}>
        <text className="k" x={side} y={text} textAnchor={anchor}>{props.nowText}</text>
        <text className="l" x={side} y={text + 14} textAnchor={anchor}>{props.untilText}</text>
        {gap === null || exact === null ? null : (
          <text className="k" x={beyond ? x + 4 : x + 9} y={beyond ? highest - 10 : s.distance.y(gap) + 4} textAnchor={beyond ? 'end' : 'start'}>
            {moneyText(exact, props.currency, { symbol: true, sign: true })}
          </text>
        )}
      </g>
    </g>
  );
}

/** Notes from left to right, each with its first words where these meet no others. */
function placed(s: Scales, notes: MonthProps['notes']) {
  let free = -Infinity;
  return [...notes]
    .sort((a, b) => a.day - b.day)
    .map((note) => {
      const x = Math.round(s.x(note.day)) + 0.5;
      const words = note.text.split(/\s+/).slice(0, 3).join(' ');
      const end = x + 10 + words.length * 6;
      const shown = !s.small && x >= free && end < s.right;
      if (shown) free = end + 6;
      return { x, text: note.text, words: shown ? words : '' };
    });
}

/** A dot on the axis for each note. */
function Notes({ s, props }: { s: Scales; props: MonthProps }) {
  const y = Math.round(s.main.y(0));
  return (
    <g>
      {placed(s, props.notes).map((note, i) => (
        <g key={i}>
          <path d={`M${note.x} ${y}v-16`} stroke="var(--line-2)" />
          <circle cx={note.x} cy={y} r="2.5" fill="var(--text-2)" />
          <text className="l" x={note.x + 5} y={y - 7}>{note.words}</text>
          <title>{note.text}</title>
        </g>
      ))}
    </g>
  );
}

/** Where each line ends, and with what. */
function EndLabels({ s, props }: { s: Scales; props: MonthProps }) {
  const last = props.before.at(-1);
  const e = props.expected;
  if (s.small) return null;
  /* on the last days of a month there is no room beside the amount so far */
  const ahead = e && s.x(e.from + e.path.length - 1) - s.x(e.from) > LABEL ? e : null;
  const labels = [
    ...(last === undefined ? [] : [{ name: props.beforeName, text: moneyText(parse(last), props.currency), x: s.x(props.before.length - 1), want: s.main.y(Number(last)), y: 0, fill: 'var(--text-2)' }]),
    ...(ahead ? [{ name: 'Expected', text: ahead.text, x: s.x(ahead.from + ahead.path.length - 1), want: s.main.y(ahead.path.at(-1)!), y: 0, fill: 'var(--text)' }] : []),
  ];
  return (
    <g>
      {spread(labels, 30, s.upper.top + 2, s.upper.bottom).map((l) => (
        <g key={l.name}>
          <text x={l.x + 8} y={l.y - 1} style={{ fill: l.fill }}>{l.name}</text>
          <text className="k" x={l.x + 8} y={l.y + 13} style={{ fill: l.fill }}>{l.text}</text>
        </g>
      ))}
    </g>
  );
}

export function MonthChart(props: MonthProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const s = scales(props, Math.max(width, 240));
  const days = Array.from({ length: props.days }, (_, i) => i).filter((i) => i === 0 || (i + 1) % 5 === 0);
  return (
    <div ref={ref} className="chart" style={{ height: props.height }}>
      {width > 0 ? (
        <svg width={width} height={props.height} role="img" aria-label={props.label}>
          <Grid axis={s.main} left={s.left} right={s.right} unit={currencyForm(props.currency).symbol} />
          <Grid axis={s.distance} left={s.left} right={s.right} unit="" sign />
          <text className="l" x={s.left} y={s.lower.top - 12}>Against {props.beforeName}</text>
          <Ahead s={s} props={props} />
          <Lines s={s} />
          <Notes s={s} props={props} />
          <EndLabels s={s} props={props} />
          <Now s={s} props={props} />
          {days.map((i) => (
            <text key={i} x={s.x(i)} y={props.height - 6} textAnchor="middle">
              {i + 1}
              {i === 0 ? ` ${props.nowName.slice(0, 3)}` : ''}
            </text>
          ))}
        </svg>
      ) : null}
    </div>
  );
}
