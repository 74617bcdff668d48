/* Civil dates as text (YYYY-MM-DD), UTC throughout; ranges are half open. No clock is read here but by instantText(). */
export type Day = string;

export interface Range {
  readonly start: Day;
  readonly end: Day; /* not included */
}

export type Grain = 'none' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

const MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const MONTHS_LONG = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
] as const;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

const pad = (n: number, w = 2): string => String(n).padStart(w, '0');
const stamp = (day: Day): number => Date.parse(`${day}T00:00:00Z`);
const ofStamp = (ms: number): Day => new Date(ms).toISOString().slice(0, 10);

export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = stamp(text);
  return !Number.isNaN(ms) && ofStamp(ms) === text;
}

export const year = (day: Day): number => Number(day.slice(0, 4));
export const month = (day: Day): number => Number(day.slice(5, 7));
export const dayOfMonth = (day: Day): number => Number(day.slice(8, 10));
export const weekday = (day: Day): number => new Date(stamp(day)).getUTCDay();

export const addDays = (day: Day, n: number): Day => ofStamp(stamp(day) + n * MS);
export const daysBetween = (a: Day, b: Day): number => Math.round((stamp(b) - stamp(a)) / MS);
export const lengthOf = (r: Range): number => daysBetween(r.start, r.end);
export const monthStart = (day: Day): Day => `${day.slice(0, 7)}-01`;
export const earlier = (a: Day, b: Day): Day => (a < b ? a : b);

/** Months later, the day cut at the month's end. */
export function addMonths(day: Day, n: number): Day {
  const index = year(day) * 12 + month(day) - 1 + n;
  const first = `${pad(Math.floor(index / 12), 4)}-${pad((index % 12) + 1)}-01`;
  return addDays(first, Math.min(dayOfMonth(day), monthLength(first)) - 1);
}

export const monthLength = (day: Day): number => new Date(Date.UTC(year(day), month(day), 0)).getUTCDate();

export function parseRange(text: string): Range | null {
  const [start, end, more] = text.split('..');
  if (!start || !end || more !== undefined || !isDay(start) || !isDay(end) || start >= end) return null;
  return { start, end };
}

export const rangeText = (r: Range): string => `${r.start}..${r.end}`;

function startOf(day: Day, grain: Grain): Day {
  switch (grain) {
    case 'week':
      return addDays(day, -((weekday(day) + 6) % 7));
    case 'month':
      return monthStart(day);
    case 'quarter':
      return addMonths(monthStart(day), -((month(day) - 1) % 3));
    case 'year':
      return `${day.slice(0, 4)}-01-01`;
    default:
      return day;
  }
}

export function nextOf(day: Day, grain: Grain): Day {
  switch (grain) {
    case 'week':
      return addDays(day, 7);
    case 'month':
      return addMonths(day, 1);
    case 'quarter':
      return addMonths(day, 3);
    case 'year':
      return addMonths(day, 12);
    default:
      return addDays(day, 1);
  }
}

/** The buckets of a range, named as the API names them (their first day; hours as RFC 3339). */
export function buckets(range: Range, grain: Grain): string[] {
  if (grain === 'none') return [];
  const out: string[] = [];
  for (let day = startOf(range.start, grain); day < range.end; day = nextOf(day, grain)) {
    if (grain !== 'hour') out.push(day);
    else for (let h = 0; h < 24; h++) out.push(`${day}T${pad(h)}:00:00Z`);
  }
  return out;
}

/** Hour to 3 days, day to 92, week to 372, else month. */
export function autoGrain(range: Range): Grain {
  const n = lengthOf(range);
  return n <= 3 ? 'hour' : n <= 92 ? 'day' : n <= 186 ? 'week' : 'month';
}

/** Begins on a first and stays in that month, or is made of whole months. */
export function monthShape(r: Range): 'part' | 'whole' | null {
  if (dayOfMonth(r.start) !== 1) return null;
  if (dayOfMonth(r.end) === 1) return 'whole';
  return monthStart(addDays(r.end, -1)) === r.start ? 'part' : null;
}

const monthsIn = (r: Range): number => (year(r.end) - year(r.start)) * 12 + month(r.end) - month(r.start);

/** The same days of the month before; the whole months before; else the days just before. */
export function previousRange(r: Range): Range {
  const shape = monthShape(r);
  if (shape === 'whole') return { start: addMonths(r.start, -monthsIn(r)), end: r.start };
  if (shape === 'part') {
    const start = addMonths(r.start, -1);
    return { start, end: earlier(addDays(start, lengthOf(r)), r.start) };
  }
  return { start: addDays(r.start, -lengthOf(r)), end: r.start };
}

