/* Which charges somebody sees: filter chips, or the condition as text where it says more than chips can. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { dimensionsQuery } from '~/api/queries';
import { filterText, filtersText, type Filter } from '~/lib/plan';
import { filtersOf } from '~/lib/scope-text';
import { dimensionName, filterValues, opName } from '~/lib/words';
import { Field } from '~/ui/form';
import { Icon } from '~/ui/icon';
import { FilterPanel } from './filter-panel';
import { useScope } from './use-scope';

function Chips({ filters, onChange }: { filters: readonly Filter[]; onChange: (next: Filter[]) => void }) {
  const ready = useScope();
  const { data: dimensions } = useQuery(dimensionsQuery());
  if (!ready) return null;
  const scope = { ...ready.scope, filters: [] };
  return (
    <div className="flex flex-wrap gap-2">
      {filters.map((f, i) => {
        const name = dimensionName(f.field, dimensions);
        const replace = (next: Filter | null) => onChange(next ? filters.map((x, k) => (k === i ? next : x)) : filters.filter((_, k) => k !== i));
        return (
          <span key={i} className="chip" data-chip>
            <FilterPanel
              filter={f}
              scope={scope}
              onChange={replace}
              trigger={<button type="button" className="chip-open" title={filterText(f)}>{name} <span>{opName(f.op)}</span> <b className="ell">{filterValues(f)}</b></button>}
            />
            <button type="button" className="chip-x" aria-label={`Remove filter ${name}`} onClick={() => replace(null)}><Icon name="x" small /></button>
          </span>
        );
      })}
      <FilterPanel
        scope={scope}
        filters={filters}
        onFilters={onChange}
        trigger={<button type="button" className="btn btn-quiet"><Icon name="plus" />Filter</button>}
      />
    </div>
  );
}

/** `value` is the condition as the server keeps it; null: all charges. */
export function ScopeEditor({ value, onChange, everything }: { value: string | null; onChange: (next: string | null) => void; everything: string }) {
  const filters = value === null ? [] : filtersOf(value);
  const [asText, setAsText] = useState(filters === null);
  return (
    <fieldset className="form-field">
      <legend>Sees</legend>
      {asText || filters === null ? (
        <Field label="Condition" className="field mono" value={value ?? ''} onChange={(e) => onChange(e.target.value.trim() ? e.target.value : null)} maxLength={4096} spellCheck={false} hint={'For example: sub_account = "123456789012" and tag.team = "search"'} />
      ) : (
        <>
          <Chips filters={filters} onChange={(next) => onChange(next.length ? filtersText(next) : null)} />
          <p>{filters.length ? 'Only charges that fit all of these.' : everything}</p>
        </>
      )}
      {filters === null ? <p>More than chips can say, so it stands as text.</p> : (
        <button type="button" className="link justify-self-start" onClick={() => setAsText(!asText)}>{asText ? 'As chips' : 'As text'}</button>
      )}
    </fieldset>
  );
}
