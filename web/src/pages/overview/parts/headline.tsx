import type { Result } from '~/api/types';
import { abs, parse, sign, sub, type Decimal } from '~/lib/decimal';
import { moneyText } from '~/lib/money';
import { movers } from '../movers';
import type { Month } from '../use-overview';

/** The answer first: where the month stands, and what moved it. */
export function Headline({ month, now, before, currency, services, failed }: {
  month: Month;
  now: Decimal;
  before: Decimal | null;
  currency: string;
  services: Result | undefined;
  failed: boolean; /* what moved it will not be known */
}) {
  const change = before === null ? null : sub(now, before);
  const way = change === null ? 0 : sign(change);
  return (
    <h1>
      {month.name} stands at {moneyText(now, currency)}
      {change === null
        ? '.'
        : way === 0
          ? `, exactly as ${month.beforeName} at the same day.`
          : `, ${moneyText(abs(change), currency)} ${way > 0 ? 'more' : 'less'} than ${month.beforeName} at the same day.`}
      {services ? <Movers result={services} currency={currency} /> : failed ? <span>What moved it is not known right now.</span> : null}
    </h1>
  );
}

function Movers({ result, currency }: { result: Result; currency: string }) {
  const { risers, fallers } = movers(result, 'service', 1);
  const up = risers[0];
  const down = fallers[0];
  const amount = (change: string) => <em className="m">{moneyText(parse(change), currency, { symbol: true, sign: true })}</em>;
  if (!up && !down) return <span>No service changed.</span>;
  return (
    <span>
      {up ? <>{up.label} rose most, {amount(up.change)}</> : null}
      {up && down ? '; ' : ''}
      {down ? <>{down.label} fell most, {amount(down.change)}</> : null}.
    </span>
  );
}