/** The latest earlier range of the same length that begins on the same weekday. */
export function sameWeekdays(r: Range): Range {
  const shift = Math.ceil(lengthOf(r) / 7) * 7;
  return { start: addDays(r.start, -shift), end: addDays(r.end, -shift) };
}

export const yearBefore = (r: Range): Range => ({ start: addMonths(r.start, -12), end: addMonths(r.end, -12) });

/* ---- words ---- */

/** "12 Nov", with the year when it is not that of `today`. */
export function dayText(day: Day, today?: Day): string {
  const text = `${dayOfMonth(day)} ${MONTHS[month(day) - 1]}`;
  return today && day.slice(0, 4) === today.slice(0, 4) ? text : `${text} ${day.slice(0, 4)}`;
}

export const shortDay = (day: Day): string => `${dayOfMonth(day)} ${MONTHS[month(day) - 1]}`;
const weekdayText = (day: Day): string => WEEKDAYS[weekday(day)]!;
export const monthText = (day: Day): string => MONTHS_LONG[month(day) - 1]!;
export const shortMonth = (day: Day): string => MONTHS[month(day) - 1]!;

/** "1–20 Nov", "17 Sep–16 Oct"; the year where it is not that of `today`, or always without one. */
export function rangeWords(r: Range, today?: Day): string {
  const last = addDays(r.end, -1);
  const inYear = today !== undefined && r.start.slice(0, 4) === today.slice(0, 4) && last.slice(0, 4) === today.slice(0, 4);
  const tail = inYear ? '' : ` ${last.slice(0, 4)}`;
  if (r.start === last) return shortDay(last) + tail;
  if (monthShape(r) === 'whole') {
    if (monthsIn(r) === 1) return `${monthText(r.start)}${tail}`;
    const head = r.start.slice(0, 4) === last.slice(0, 4) ? '' : ` ${r.start.slice(0, 4)}`;
    return `${shortMonth(r.start)}${head}–${shortMonth(last)}${tail}`;
  }
  if (r.start.slice(0, 7) === last.slice(0, 7)) return `${dayOfMonth(r.start)}–${shortDay(last)}${tail}`;
  const head = r.start.slice(0, 4) === last.slice(0, 4) ? '' : ` ${r.start.slice(0, 4)}`;
  return `${shortDay(r.start)}${head}–${shortDay(last)}${tail}`;
}

/** A bucket under an axis or in a card; days of another year than that of `today` say theirs. */
export function bucketText(bucket: string, grain: Grain, today?: Day): string {
  const day = bucket.slice(0, 10);
  const tail = today && day.slice(0, 4) !== today.slice(0, 4) ? ` ${day.slice(0, 4)}` : '';
  switch (grain) {
    case 'hour':
      return `${weekdayText(day)} ${shortDay(day)}${tail} ${bucket.slice(11, 16)}`;
    case 'day':
      return `${weekdayText(day)} ${shortDay(day)}${tail}`;
    case 'week':
      return `Week of ${shortDay(day)}${tail}`;
    case 'month':
      return `${monthText(day)} ${day.slice(0, 4)}`;
    case 'quarter':
      return `Q${Math.floor((month(day) - 1) / 3) + 1} ${day.slice(0, 4)}`;
    default:
      return day.slice(0, 4);
  }
}

/** The days of a bucket, cut to the range that was asked for. */
export function bucketRange(bucket: string, grain: Grain, within: Range): Range {
  const day = bucket.slice(0, 10);
  const start = day < within.start ? within.start : day;
  return { start, end: earlier(nextOf(day, grain), within.end) };
}

/** An instant up to which there is data: last whole day, and the hour when a day has begun. */
export function untilOf(instant: string): { lastWholeDay: Day; text: string; partial: boolean } {
  const day = instant.slice(0, 10);
  const time = instant.slice(11, 16);
  const whole = time === '' || time === '00:00';
  const lastWholeDay = addDays(day, -1);
  return { lastWholeDay, partial: !whole, text: whole ? shortDay(lastWholeDay) : `${shortDay(day)} ${time}` };
}

/** "October 2026" of the billing period "2026-10". */
export const periodText = (period: string): string => bucketText(`${period}-01`, 'month');

/** "20 Nov 06:38", UTC, with the year when it is not this one. */
export const instantText = (instant: string, today: Day = new Date().toISOString()): string =>
  `${dayText(instant.slice(0, 10), today)} ${instant.slice(11, 16)}`;
