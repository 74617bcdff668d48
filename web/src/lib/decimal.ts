/*
 * Exact decimals for money. A value is units × 10^-scale with arbitrary precision; sums, differences and
 * comparisons never round. JavaScript numbers are for pixels only: toPixels() is the single way out.
 */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

export const ZERO: Decimal = { units: 0n, scale: 0 };

const FORM = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/** Reads plain decimal text as the API writes it. Throws on anything else: money is never guessed. */
export function parse(text: string): Decimal {
  const m = FORM.exec(text);
  if (!m) throw new RangeError(`not a decimal: "${text}"`);
  const fraction = m[3] ?? '';
  const units = BigInt(m[2]! + fraction);
  return { units: m[1] === '-' ? -units : units, scale: fraction.length };
}

const ten = (n: number): bigint => 10n ** BigInt(n);

function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.units * ten(scale - a.scale), b.units * ten(scale - b.scale), scale];
}

export function add(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = aligned(a, b);
  return { units: x + y, scale };
}

export function sub(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = aligned(a, b);
  return { units: x - y, scale };
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const v of values) total = add(total, v);
  return total;
}

export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const [x, y] = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

export const negate = (a: Decimal): Decimal => ({ units: -a.units, scale: a.scale });
export const abs = (a: Decimal): Decimal => (a.units < 0n ? negate(a) : a);
export const sign = (a: Decimal): -1 | 0 | 1 => (a.units < 0n ? -1 : a.units > 0n ? 1 : 0);

/** Quotient rounded half to even; the divisor is positive. */
function divideEven(n: bigint, d: bigint): bigint {
  const negative = n < 0n;
  const m = negative ? -n : n;
  let q = m / d;
  const twice = (m % d) * 2n;
  if (twice > d || (twice === d && q % 2n === 1n)) q += 1n;
  return negative ? -q : q;
}

/** Rounded half to even to `scale` digits; a smaller scale is padded, so the text has that many digits. */
export function round(a: Decimal, scale: number): Decimal {
  if (a.scale <= scale) return { units: a.units * ten(scale - a.scale), scale };
  return { units: divideEven(a.units, ten(a.scale - scale)), scale };
}

/** a / b to `scale` digits, half to even; null when b is zero, because the answer is unknown, not 0. */
export function ratio(a: Decimal, b: Decimal, scale: number): Decimal | null {
  if (b.units === 0n) return null;
  const [x, y] = aligned(a, b);
  const flip = y < 0n ? -1n : 1n;
  return { units: divideEven(x * flip * ten(scale), y * flip), scale };
}

/** Part of a whole in percent, one decimal by default. */
export const percent = (a: Decimal, b: Decimal, scale = 1): Decimal | null =>
  ratio({ units: a.units * 100n, scale: a.scale }, b, scale);

/** Every digit, no exponent, no trailing zeros: the form of the API. */
export function format(a: Decimal): string {
  let { units, scale } = a;
  while (scale > 0 && units % 10n === 0n) {
    units /= 10n;
    scale -= 1;
  }
  return fixed({ units, scale });
}

/** Every digit of the scale, trailing zeros kept. */
export function fixed(a: Decimal): string {
  const negative = a.units < 0n;
  const digits = (negative ? -a.units : a.units).toString().padStart(a.scale + 1, '0');
  const cut = digits.length - a.scale;
  return `${negative ? '-' : ''}${digits.slice(0, cut)}${a.scale ? `.${digits.slice(cut)}` : ''}`;
}

/** For positions on a screen and nothing else. */
export const toPixels = (a: Decimal): number => Number(fixed(a));
