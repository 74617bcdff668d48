import { format, parse, type Decimal } from '~/lib/decimal';
import { moneyParts } from '~/lib/money';

interface Props {
  value: Decimal | string | null | undefined;
  currency: string | null | undefined;
  symbol?: boolean;
  sign?: boolean;
  ruled?: boolean; /* the accountant's rule under a total */
}

/** By how much an amount differs; nothing is ±0.00. */
export function Change({ value, currency }: Pick<Props, 'value' | 'currency'>) {
  const decimal = typeof value === 'string' ? parse(value) : value;
  return decimal?.units === 0n ? <span className="t3">±0.00</span> : <Money value={decimal} currency={currency} sign />;
}

/** An amount, cents set quietly. Unknown is a dash; every digit is in the title where some are not shown. */
export function Money({ value, currency, symbol, sign, ruled }: Props) {
  if (value === null || value === undefined || !currency) return <span className="m t3" title="unknown">–</span>;
  const decimal = typeof value === 'string' ? parse(value) : value;
  const p = moneyParts(decimal, currency, { symbol: symbol ?? false, sign: sign ?? false });
  return (
    <span className={ruled ? 'm rule' : 'm'} {...(p.rounded ? { title: `${format(decimal)} ${currency}` } : {})}>
      {p.sign}
      {p.symbol}
      {p.whole}
      {p.cents ? <i>{p.cents}</i> : null}
    </span>
  );
}
