/* Search: pages, ranges, groupings, saved views and values of the main dimensions, from one field. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState, type KeyboardEvent } from 'react';
import { dimensionsQuery, entitiesQuery, valuesQuery, viewsQuery } from '~/api/queries';
import { colliding } from '~/api/told';
import type { DimensionInfo, View } from '~/api/types';
import { pageOf, type PageLink } from '~/lib/entities';
import { plan, only } from '~/lib/plan';
import { searchOfKept } from '~/lib/kept-search';
import { type ExploreSearch, type Scope } from '~/lib/search';
import { moneyText } from '~/lib/money';
import { parse } from '~/lib/decimal';
import { TIME_NAMES } from '~/lib/words';
import { Dialog } from '~/ui/dialog';
import { Icon, type IconName } from '~/ui/icon';
import { Beside } from '~/ui/parts';
import { useSettled } from '~/ui/settled';
import { ADMIN, type AdminEntry } from './admin';
import { usePages, type PageEntry } from './rail';
import { may, useSession } from './use-session';
import { useKeptScope, useScope } from './use-scope';

interface Entry {
  key: string;
  group: string;
  icon: IconName;
  text: string;
  beside?: string;
  hint?: string;
  run: () => void;
}

const SEARCHED = [['services', 'service'], ['accounts', 'sub_account'], ['resources', 'resource']] as const;
const MOST = 5;
const NO_SCOPE: Scope = { time: { start: '2000-01-01', end: '2000-01-02' }, compare: null, metric: 'effective_cost', currency: null, convert: undefined, filters: [] };

interface Thing {
  dimension: string;
  id: string | null;
  name: string;
  cost: string | null;
  currency: string | null;
  provider?: { name: string };
}

const ASK_AFTER_MS = 150;

/** Services, accounts, resources and regions of the time in the scope, whatever its filters; one currency at a time. */
function useThings(q: string): Thing[] {
  const scope = useScope()?.scope;
  const settled = useSettled(q, ASK_AFTER_MS);
  const asked = scope ? { ...scope, filters: scope.filters.filter((f) => f.field === 'currency') } : NO_SCOPE;
  const options = { enabled: scope !== undefined && settled.length >= 2 };
  const found = [
    useQuery({ ...entitiesQuery(SEARCHED[0][0], settled, asked, MOST), ...options }),
    useQuery({ ...entitiesQuery(SEARCHED[1][0], settled, asked, MOST), ...options }),
    useQuery({ ...entitiesQuery(SEARCHED[2][0], settled, asked, MOST), ...options }),
  ];
  const regions = useQuery({ ...valuesQuery('region', settled, plan({ measures: ['effective_cost'], time: asked.time })), ...options });
  if (q.length < 2) return [];
  /* what was found for other letters is found for these, too, where it has them */
  const has = (text: string | null | undefined) => text?.toLowerCase().includes(q.toLowerCase()) ?? false;
  const stands = (answer: { isPlaceholderData: boolean }, id: string | null, name: string | null | undefined) => (settled === q && !answer.isPlaceholderData) || has(id) || has(name);
  return [
    ...found.flatMap((a, i) => (a.data ?? []).filter((e) => stands(a, e.id, e.name)).map((e) => ({ dimension: SEARCHED[i]![1], ...e }))),
    ...(regions.data ?? []).filter((v) => stands(regions, v.id, v.label)).slice(0, MOST).map((v) => ({ dimension: 'region', id: v.id, name: v.label ?? v.id ?? '', cost: v.cost, currency: v.currency })),
  ];
}

function useEntries(q: string, onClose: () => void): Entry[] {
  const navigate = useNavigate();
  const search = useKeptScope();
  const dimensions = useQuery(dimensionsQuery()).data ?? [];
  const views = useQuery(viewsQuery()).data ?? [];
  const found = useThings(q);
  const shared = new Set(colliding(found.filter((t) => t.dimension === 'sub_account').map((t) => ({ id: t.id, label: t.name }))));
  const session = useSession();
  const pages = usePages();
  const go = (to: PageEntry['to'] | AdminEntry['to'], next: ExploreSearch) => {
    onClose();
    void navigate({ to, search: next });
  };
  const open = (page: PageLink) => {
    onClose();
    void navigate({ to: page.to, params: page.params, search });
  };
  const all: Entry[] = [
    ...pages.map((p) => ({ key: p.to, group: 'Pages', icon: p.icon, text: p.name, hint: `g ${p.key}`, run: () => go(p.to, search) })),
    ...ADMIN.filter((a) => may(session, a.needs)).map((a) => ({ key: a.to, group: 'Pages', icon: a.icon, text: a.name, run: () => go(a.to, search) })),
    { key: 'drivers', group: 'Pages', icon: 'drill' as const, text: 'Drivers of change', run: () => go('/explore', { ...search, view: 'drivers' }) },
    { key: 'clouds', group: 'Pages', icon: 'drill' as const, text: 'Clouds side by side, by category', run: () => go('/explore', { ...search, by: ['service_category', 'provider'] }) },
    ...views.map((v: View) => ({ key: v.id, group: 'Views', icon: 'star' as const, text: v.name, run: () => go('/explore', searchOfKept(v)) })),
    ...dimensions.map((d: DimensionInfo) => ({
      key: `by-${d.id}`, group: 'Explore', icon: 'drill' as const, text: `Cost by ${d.label.toLowerCase()}`, run: () => go('/explore', { ...search, by: [d.id] }),
    })),
    ...Object.entries(TIME_NAMES).map(([word, name]) => ({
      key: `time-${word}`, group: 'Time', icon: 'calendar' as const, text: name, run: () => go('/explore', { ...search, time: word }),
    })),
  ];
  const wanted = q.toLowerCase();
  const named = all.filter((e) => e.text.toLowerCase().includes(wanted));
  const tags = dimensions.filter((d) => d.kind === 'tag' && d.label.toLowerCase().includes(wanted)).slice(0, MOST);
  const things = found.map((thing) => {
    const page = pageOf(thing.dimension, thing.id);
    return {
      key: `${thing.dimension}-${thing.id}`,
      group: 'Things',
      icon: 'box' as const,
      text: thing.name,
      ...(thing.id !== null && shared.has(thing.id) && thing.provider ? { beside: thing.provider.name } : {}),
      ...(thing.cost && thing.currency ? { hint: moneyText(parse(thing.cost), thing.currency) } : {}),
      run: () => (page ? open(page) : go('/explore', { ...search, filters: [...(search.filters ?? []), only(thing.dimension, thing.id)] })),
    };
  });
  const keys = tags.map((d) => ({ key: `page-${d.id}`, group: 'Things', icon: 'note' as const, text: d.label, hint: 'tag', run: () => open(pageOf(d.id, null)!) }));
  return q ? [...things, ...keys, ...named].slice(0, 24) : named.slice(0, pages.length + 2 + views.length + 6);
}

export function Palette({ onClose }: { onClose: () => void }) {
  const [q, setQ] = useState('');
  const [at, setAt] = useState(0);
  const entries = useEntries(q.trim(), onClose);
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
              <Beside text={e.beside} />
              {e.hint ? <em>{e.hint}</em> : null}
            </div>
          </div>
        ))}
        {entries.length ? null : <p className="t2 p-3" role="status">Nothing is called “{q}”.</p>}
      </div>
    </Dialog>
  );
}
