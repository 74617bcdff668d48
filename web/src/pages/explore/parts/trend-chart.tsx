import { useQuery } from '@tanstack/react-query';
import { notesQuery } from '~/api/queries';
import { Figure, SeriesTable } from '~/charts/figure';
import { StackChart, type Pick } from '~/charts/stack';
import { bucketRange, bucketText, month, rangeText, rangeWords, shortDay, shortMonth, weekday, type Grain } from '~/lib/dates';
import { ZERO, add, parse } from '~/lib/decimal';
import { moneyText } from '~/lib/money';
import { only } from '~/lib/plan';
import { METRIC_NAMES } from '~/lib/words';
import { useSetSearch } from '~/shell/use-scope';
import { usePictureWords } from './picture-words';
import type { SeriesAnswer } from '../../use-series';
import type { Question } from '../use-explore';
import type { MarkTarget } from './mark-menu';
import type { NoteAsked } from './notes';

function tickText(bucket: string, grain: Grain): string {
  const day = bucket.slice(0, 10);
  if (grain === 'hour') return bucket.slice(11, 13) === '00' ? shortDay(day) : bucket.slice(11, 16);
  if (grain === 'month' || grain === 'quarter') return month(day) === 1 ? day.slice(0, 4) : shortMonth(day);
  if (grain === 'year') return day.slice(0, 4);
  return shortDay(day);
}

/** Mondays of up to two months of days; else any step may be named. */
function mondays(q: Question, buckets: readonly string[]) {
  const on = q.grain === 'day' && buckets.length > 10 && buckets.length <= 62;
  return on ? (b: string) => weekday(b) === 1 : null;
}

export function TrendChart({ q, answer, ghost, kind, currency, today, selected, onTarget, onNote, height = 352, title }: {
  q: Question;
  answer: SeriesAnswer;
  ghost: (string | null)[] | undefined;
  kind: 'bars' | 'area' | 'line';
  currency: string;
  today: string;
  selected: { series: number; bucket: number } | null;
  onTarget: (target: MarkTarget) => void;
  onNote?: (note: NoteAsked) => void; /* without: no notes, and no zoom by the pointer */
  height?: number;
  title?: string; /* of a picture of it; else what is asked */
}) {
  const set = useSetSearch();
  const { scope, grain, by } = q;
  const name = (b: string) => bucketText(b, grain, today);
  const total = answer.totals.reduce((t, v) => (v === null ? t : add(t, parse(v))), ZERO);
  const peak = answer.totals.reduce((best, v, i) => (v !== null && Number(v) > Number(answer.totals[best] ?? '0') ? i : best), 0);
  const sentence = `${METRIC_NAMES[scope.metric]} by ${grain} and ${by[0]!.name.toLowerCase()}, ${rangeWords(scope.time, today)}: ${moneyText(total, currency)}, most on ${name(answer.buckets[peak] ?? scope.time.start)}.`;
  const caption = usePictureWords({ q, answer, ghost: ghost !== undefined, total, currency, today, title });
  const pick = ({ series, bucket, rect }: Pick) => {
    const s = answer.series[series];
    const isOther = series >= answer.ids.length || series < 0;
    const at = answer.buckets[bucket];
    if (at === undefined) return;
    if (!s || isOther) {
      document.querySelector<HTMLButtonElement>('[data-other]')?.click();
      return;
    }
    const id = answer.ids[series]!;
    const value = s.values[bucket] ?? null;
    onTarget({
      spot: rect, label: s.label, colour: s.colour, when: name(at), time: bucketRange(at, grain, scope.time),
      filters: [...scope.filters, only(by[0]!.id, id)], dimension: by[0]!.id, dimensionName: by[0]!.name, id,
      amount: value === null ? null : parse(value), mark: { series, bucket },
    });
  };
  const monday = mondays(q, answer.buckets);
  const notes = useQuery(notesQuery()).data ?? [];
  const told = answer.buckets.flatMap((b, i) => {
    const { start, end } = bucketRange(b, grain, scope.time);
    const own = notes.filter((n) => n.date >= start && n.date < end && (grain !== 'hour' || b.slice(11, 13) === '00'));
    return own.length ? [{ bucket: i, text: own.map((n) => n.text).join('; '), own }] : [];
  });
  return (
    <Figure sentence={sentence} table={<SeriesTable buckets={answer.buckets} name={name} series={answer.series} currency={currency} />} caption={caption}>
      <StackChart
        kind={kind}
        buckets={answer.buckets}
        tick={(b) => (monday && !monday(b) ? '' : tickText(b, grain))}
        name={name}
        series={answer.series}
        ghost={ghost}
        partial={answer.partial}
        missing={answer.missing}
        currency={currency}
        height={height}
        label={sentence}
        selected={selected}
        onPick={pick}
        notes={onNote ? told : undefined}
        onNote={onNote && ((bucket) => onNote({ date: answer.buckets[bucket]!, notes: told.find((t) => t.bucket === bucket)?.own ?? [] }))}
        onZoom={onNote && ((from, to) => {
          const first = bucketRange(answer.buckets[from]!, grain, scope.time);
          const last = bucketRange(answer.buckets[to]!, grain, scope.time);
          set({ time: rangeText({ start: first.start, end: last.end }) });
        })}
      />
    </Figure>
  );
}
