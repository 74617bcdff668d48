/* Five figures. A bar under a figure has a stated meaning, or is not there. */
import type { ReactNode } from 'react';
import type { Freshness, Result } from '~/api/types';
import { abs, add, parse, sign, sub, toPixels, ZERO, type Decimal } from '~/lib/decimal';
import { dayOfMonth, monthLength, rangeWords, shortDay, shortMonth } from '~/lib/dates';
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

export interface TileFacts {
  month: Month;
  now: Decimal;
  before: Decimal | null;
  beforeWhole: Decimal | null;
  year: Result | undefined;
  services: Result | undefined;
  freshness: readonly Freshness[];
  currency: string;
  metric: string;
}

function closed(freshness: readonly Freshness[], period: string): string {
  const rows = freshness.filter((f) => f.billing_period === period);
  const final = rows.filter((f) => f.final === true).length;
  if (!rows.length) return 'no bill of this month';
  if (final === rows.length) return rows.length === 1 ? 'final' : `final from all ${rows.length} sources`;
  return rows.some((f) => f.final === null) ? 'the provider does not say if final' : `final from ${final} of ${rows.length} sources`;
}

export function Tiles({ facts }: { facts: TileFacts }) {
  const { month, now, before, beforeWhole, currency } = facts;
  const span = rangeWords(month.now).replace(/ \d{4}$/, '');
  const elapsed = (dayOfMonth(month.until) / monthLength(month.until)) * 100;
  const yearTotal = facts.year?.rows.map((r) => parse(r[facts.metric] as string)).reduce(add, ZERO) ?? null;
  const days = { units: BigInt(dayOfMonth(month.until)), scale: 0 };
  const whole = beforeWhole;
  return (
    <section className="kpis" aria-label="Key figures">
      <Tile
        name="Month to date"
        context={span}
        value={<Money value={now} currency={currency} symbol />}
        sense={whole ? `${sharePercent(now, whole)} of ${month.beforeName}, day ${days.units} of ${monthLength(month.until)}` : `${days.units} days`}
        bar={
          whole ? (
            <>
              <Track />
              <rect width={share(now, whole)} height="6" fill="var(--text)" />
              <rect x={Math.min(99.5, elapsed)} y="-2" width=".6" height="10" fill="var(--accent)" />
            </>
          ) : null
        }
      />
      <Tile
        name={`${month.beforeName}, same day`}
        context={rangeWords(month.before).replace(/ \d{4}$/, '')}
        value={<Money value={before} currency={currency} symbol />}
        sense={before && whole ? `${sharePercent(before, whole)} of its whole month` : 'no bill of these days'}
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
        value={<Money value={before ? sub(now, before) : null} currency={currency} symbol sign />}
        sense={before ? `${changePercent(now, before)} on ${rangeWords(month.before).replace(/ \d{4}$/, '')}` : 'nothing to compare with'}
        bar={before ? upsAndDowns(facts.services) : null}
      />
      <Tile
        name={month.beforeName}
        context="whole month"
        value={<Money value={whole} currency={currency} symbol />}
        sense={whole ? closed(facts.freshness, month.before.start.slice(0, 7)) : 'no bill of this month'}
      />
      <Tile
        name="Year to date"
        context={`to ${shortDay(month.until)}`}
        value={<Money value={yearTotal} currency={currency} symbol />}
        sense={yearTotal && facts.year?.rows.length ? yearSense(facts.year, facts.metric, currency) : 'not known yet'}
        bar={yearBar(facts.year, facts.metric)}
      />
    </section>
  );
}

function yearSense(year: Result, metric: string, currency: string): string {
  const top = [...year.rows].sort((a, b) => toPixels(parse(b[metric] as string)) - toPixels(parse(a[metric] as string)))[0]!;
  return `dearest ${shortMonth(String(top['time']))}, ${moneyText(parse(top[metric] as string), currency)}`;
}
