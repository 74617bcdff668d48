/* Conditions as chips: each opens to be changed, and can be taken away. */
import { useQuery } from '@tanstack/react-query';
import { dimensionsQuery } from '~/api/queries';
import { filterText, type Filter } from '~/lib/plan';
import type { Scope } from '~/lib/search';
import { dimensionName, filterValues, opName } from '~/lib/words';
import { Icon } from '~/ui/icon';
import { FilterPanel } from './filter-panel';

/** `next` null: without the one at `at`. */
export const replaced = (filters: readonly Filter[], at: number, next: Filter | null): Filter[] =>
  next ? filters.map((f, i) => (i === at ? next : f)) : filters.filter((_, i) => i !== at);

export function FilterChips({ filters, scope, onChange }: { filters: readonly Filter[]; scope: Scope; onChange: (next: Filter[]) => void }) {
  const { data: dimensions } = useQuery(dimensionsQuery());
  return filters.map((f, i) => {
    const name = dimensionName(f.field, dimensions);
    return (
      <span key={i} className="chip" data-chip>
        <FilterPanel
          filter={f}
          scope={scope}
          onChange={(next) => onChange(replaced(filters, i, next))}
          trigger={<button type="button" className="chip-open" title={filterText(f)}>{name} <span>{opName(f.op)}</span> <b className="ell">{filterValues(f)}</b></button>}
        />
        <button type="button" className="chip-x" aria-label={`Remove filter ${name}`} onClick={() => onChange(replaced(filters, i, null))}><Icon name="x" small /></button>
      </span>
    );
  });
}
