/* What the month is expected to come to: the server's forecast as the month's chart draws it. */
import type { ForecastAnswer } from '~/api/types';
import { daysBetween } from '~/lib/dates';
import { parse, type Decimal } from '~/lib/decimal';
import { moneyText } from '~/lib/money';
import type { Month } from './use-overview';

export interface Expected {
  from: number; /* the day up to which it is known, 0 the first of the month; -1: none of it is */
  path: readonly number[]; /* running totals from that day on, a day each */
  lo: number;
  hi: number;
  level: number; /* percent */
  amount: Decimal; /* of the whole month */
}

/* A forecast is no exact figure: it is said to the cent. */
const cents = (amount: number): Decimal => parse(amount.toFixed(2));

/** Null where there is no forecast of this month, in this currency, with a band. */
export function expectedOf(answer: ForecastAnswer, month: Month, currency: string): Expected | null {
  const one = answer.series.find((s) => s.currency === currency);
  const band = one?.period?.bands.at(-1);
  if (!one?.period || !band || one.period.start !== month.now.start) return null;
  const path = [Number(one.period.actual)];
  for (const step of one.forecast) path.push(path.at(-1)! + step.mean);
  return {
    from: daysBetween(month.now.start, answer.history_end.date), path,
    lo: band.lo, hi: band.hi, level: band.level, amount: cents(one.period.expected),
  };
}

export const expectedText = (e: Expected, month: Month, currency: string): string =>
  `Expected for ${month.name}: ${moneyText(e.amount, currency)}, between ${moneyText(cents(e.lo), currency)} and ${moneyText(cents(e.hi), currency)} (${e.level}%).`;
