import { useMemo, useState } from 'react';
import { lengthOf, rangeWords } from '~/lib/dates';
import { only, type Order } from '~/lib/plan';
import type { ExploreSearch } from '~/lib/search';
import type { Spot } from '~/ui/menu';
import { useSetSearch } from '~/shell/use-scope';
import { withBeside } from '~/api/told';
import { OTHER_KEY, type SeriesAnswer } from '../../use-series';
import { childRows, nameRows, otherRow, restRow, totalRow, type Answers, type TableRow } from '../rows';
import type { Question } from '../use-explore';
import { CostTable } from './cost-table';
import type { Target } from './mark-menu';

/** Names with their children, and what is beyond the top under Other until it is opened. */
function useRows(q: Question, answers: Answers, nested: Answers | undefined, byAmount: boolean, open: ReadonlySet<string>) {
  return useMemo(() => {
    const all = nameRows(answers, q.by[0]!, q.byChange);
    const children = nested && q.by[1] ? childRows(nested, q.by[0]!, q.by[1]) : new Map<string, TableRow[]>();
    const grown = (row: TableRow): TableRow[] => {
      const own = children.get(row.key) ?? [];
      const rest = own.length ? restRow(row, own) : null;
      const inside = rest ? [...own, rest] : own;
      return [{ ...row, children: own.length }, ...(open.has(row.key) ? inside : [])];
    };
    const top = all.slice(0, q.top);
    const other = byAmount ? otherRow({ ...answers, count: Math.max(answers.count, all.length) }, top) : null;
    if (!other) return all.flatMap(grown);
    const rest = open.has(other.key) ? all.slice(q.top).flatMap(grown) : [];
    return [...top.flatMap(grown), other, ...rest];
  }, [q, answers, nested, byAmount, open]);
}

export function TrendTable({ q, answers, nested, series, currency, search, today, metricName, onTarget, onEnd, onOther }: {
  q: Question;
  answers: Answers;
  nested: Answers | undefined;
  series: SeriesAnswer | undefined;
  currency: string;
  search: ExploreSearch;
  today: string;
  metricName: string;
  onTarget: (target: Target) => void;
  onEnd: (() => void) | undefined;
  onOther: () => void; /* the rows under Other are about to be seen */
}) {
  const set = useSetSearch();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const order: Order = search.order ?? { by: q.scope.metric, dir: 'desc' };
  const byAmount = order.by === q.scope.metric && order.dir === 'desc';
  const rows = useRows(q, answers, nested, byAmount, open);
  const toggle = (key: string) => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    if (next.has(OTHER_KEY)) onOther();
    setOpen(next);
  };
  const courses = useMemo(
    () => {
      const other = series?.series.find((s) => s.key === OTHER_KEY);
      const all: [string, readonly (string | null)[]][] = [...(series?.byKey ?? []), ...(other ? [[OTHER_KEY, other.values] as [string, readonly (string | null)[]]] : [])];
      return new Map(all.map(([key, values]) => [key, values.filter((_, i) => !series!.partial.has(i))]));
    },
    [series],
  );
  const pick = (row: TableRow, spot: Spot) => {
    const child = row.kind === 'child';
    const dimension = (child ? q.by[1] : q.by[0])!;
    onTarget({
      spot, label: withBeside(row.label, row.beside), colour: series?.colours.get(row.key) ?? null, when: rangeWords(q.scope.time, today), time: q.scope.time,
      filters: [...q.scope.filters, ...(child ? [only(q.by[0]!.id, row.parent)] : []), only(dimension.id, row.id)],
      dimension: dimension.id, dimensionName: dimension.name, id: row.id, amount: row.amount,
    });
  };
  return (
    <CostTable
      rows={rows}
      total={totalRow(answers)}
      name={q.by.map((d) => d.name).join(', ')}
      metricName={metricName}
      metric={q.scope.metric}
      currency={currency}
      compares={q.whole.compare !== null}
      spanName={`${lengthOf(q.scope.time)} days`}
      colours={series?.colours}
      courses={courses}
      open={open}
      order={order}
      onOrder={(by) => set({ order: by === order.by ? { by, dir: order.dir === 'desc' ? 'asc' : 'desc' } : { by, dir: 'desc' } })}
      onToggle={toggle}
      onPick={pick}
      onEnd={onEnd}
    />
  );
}
