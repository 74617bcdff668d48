import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { notesQuery } from '~/api/queries';
import { Figure, SeriesTable } from '~/charts/figure';
import { KeyLine } from '~/charts/furniture';
import { MonthChart } from '~/charts/month';
import { StackChart, type Series } from '~/charts/stack';
import { addMonths, buckets, bucketText, dayOfMonth, daysBetween, shortDay, shortMonth } from '~/lib/dates';
import { parse } from '~/lib/decimal';
import { moneyText } from '~/lib/money';
import { Section, Segmented } from '~/ui/parts';
import { expectedText, type Expected } from '../expected';
import { cumulative, isOpen, type Month } from '../use-overview';

const NONE: ReadonlySet<number> = new Set();

export function MonthSection({ month, daily, expected, unknown, currency }: {
  month: Month;
  daily: ReadonlyMap<string, string>;
  expected: Expected | null; /* null: it is not known yet, or there is nothing to expect any more */
  unknown: boolean; /* it will not be known */
  currency: string;
}) {
  const [view, setView] = useState<'cumulative' | 'daily'>('cumulative');
  const all = useQuery(notesQuery()).data ?? [];
  const notes = all.filter((n) => n.date >= month.now.start && n.date < month.now.end);
  const now = cumulative(daily, month.now);
  const hasBefore = buckets(month.beforeWhole, 'day').some((d) => daily.has(d));
  const before = hasBefore ? cumulative(daily, month.beforeWhole) : [];
  const days = buckets(month.now, 'day');
  const series: Series[] = [
    { key: 'now', label: month.name, colour: 'var(--s5)', fill: 'var(--s5)', values: days.map((d) => daily.get(d) ?? '0') },
  ];
  const sentence = `${month.name} to ${shortDay(month.until)}: ${moneyText(parse(now.at(-1) ?? '0'), currency)}${
    hasBefore ? `; ${month.beforeName} at the same day ${moneyText(parse(before[now.length - 1] ?? before.at(-1)!), currency)}` : ''
  }.`;
  const outlook = expected ? expectedText(expected, month, currency) : unknown ? `What ${month.name} will come to is not known right now.` : '';
  const ghost = hasBefore ? buckets(month.before, 'day').map((d) => daily.get(d) ?? '0') : undefined;
  return (
    <Section
      title="Month to date"
      tools={
        <>
          <span className="key hide-s hide-m">
            <span>
              <KeyLine stroke="var(--series)" />
              {month.name}
            </span>
            {hasBefore ? (
              <span>
                <KeyLine stroke="var(--ghost)" dotted />
                {month.beforeName}
              </span>
            ) : null}
            {expected && view === 'cumulative' ? (
              <span>
                <KeyLine stroke="var(--series)" dotted />
                Expected
              </span>
            ) : null}
          </span>
          <Segmented label="Month to date as" value={view} onChange={setView} options={[['cumulative', 'Cumulative'], ['daily', 'Daily']]} />
        </>
      }
    >
      <Figure sentence={sentence} table={<SeriesTable buckets={days} name={(d) => bucketText(d, 'day')} series={series} currency={currency} />}>
        {view === 'cumulative' ? (
          <MonthChart
            days={Math.max(daysBetween(month.beforeWhole.start, month.beforeWhole.end), daysBetween(month.now.start, addMonths(month.now.start, 1)))}
            expected={expected ? { ...expected, text: moneyText(expected.amount, currency) } : null}
            now={now}
            before={before}
            nowName={month.name}
            beforeName={month.beforeName}
            nowText={moneyText(parse(now.at(-1) ?? '0'), currency)}
            untilText={`to ${shortDay(month.until)}`}
            currency={currency}
            label={outlook ? `${sentence} ${outlook}` : sentence}
            height={372}
            notes={notes.map((n) => ({ day: daysBetween(month.now.start, n.date), text: n.text }))}
          />
        ) : (
          <StackChart
            kind="bars"
            buckets={days}
            tick={(d) => (dayOfMonth(d) === 1 ? `1 ${shortMonth(d)}` : String(dayOfMonth(d)))}
            name={(d) => bucketText(d, 'day')}
            series={series}
            ghost={ghost}
            partial={NONE}
            missing={NONE}
            currency={currency}
            height={372}
            label={`Daily cost, ${sentence}`}
            notes={notes.map((n) => ({ bucket: daysBetween(month.now.start, n.date), text: n.text }))}
          />
        )}
      </Figure>
      {isOpen(month) ? <p className="outlook s t2 mt-2">{outlook}</p> : null}
    </Section>
  );
}
