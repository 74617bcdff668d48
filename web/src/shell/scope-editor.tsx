/* Which charges somebody sees: filter chips, or the condition as text where it says more than filters can. */
import { useState } from 'react';
import { filtersText, isSaid, type Filter } from '~/lib/plan';
import { filtersOf } from '~/lib/scope-text';
import { Field } from '~/ui/form';
import { Icon } from '~/ui/icon';
import { FilterChips } from './filter-chips';
import { FilterPanel } from './filter-panel';
import { useScope } from './use-scope';

function Filters({ filters, onChange }: { filters: readonly Filter[]; onChange: (next: Filter[]) => void }) {
  const ready = useScope();
  if (!ready) return null;
  const scope = { ...ready.scope, filters: [] };
  return (
    <div className="flex flex-wrap gap-2">
      <FilterChips filters={filters} scope={scope} onChange={onChange} />
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
  const [draft, setDraft] = useState<readonly Filter[] | null>(null); /* also those that name no value yet, which are not written */
  const filters = draft ?? (value === null ? [] : filtersOf(value));
  const [asText, setAsText] = useState(filters === null);
  const said = filters?.filter(isSaid) ?? [];
  const put = (next: readonly Filter[]) => {
    const kept = next.filter(isSaid);
    setDraft(next);
    onChange(kept.length ? filtersText(kept) : null);
  };
  const turn = () => {
    setDraft(null);
    setAsText(!asText);
  };
  return (
    <fieldset className="form-field">
      <legend>Sees</legend>
      {asText || filters === null ? (
        <Field label="Condition" className="field mono" value={value ?? ''} onChange={(e) => onChange(e.target.value.trim() ? e.target.value : null)} maxLength={4096} spellCheck={false} hint={'For example: sub_account = "123456789012" and tag.team = "search"'} />
      ) : (
        <>
          <Filters filters={filters} onChange={put} />
          <p>{said.length ? 'Only charges that fit all of these.' : everything}</p>
        </>
      )}
      {filters === null ? <p>Filters cannot say this condition; edit it as text.</p> : (
        <button type="button" className="link justify-self-start" onClick={turn}>{asText ? 'As filters' : 'As text'}</button>
      )}
    </fieldset>
  );
}
