/* Search: pages, ranges, groupings, saved views and values of the main dimensions, from one field. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useId, useState, type KeyboardEvent } from 'react';
import { dimensionsQuery, valuesQuery, viewsQuery } from '~/api/queries';
import type { DimensionInfo, DimensionValue, View } from '~/api/types';
import { plan, only } from '~/lib/plan';
import { searchOfKept } from '~/lib/kept-search';
import { type ExploreSearch } from '~/lib/search';
import { moneyText } from '~/lib/money';
import { parse } from '~/lib/decimal';
import { TIME_NAMES } from '~/lib/words';
import { Dialog } from '~/ui/dialog';
import { Icon, type IconName } from '~/ui/icon';
import { ADMIN, type AdminEntry } from './admin';
import { usePages, type PageEntry } from './rail';
import { may, useSession } from './use-session';
import { useKeptScope, useScope } from './use-scope';

interface Entry {
  key: string;
  group: string;
  icon: IconName;
  text: string;
  hint?: string;
  run: () => void;
}

const SEARCHED = ['service', 'sub_account', 'region'] as const;

function useValues(q: string) {
  const scope = useScope()?.scope;
  const within = plan({ measures: ['effective_cost'], time: scope?.time ?? null });
  const options = { enabled: scope !== undefined && q.length >= 2 };
  const answers = [
    useQuery({ ...valuesQuery(SEARCHED[0], q, within), ...options }),
    useQuery({ ...valuesQuery(SEARCHED[1], q, within), ...options }),
    useQuery({ ...valuesQuery(SEARCHED[2], q, within), ...options }),
  ];
  if (q.length < 2) return [];
  return answers.flatMap((a, i) => (a.data ?? []).slice(0, 5).map((value) => ({ dimension: SEARCHED[i]!, value })));
}

function useEntries(q: string, onClose: () => void): Entry[] {
  const navigate = useNavigate();
  const search = useKeptScope();
  const dimensions = useQuery(dimensionsQuery()).data ?? [];
  const views = useQuery(viewsQuery()).data ?? [];
  const values = useValues(q);
  const session = useSession();
  const pages = usePages();
  const go = (to: PageEntry['to'] | AdminEntry['to'], next: ExploreSearch) => {
    onClose();
    void navigate({ to, search: next });
  };
  const all: Entry[] = [
    ...pages.map((p) => ({ key: p.to, group: 'Pages', icon: p.icon, text: p.name, hint: `g ${p.key}`, run: () => go(p.to, search) })),
    ...ADMIN.filter((a) => may(session, a.needs)).map((a) => ({ key: a.to, group: 'Pages', icon: a.icon, text: a.name, run: () => go(a.to, search) })),
    { key: 'drivers', group: 'Pages', icon: 'drill' as const, text: 'Drivers of change', run: () => go('/explore', { ...search, view: 'drivers' }) },
    ...views.map((v: View) => ({ key: v.id, group: 'Views', icon: 'star' as const, text: v.name, run: () => go('/explore', searchOfKept(v)) })),
    ...dimensions.map((d: DimensionInfo) => ({
      key: `by-${d.id}`, group: 'Explore', icon: 'drill' as const, text: `Cost by ${d.label.toLowerCase()}`, run: () => go('/explore', { ...search, by: [d.id] }),
    })),
    ...Object.entries(TIME_NAMES).map(([word, name]) => ({
      key: `time-${word}`, group: 'Time', icon: 'calendar' as const, text: name, run: () => go('/explore', { ...search, time: word }),
    })),
  ];
  const wanted = q.toLowerCase();
  const found = all.filter((e) => e.text.toLowerCase().includes(wanted));
  const things = values.map(({ dimension, value }: { dimension: string; value: DimensionValue }) => ({
    key: `${dimension}-${value.id}`,
    group: 'Things',
    icon: 'box' as const,
    text: value.label ?? value.id ?? '',
    ...(value.cost && value.currency ? { hint: moneyText(parse(value.cost), value.currency) } : {}),
    run: () => go('/explore', { ...search, filters: [...(search.filters ?? []), only(dimension, value.id)] }),
  }));
  return q ? [...things, ...found].slice(0, 24) : found.slice(0, pages.length + 1 + views.length + 6);
}

export function Palette({ onClose }: { onClose: () => void }) {
  const [q, setQ] = useState('');
  const [at, setAt] = useState(0);
  const entries = useEntries(useDeferredValue(q.trim()), onClose);
  const id = useId();
  const chosen = Math.min(at, Math.max(0, entries.length - 1));
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined && entries.length) setAt((chosen + move + entries.length) % entries.length);
    else if (event.key === 'Enter') entries[chosen]?.run();
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label="Search" className="pop palette" onClose={onClose}>
      <div className="palette-in">
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-label="Search pages, services, accounts, regions"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={entries[chosen] ? `${id}-${chosen}` : undefined}
          placeholder="A page, a service, an account …"
          value={q}
          onChange={(event) => {
            setQ(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div className="palette-list" id={id} role="listbox" aria-label="Results">
        {entries.map((e, i) => (
          <div key={e.key} role="presentation">
            {e.group !== entries[i - 1]?.group ? <h3 aria-hidden="true">{e.group}</h3> : null}
            <div id={`${id}-${i}`} role="option" aria-selected={i === chosen} className="item" onClick={e.run} onPointerMove={() => setAt(i)}>
              <Icon name={e.icon} />
              <span className="ell">{e.text}</span>
              {e.hint ? <em>{e.hint}</em> : null}
            </div>
          </div>
        ))}
        {entries.length ? null : <p className="t2 p-3" role="status">Nothing is called “{q}”.</p>}
      </div>
    </Dialog>
  );
}
