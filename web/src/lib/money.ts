/* Money in words: exact digits in, grouped text out, cents apart so that they can be set quietly. */
import { fixed, parse, percent, round, sign, abs, sub, type Decimal } from './decimal';

const LOCALE = 'en-US';
const MINUS = '−';

interface CurrencyForm {
  digits: number;
  symbol: string;
}

const forms = new Map<string, CurrencyForm>();

export function currencyForm(currency: string): CurrencyForm {
  let form = forms.get(currency);
  if (!form) {
    form = { digits: 2, symbol: `${currency} ` };
    try {
      const f = new Intl.NumberFormat(LOCALE, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' });
      const symbol = f.formatToParts(0).find((p) => p.type === 'currency')?.value ?? currency;
      form = {
        digits: f.resolvedOptions().maximumFractionDigits ?? 2,
        symbol: symbol.length > 1 ? `${symbol} ` : symbol,
      };
    } catch {
      /* a unit that Intl does not know, such as a provider's virtual currency, keeps its code */
    }
    forms.set(currency, form);
  }
  return form;
}

const grouped = new Intl.NumberFormat(LOCALE);
export const groupInteger = (digits: string): string => grouped.format(BigInt(digits));
export const count = (n: number): string => grouped.format(n);
/** "1 charge", "1,204 charges". */
export const countOf = (n: number, one: string, several = `${one}s`): string => `${count(n)} ${n === 1 ? one : several}`;
/** "+41", "−3", "±0". */
export const signedCount = (n: number): string => (n === 0 ? '±0' : `${n > 0 ? '+' : MINUS}${count(Math.abs(n))}`);

export interface MoneyParts {
  sign: string;
  symbol: string;
  whole: string;
  cents: string; /* with its point, may be empty */
  exact: string; /* every digit, for copying */
  rounded: boolean;
}

export interface MoneyOptions {
  symbol?: boolean;
  sign?: boolean; /* + on a rise */
}

export function moneyParts(value: Decimal, currency: string, options: MoneyOptions = {}): MoneyParts {
  const form = currencyForm(currency);
  let shown = round(value, form.digits);
  /* less than a cent keeps two digits that say something */
  if (shown.units === 0n && value.units !== 0n) shown = round(value, leadingZeros(value) + 2);
  const text = fixed(abs(shown));
  const [whole = '0', cents] = text.split('.');
  const s = sign(shown);
  return {
    sign: s < 0 ? MINUS : s > 0 && options.sign ? '+' : '',
    symbol: options.symbol ? form.symbol : '',
    whole: groupInteger(whole),
    cents: cents ? `.${cents}` : '',
    exact: fixed(value),
    rounded: value.scale > shown.scale && round(value, shown.scale).units * 10n ** BigInt(value.scale - shown.scale) !== value.units,
  };
}

/** Zeros after the point before the first digit that is not one. */
function leadingZeros(value: Decimal): number {
  const digits = abs(value).units.toString().length;
  return Math.max(0, value.scale - digits);
}

export function moneyText(value: Decimal, currency: string, options: MoneyOptions = { symbol: true }): string {
  const p = moneyParts(value, currency, options);
  return p.sign + p.symbol + p.whole + p.cents;
}

/** "+6.1%", "−0.9%", "3.4×" from a doubling on, "new" where there was nothing before. */
export function changePercent(now: Decimal, before: Decimal): string {
  if (before.units === 0n) return now.units === 0n ? '·' : 'new';
  const pc = percent(sub(now, before), abs(before), 1)!;
  if (pc.units >= 1000n && before.units > 0n) {
    const times = percent(now, before, 0)!;
    return `${fixed(round({ units: times.units, scale: 2 }, 1))}×`;
  }
  return signedPercent(pc);
}

const signedPercent = (pc: Decimal): string =>
  `${pc.units < 0n ? MINUS : pc.units > 0n ? '+' : ''}${fixed(abs(pc))}%`;

export const sharePercent = (part: Decimal, whole: Decimal): string => {
  const pc = percent(part, whole, 1);
  return pc === null ? '–' : `${pc.units < 0n ? MINUS : ''}${fixed(abs(pc))}%`;
};

export const money = (text: string | null | undefined): Decimal | null => (text == null ? null : parse(text));

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;
export function bytesText(n: number): string {
  let i = 0;
  let v = n;
  while (v >= 1000 && i < UNITS.length - 1) {
    v /= 1000;
    i++;
  }
  return `${i === 0 ? v : v < 10 ? v.toFixed(1) : Math.round(v)} ${UNITS[i]}`;
}
