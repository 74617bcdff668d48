/* Parts of headlines that more than one page says. */
import { compare, abs, type Decimal } from '~/lib/decimal';
import { rangeWords } from '~/lib/dates';
import { changePercent, moneyText } from '~/lib/money';
import { withBeside } from '~/api/told';
import { nameRows, totalRow, type Answers } from '../rows';
import type { Question } from '../use-explore';

/** "1.9% more than", "3.4× as much as", "much the same as": what stands before the name of the other range. */
function againstWords(now: Decimal, before: Decimal): string {
  const by = changePercent(now, before);
  if (by === 'new') return 'All of it is new against';
  if (by.endsWith('×')) return `${by} as much as`;
  if (/^[+−]?0\.0%$/.test(by) || by === '·') return now.units === before.units ? 'Exactly as much as' : 'Much the same as';
  return `${by.slice(1)} ${by.startsWith('+') ? 'more' : 'less'} than`;
}

/** "1.9% more than 4 to 30 Oct, whole days."; without a comparison what time it is. */
export function againstText(answers: Answers, q: Question, today: string): string {
  const { now, before } = totalRow(answers);
  if (!now || !before || !q.whole.compare) return `${rangeWords(q.scope.time, today)}.`;
  return `${q.whole.time.start > q.scope.time.start ? `Over ${rangeWords(q.whole.time, today)}, ` : ''}${againstWords(now, before)} ${rangeWords(q.whole.compare, today)}${q.whole.cut ? ', whole days' : ''}.`;
}

/** Whose change is largest, whichever way it goes. */
export function Mover({ answers, q, currency }: { answers: Answers; q: Question; currency: string }) {
  const most = nameRows(answers, q.by[0]!, false)
    .filter((r) => r.change !== null && r.change.units !== 0n)
    .sort((a, b) => compare(abs(b.change!), abs(a.change!)))[0];
  if (!most?.change) return null;
  return (
    <>
      {' '}
      {withBeside(most.label, most.beside)} {most.change.units > 0n ? 'rose' : 'fell'} most, <em className="m">{moneyText(most.change, currency, { symbol: true, sign: true })}</em>.
    </>
  );
}
