/* How the answer is cut and drawn, and the ways out of the page with it. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { dimensionsQuery, downloadRows, FILE_FORMS, type FileForm } from '~/api/queries';
import { post } from '~/api/client';
import type { DimensionInfo, Explain } from '~/api/types';
import { KeyHatch, KeyLine } from '~/charts/furniture';
import { rangeWords } from '~/lib/dates';
import { asApi, asCli, planText, type Plan } from '~/lib/plan';
import { CHARTS, DEFAULT_BY, TOPS, type ExploreSearch } from '~/lib/search';
import { useCopy } from '~/ui/copy';
import { Icon } from '~/ui/icon';
import { Act, Choice, Group, Menu, Rule } from '~/ui/menu';
import { Segmented } from '~/ui/parts';
import type { Question } from '../use-explore';
import { useSetSearch } from '~/shell/use-scope';

const CHART_NAMES = { bars: 'Bars', area: 'Area', line: 'Line' } as const;
const GRAINS = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function Dimensions({ chosen, onPick }: { chosen: readonly string[]; onPick: (id: string) => void }) {
  const { data } = useQuery(dimensionsQuery());
  const list = (kind: DimensionInfo['kind']) =>
    (data ?? [])
      .filter((d) => d.kind === kind)
      .map((d) => (
        <Choice key={d.id} chosen={chosen.includes(d.id)} onSelect={() => onPick(d.id)}>
          {d.label}
        </Choice>
      ));
  const tags = list('tag');
  return (
    <>
      {list('dimension')}
      {tags.length ? (
        <>
          <Rule />
          <Group>Tags</Group>
          {tags}
        </>
      ) : null}
    </>
  );
}

/** `alone`: one dimension only. */
export function GroupBy({ q, search, alone }: { q: Question; search: ExploreSearch; alone?: boolean }) {
  const set = useSetSearch();
  const by = search.by ?? DEFAULT_BY;
  const first = by[0]!;
  const second = by[1];
  const put = (next: string[]) => set({ by: next.length === 1 && next[0] === 'service' ? undefined : next, order: undefined });
  return (
    <>
      <span className="t2">By</span>
      <Menu label="Group by" trigger={<button type="button" className="btn">{q.by[0]!.name}<Icon name="down" small /></button>}>
        <Dimensions chosen={[first]} onPick={(id) => put(second && second !== id ? [id, second] : [id])} />
      </Menu>
      {alone ? null : <Menu
        label="Then by"
        trigger={
          second ? (
            <button type="button" className="btn"><span className="t3">then</span>{q.by[1]!.name}<Icon name="down" small /></button>
          ) : (
            <button type="button" className="btn btn-quiet"><Icon name="plus" />then by</button>
          )
        }
      >
        {second ? (
          <>
            <Act icon="x" onSelect={() => put([first])}>Nothing more</Act>
            <Rule />
          </>
        ) : null}
        <Dimensions chosen={second ? [second] : []} onPick={(id) => put(id === first ? [first] : [first, id])} />
      </Menu>}
    </>
  );
}

function GrainMenu({ q, search }: { q: Question; search: ExploreSearch }) {
  const set = useSetSearch();
  return (
    <Menu
      label="Grain"
      trigger={
        <button type="button" className="btn">
          <span className="t3">Grain</span>
          {capital(q.grain)}
          {search.grain ? '' : ', auto'}
          <Icon name="down" small />
        </button>
      }
    >
      <Choice chosen={!search.grain} onSelect={() => set({ grain: undefined })}>Auto</Choice>
      <Rule />
      {GRAINS.map((g) => (
        <Choice key={g} chosen={search.grain === g} onSelect={() => set({ grain: g })}>{capital(g)}</Choice>
      ))}
    </Menu>
  );
}

export function CopyAs({ plan }: { plan: Plan }) {
  const copy = useCopy();
  const sql = async () => {
    const explained = await post<Explain>('/costs/explain', plan);
    const parameters = explained.parameters.length ? `\n-- parameters: ${JSON.stringify(explained.parameters)}` : '';
    return explained.sql + parameters;
  };
  return (
    <Menu label="Copy as" align="end" trigger={<button type="button" className="btn btn-quiet hide-s"><Icon name="code" />Copy as</button>}>
      <Act icon="code" onSelect={() => void copy('Command', () => asCli(plan))}>Command line</Act>
      <Act icon="code" onSelect={() => void copy('API call', () => asApi(plan, location.origin))}>API call</Act>
      <Act icon="code" onSelect={() => void copy('SQL', sql)}>SQL</Act>
      <Act icon="code" onSelect={() => void copy('Plan', () => planText(plan))}>Plan</Act>
    </Menu>
  );
}

/** `name` without its ending. Children: what else there is to take away. */
export function Export({ plan, name, children }: { plan: Plan; name: string; children?: ReactNode }) {
  return (
    <Menu label="Export" align="end" trigger={<button type="button" className="btn btn-quiet hide-s"><Icon name="download" />Export</button>}>
      <Group>All rows</Group>
      {(Object.keys(FILE_FORMS) as FileForm[]).map((form) => (
        <Act key={form} icon="table" onSelect={() => downloadRows(plan, name, form)}>{FILE_FORMS[form]}</Act>
      ))}
      {children ? <Rule /> : null}
      {children}
    </Menu>
  );
}

/** What the signs in the chart mean. */
function Key({ q, today, partial }: { q: Question; today: string; partial: boolean }) {
  return (
    <span className="key hide-s hide-m">
      {q.scope.compare ? (
        <span>
          <KeyLine stroke="var(--series)" dotted />
          {rangeWords(q.scope.compare, today)}
        </span>
      ) : null}
      {partial ? (
        <span>
          <KeyHatch />
          Not complete
        </span>
      ) : null}
    </span>
  );
}

export function Tools({ q, search, plan, today, partial }: { q: Question; search: ExploreSearch; plan: Plan; today: string; partial: boolean }) {
  const set = useSetSearch();
  return (
    <div className="tools" role="toolbar" aria-label="How it is shown">
      <GroupBy q={q} search={search} />
      <span className="vr" />
      <Segmented label="How many names" value={q.top} onChange={(top) => set({ top: top === 8 ? undefined : (top as 5 | 10) })} options={TOPS.map((t) => [t, t === 5 ? 'Top 5' : t] as const)} />
      <Segmented
        label="Chart"
        value={search.chart ?? 'bars'}
        onChange={(chart) => set({ chart: chart === 'bars' ? undefined : chart })}
        options={CHARTS.map((c) => [c, CHART_NAMES[c]] as const)}
      />
      <GrainMenu q={q} search={search} />
      <span className="grow" />
      <Key q={q} today={today} partial={partial} />
      <CopyAs plan={plan} />
      <Export plan={plan} name={`farthing-${q.by.map((d) => d.id.replace(/\W/g, '-')).join('-')}-${q.scope.time.start}`} />
    </div>
  );
}

