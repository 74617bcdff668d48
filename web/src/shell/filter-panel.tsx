/* One filter: which dimension, is or is not, which values. What it is chosen from comes when it is opened. */
import { lazy, Suspense, useState } from 'react';
import { isSaid, withFilter, type Filter } from '~/lib/plan';
import type { Scope } from '~/lib/search';
import { Panel, type Trigger } from '~/ui/menu';
import { Skeleton } from '~/ui/states';
import { useScopeSearch, useSetSearch } from './use-scope';

const Fields = lazy(() => import('./filter-values').then((m) => ({ default: m.Fields })));
const Values = lazy(() => import('./filter-values').then((m) => ({ default: m.Values })));

interface Props {
  trigger: Trigger;
  scope: Scope;
  filter?: Filter;
  onChange?: (next: Filter | null) => void;
  filters?: readonly Filter[];
  onFilters?: (next: Filter[]) => void;
}

/** With a filter: edits it. Without: asks for the dimension first and adds to `filters`, or else to the search. */
export function FilterPanel({ trigger, scope, filter, onChange, filters: given, onFilters }: Props) {
  const search = useScopeSearch();
  const set = useSetSearch();
  const [field, setField] = useState<string | null>(null);
  const filters = given ?? search.filters ?? [];
  const put = onFilters ?? ((next: Filter[]) => set({ filters: next }));
  const own = field === null ? undefined : filters.find((f) => f.field === field);
  const draft: Filter = own ?? { field: field ?? '', op: 'in', values: [] };
  const change = (next: Filter | null) => {
    const rest = filters.filter((f) => f !== own);
    put(next && isSaid(next) ? (own ? filters.map((f) => (f === own ? next : f)) : withFilter(rest, next)) : rest);
  };
  return (
    <Panel label="Filter" trigger={trigger} onOpenChange={(open) => !open && setField(null)}>
      <Suspense fallback={<Skeleton height={280} />}>{filter ? (
        <Values filter={filter} scope={scope} onChange={onChange ?? (() => undefined)} />
      ) : field === null ? (
        <Fields onPick={setField} />
      ) : (
        <Values filter={draft} scope={scope} onChange={change} onBack={() => setField(null)} />
      )}</Suspense>
    </Panel>
  );
}
