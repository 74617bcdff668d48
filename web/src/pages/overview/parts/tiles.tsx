/* Five figures. A bar under a figure has a stated meaning, or is not there. */
import type { ReactNode } from 'react';
import type { Result } from '~/api/types';
import { abs, add, parse, sign, sub, toPixels, ZERO, type Decimal } from '~/lib/decimal';
import { addMonths, dayOfMonth, monthLength, monthText, rangeWords, shortDay, shortMonth } from '~/lib/dates';
import { changePercent, moneyText, sharePercent } from '~/lib/money';
import { Money } from '~/ui/money';
import type { Month } from '../use-overview';

function Tile({ name, context, value, sense, bar }: { name: string; context: string; value: ReactNode; sense: ReactNode; bar?: ReactNode }) {
  return (
    <div className="kpi">
      <h2>
        {name}
        <span className="t3 hide-m">{context}</span>
      </h2>
      <div className="v">{value}</div>
      <p>{sense}</p>
      <svg className="micro" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        {bar}
      </svg>
    </div>
  );
}

/** The room of the tiles, before it is known which month they are about. */
export function TilesToCome() {
  return (
    <div className="kpis" aria-hidden="true">
      {['Month to date', 'Same day before', 'Change', 'Month before', 'Year to date'].map((name) => (
        <Tile key={name} name={name} context="" value={<span className="sk sk-stat" />} sense={'\u00a0'} />
      ))}
    </div>
  );
}

const share = (part: Decimal, whole: Decimal): number =>
  whole.units === 0n ? 0 : Math.max(0, Math.min(100, (toPixels(part) / toPixels(whole)) * 100));

const Track = () => <rect width="100" height="6" fill="var(--line)" />;

/** Rises and falls of the services, to scale. */
function upsAndDowns(services: Result | undefined): ReactNode {
  if (!services) return null;
  let up = ZERO;
  let down = ZERO;
  for (const row of services.rows) {
    const change = parse((row['change'] as string | null) ?? '0');
    if (sign(change) > 0) up = add(up, change);
    else down = add(down, abs(change));
  }
  const ups = share(up, add(up, down));
  if (add(up, down).units === 0n) return <Track />;
  return (
    <>
      <rect width={Math.max(0, ups - 0.5)} height="6" fill="var(--up)" />
      <rect x={ups + 0.5} width={Math.max(0, 99.5 - ups)} height="6" fill="var(--down)" />
    </>
  );
}

function yearBar(year: Result | undefined, metric: string): ReactNode {
  if (!year) return null;
  const months = year.rows.map((r) => parse(r[metric] as string));
  const total = months.reduce(add, ZERO);
  const starts = months.map((_, i) => share(months.slice(0, i).reduce(add, ZERO), total));
  return months.map((m, i) => (
    <rect key={i} x={starts[i]} width={Math.max(0, share(m, total) - 0.6)} height="6" fill={i === months.length - 1 ? 'var(--text)' : 'var(--s4)'} />
  ));
}

/** What is known of the month; undefined: not yet, null: never. */
export interface MonthFacts {
  now: Decimal | undefined;
  before: Decimal | null | undefined;
  beforeWhole: Decimal | null | undefined;
  yearToDate: Decimal | undefined;
}

export interface TileFacts extends MonthFacts {
  month: Month;
  year: Result | undefined;
  services: Result | undefined;
  currency: string;
  metric: string;
}

/** The month before among its year: how it compares with the one before it. */
function monthBefore(facts: TileFacts): { sense: string; bar: ReactNode } {
  const { month, year, metric, beforeWhole } = facts;
  if (beforeWhole === null) return { sense: 'no bill of this month', bar: null };
  const at = (day: string) => year?.rows.find((r) => String(r['time']).slice(0, 7) === day.slice(0, 7))?.[metric];
  const earlier = at(addMonths(month.beforeWhole.start, -1));
  if (typeof earlier !== 'string' || !beforeWhole) return { sense: year ? 'whole month' : '\u00a0', bar: year ? <Track /> : null };
  const older = parse(earlier);
  const most = toPixels(beforeWhole) > toPixels(older) ? beforeWhole : older;
  return {
    sense: `${changePercent(beforeWhole, older)} on ${monthText(addMonths(month.beforeWhole.start, -1))}`,
    bar: (
      <>
        <Track />
        <rect width={share(beforeWhole, most)} height="6" fill="var(--ghost)" />
        <rect x={Math.min(99.4, share(older, most))} y="-2" width=".6" height="10" fill="var(--accent)" />
      </>
    ),
  };
}

export function Tiles({ facts }: { facts: TileFacts }) {
  const { month, now, before, beforeWhole: whole, yearToDate, currency } = facts;
  const span = rangeWords(month.now).replace(/ \d{4}$/, '');
  const spanBefore = rangeWords(month.before).replace(/ \d{4}$/, '');
  const elapsed = (dayOfMonth(month.until) / monthLength(month.until)) * 100;
  const day = dayOfMonth(month.until);
  const money = (value: Decimal | null | undefined, sign = false) =>
    value === undefined ? <span className="sk sk-stat" role="status" aria-label="Loading" /> : <Money value={value} currency={currency} symbol sign={sign} />;
  const october = monthBefore(facts);
  return (
    <section className="kpis" aria-label="Key figures">
      <Tile
        name="Month to date"
        context={span}
        value={money(now)}
        sense={now && whole ? `${sharePercent(now, whole)} of ${month.beforeName}, day ${day} of ${monthLength(month.until)}` : `${day} days`}
        bar={
          now && whole ? (
            <>
              <Track />
              <rect width={share(now, whole)} height="6" fill="var(--text)" />
              <rect x={Math.min(99.4, elapsed)} y="-2" width=".6" height="10" fill="var(--accent)" />
            </>
          ) : null
        }
      />
      <Tile
        name={`${month.beforeName}, same day`}
        context={spanBefore}
        value={money(before)}
        sense={before && whole ? `${sharePercent(before, whole)} of its whole month` : before === null ? 'no bill of these days' : '\u00a0'}
        bar={
          before && whole ? (
            <>
              <Track />
              <rect width={share(before, whole)} height="6" fill="var(--ghost)" />
            </>
          ) : null
        }
      />
      <Tile
        name="Change"
        context="whole days"
        value={money(now && before ? sub(now, before) : before === null ? null : undefined, true)}
        sense={now && before ? `${changePercent(now, before)} on ${spanBefore}` : before === null ? 'nothing to compare with' : '\u00a0'}
        bar={before ? upsAndDowns(facts.services) : null}
      />
      <Tile name={month.beforeName} context="whole month" value={money(whole)} sense={october.sense} bar={october.bar} />
      <Tile
        name="Year to date"
        context={`to ${shortDay(month.until)}`}
        value={money(yearToDate)}
        sense={facts.year?.rows.length ? yearSense(facts.year, facts.metric, currency) : '\u00a0'}
        bar={yearBar(facts.year, facts.metric)}
      />
    </section>
  );
}

function yearSense(year: Result, metric: string, currency: string): string {
  const top = [...year.rows].sort((a, b) => toPixels(parse(b[metric] as string)) - toPixels(parse(a[metric] as string)))[0]!;
  return `dearest ${shortMonth(String(top['time']))}, ${moneyText(parse(top[metric] as string), currency)}`;
}
