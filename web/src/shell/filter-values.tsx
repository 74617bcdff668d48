/* What a filter is chosen from: dimensions, and the values of one, each with its cost beside it. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { dimensionsQuery, valuesQuery } from '~/api/queries';
import { useBeside } from '~/api/told';
import type { DimensionInfo, DimensionValue } from '~/api/types';
import { filterText, only, plan, type Filter } from '~/lib/plan';
import type { Scope } from '~/lib/search';
import { dimensionName, valueName } from '~/lib/words';
import { useCopy } from '~/ui/copy';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { Beside } from '~/ui/parts';
import { useSettled } from '~/ui/settled';
import { Loaded } from '~/ui/states';

const ASK_AFTER_MS = 150;

export function Fields({ onPick }: { onPick: (id: string) => void }) {
  const query = useQuery(dimensionsQuery());
  const [q, setQ] = useState('');
  return (
    <>
      <input className="field" aria-label="Search dimensions" placeholder="Filter by …" value={q} onChange={(e) => setQ(e.target.value)} autoFocus />
      <Loaded query={query} height={240}>
        {(all: DimensionInfo[]) => (
          <div className="pt-1">
            {all
              .filter((d) => d.label.toLowerCase().includes(q.toLowerCase()))
              .map((d) => (
                <button key={d.id} type="button" className="item" onClick={() => onPick(d.id)}>
                  {d.label}
                  <em>{d.kind === 'tag' ? 'tag' : ''}</em>
                </button>
              ))}
          </div>
        )}
      </Loaded>
    </>
  );
}

/** Which values are ticked, as the filter says it: is, is not, or missing. */
function toggled(filter: Filter, id: string | null): Filter | null {
  const { field } = filter;
  if (id === null) return filter.op === 'missing' ? null : only(field, null);
  const op = filter.op === 'not_in' ? 'not_in' : 'in';
  const had = filter.op === 'missing' || filter.op === 'present' ? [] : filter.values;
  const values = had.includes(id) ? had.filter((v) => v !== id) : [...had, id];
  return values.length ? { field, op, values } : null;
}

function Value({ value, beside, filter, name, onToggle }: { value: DimensionValue; beside: string | undefined; filter: Filter; name: string; onToggle: () => void }) {
  const on = value.id === null ? filter.op === 'missing' : filter.op !== 'missing' && filter.values.includes(value.id);
  return (
    <button type="button" role="checkbox" aria-checked={on} className="item" onClick={onToggle}>
      <span className="ck">{on ? <Icon name="check" /> : null}</span>
      <span className="ell" title={value.id ?? ''}>{valueName(value.label ?? value.id, name)}</span>
      <Beside text={beside} />
      <em><Money value={value.cost} currency={value.currency} /></em>
    </button>
  );
}

export function Values({ filter, scope, onChange, onBack }: { filter: Filter; scope: Scope; onChange: (next: Filter | null) => void; onBack?: () => void }) {
  const copy = useCopy();
  const { data: dimensions } = useQuery(dimensionsQuery());
  const [q, setQ] = useState('');
  const others = scope.filters.filter((f) => f.field !== filter.field);
  const within = plan({ measures: [scope.metric], time: scope.time, filters: others });
  const query = useQuery(valuesQuery(filter.field, useSettled(q.trim(), ASK_AFTER_MS), within));
  const name = dimensionName(filter.field, dimensions);
  const besideOf = useBeside(filter.field, query.data);
  const setOp = (op: 'in' | 'not_in') => onChange({ ...filter, op });
  return (
    <>
      <div className="flex items-center gap-2 p-1">
        {onBack ? <button type="button" className="btn btn-quiet btn-icon" aria-label="Another dimension" onClick={onBack}><Icon name="down" className="rotate-90" /></button> : null}
        <b className="b ell">{name}</b>
        <span className="grow" />
        <div className="seg" role="group" aria-label="Operator">
          <button type="button" aria-pressed={filter.op !== 'not_in'} onClick={() => setOp('in')}>is</button>
          <button type="button" aria-pressed={filter.op === 'not_in'} onClick={() => setOp('not_in')}>is not</button>
        </div>
      </div>
      <input className="field" aria-label={`Search ${name}`} placeholder="Search values" value={q} onChange={(e) => setQ(e.target.value)} autoFocus />
      <Loaded query={query} height={240}>
        {(values: DimensionValue[]) => (
          <div className="pt-1" role="group" aria-label={name}>
            {values.map((v) => (
              <Value key={v.id ?? ' '} value={v} beside={besideOf(v.id)} filter={filter} name={name} onToggle={() => onChange(toggled(filter, v.id))} />
            ))}
            {values.length ? null : <p className="t2 p-2">No value like this.</p>}
          </div>
        )}
      </Loaded>
      <footer>
        <button type="button" className="link" onClick={() => onChange({ field: filter.field, op: 'present', values: [] })}>Any value</button>
        <button type="button" className="link" onClick={() => onChange(only(filter.field, null))}>None</button>
        <span className="grow" />
        <button
          type="button"
          className="link"
          onClick={() => void copy('Filter', () => filterText(filter), 'Filter copied as text')}
        >
          Copy as text
        </button>
      </footer>
    </>
  );
}
