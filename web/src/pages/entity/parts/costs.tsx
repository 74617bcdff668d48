/* The cost of a thing over time, its table, and the menu of each figure: as in Explore, of these charges alone. */
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { Summary } from '~/api/types';
import { KeyHatch, KeyLine } from '~/charts/furniture';
import { rangeWords } from '~/lib/dates';
import type { Filter, Plan } from '~/lib/plan';
import type { Anchor, ExploreSearch, Scope } from '~/lib/search';
import { METRIC_SHORT } from '~/lib/words';
import { Section } from '~/ui/parts';
import { Empty, Loaded, Skeleton } from '~/ui/states';
import { Acts } from '../../explore/parts/acts';
import { ChargesDrawer } from '../../explore/parts/charges';
import type { MarkTarget } from '../../explore/parts/mark-menu';
import { NoteDialog, type NoteAsked } from '../../explore/parts/notes';
import { TrendChart } from '../../explore/parts/trend-chart';
import type { useCosts } from '../use-entity';

const TrendTable = lazy(() => import('../../explore/parts/trend-table').then((m) => ({ default: m.TrendTable })));

interface CostsProps {
  costs: ReturnType<typeof useCosts>;
  own: readonly Filter[]; /* the condition that makes the thing */
  question: ExploreSearch; /* the same in Explore */
  search: ExploreSearch;
  scope: Scope;
  anchor: Anchor;
  summary: Summary;
  currency: string;
  title: string;
  name: string; /* of the thing */
  tools?: ReactNode;
  nothing: ReactNode;
}

/** Explore with the same question, and what the figure says. */
function useGo(question: ExploreSearch) {
  const navigate = useNavigate();
  return (patch: { [K in keyof ExploreSearch]?: ExploreSearch[K] | undefined }) => {
    const said = { ...question, ...patch };
    void navigate({ to: '/explore', search: Object.fromEntries(Object.entries(said).filter(([, v]) => v !== undefined)) as ExploreSearch });
  };
}

export function Costs({ costs, own, question, search, anchor, currency, title, name, tools, nothing }: CostsProps) {
  const { q, asked, table, series, ghost } = costs;
  const [target, setTarget] = useState<MarkTarget | null>(null);
  const [rows, setRows] = useState<{ plan: Plan; name: string } | null>(null);
  const [note, setNote] = useState<NoteAsked | null>(null);
  const go = useGo(question);
  if (table.data && !table.isPlaceholderData && table.data.count === 0) return <Empty icon="calendar" title="No charge in this time">{nothing}</Empty>;
  return (
    <>
      <Section title={title} tools={<>{tools}<Key q={q} partial={(series.data?.partial.size ?? 0) > 0} today={anchor.today} /></>}>
        <Loaded query={series} height={352} skeleton="bars">
          {(answer) => (
            <TrendChart q={q} answer={answer} ghost={ghost} kind="bars" currency={currency} today={anchor.today} selected={target?.mark ?? null} onTarget={setTarget} onNote={setNote} title={name} />
          )}
        </Loaded>
      </Section>
      <Suspense fallback={<Skeleton height={360} />}>
        <Loaded query={table} height={360}>
          {(answers) => (
            <TrendTable
              q={q} answers={answers} nested={undefined} series={series.data} currency={currency} search={asked} today={anchor.today}
              metricName={METRIC_SHORT[q.scope.metric]} onTarget={setTarget} onEnd={table.more} onOther={() => undefined}
            />
          )}
        </Loaded>
      </Suspense>
      {target ? (
        <Acts
          key={`${target.dimension}${target.id}`} target={target} q={q} own={[...own, ...(search.filters ?? [])]} currency={currency} go={go}
          onClose={() => setTarget(null)} onCharges={setRows} onNote={setNote}
        />
      ) : null}
      {rows ? <ChargesDrawer {...rows} onClose={() => setRows(null)} /> : null}
      {note ? <NoteDialog {...note} onClose={() => setNote(null)} /> : null}
    </>
  );
}

function Key({ q, partial, today }: { q: CostsProps['costs']['q']; partial: boolean; today: string }) {
  return (
    <span className="key hide-s hide-m">
      {q.scope.compare ? <span><KeyLine stroke="var(--series)" dotted />{rangeWords(q.scope.compare, today)}</span> : null}
      {partial ? <span><KeyHatch />Not complete</span> : null}
    </span>
  );
}
