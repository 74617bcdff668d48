/* What the list is narrowed to. */
import { useState } from 'react';
import type { AnomalySeverity } from '~/api/types';
import { count } from '~/lib/money';
import { SEVERITIES, type AnomalySearch } from '~/lib/search';
import { useSetSearch } from '~/shell/use-scope';
import { Icon } from '~/ui/icon';
import { Choice, Menu, Panel } from '~/ui/menu';
import { SEVERITY_NAMES, type Facet } from '../words';

function FacetPanel({ what, name, chosen, facets, onPick }: {
  what: 'service' | 'account';
  name: string;
  chosen: string | undefined;
  facets: readonly Facet[];
  onPick: (id: string | undefined) => void;
}) {
  const [open, setOpen] = useState(false);
  const [q, setQ] = useState('');
  const wanted = q.trim();
  const shown = facets.filter((f) => f.name.toLowerCase().includes(wanted.toLowerCase()));
  const pick = (id: string | undefined) => {
    onPick(id);
    setOpen(false);
    setQ('');
  };
  const label = chosen === undefined ? `Any ${what}` : (facets.find((f) => f.id === chosen)?.name ?? chosen);
  return (
    <Panel label={name} open={open} onOpenChange={setOpen} trigger={<button type="button" className="btn facet"><span className="ell">{label}</span><Icon name="down" small /></button>}>
      <div className="p-2"><input className="field" type="search" aria-label={`Find a ${what}`} placeholder={what === 'service' ? 'A service' : 'An account, or its id'} value={q} onChange={(e) => setQ(e.target.value)} /></div>
      <div className="scroller-y keep">
        <button type="button" className="item" onClick={() => pick(undefined)}>Any {what}</button>
        {shown.map((f) => (
          <button key={f.id} type="button" className="item" aria-pressed={f.id === chosen} onClick={() => pick(f.id)}>
            <span className="ell">{f.name}</span>
            <em>{count(f.cases)}</em>
          </button>
        ))}
        {wanted && !facets.some((f) => f.name === wanted || f.id === wanted) ? <button type="button" className="item" onClick={() => pick(wanted)}>Only “{wanted}”</button> : null}
      </div>
    </Panel>
  );
}

export function Filters({ search, services, accounts, onFind }: {
  search: AnomalySearch;
  services: readonly Facet[];
  accounts: readonly Facet[];
  onFind: (text: string) => void;
}) {
  const set = useSetSearch<AnomalySearch>();
  const chosen = search.severity ?? [];
  const turn = (s: AnomalySeverity) => {
    const next = chosen.includes(s) ? chosen.filter((c) => c !== s) : SEVERITIES.filter((c) => c === s || chosen.includes(c));
    set({ severity: next.length ? next : undefined });
  };
  const [text, setText] = useState(search.find ?? '');
  const [was, setWas] = useState(search.find);
  if (search.find !== was) {
    setWas(search.find);
    if ((search.find ?? '') !== text.trim()) setText(search.find ?? '');
  }
  const some = chosen.length > 0 || search.service !== undefined || search.account !== undefined || Boolean(search.find);
  return (
    <div className="tools" role="search" aria-label="Narrow the cases">
      <input
        className="field find-case" type="search" aria-label="Find a case" placeholder="Find a case" value={text} maxLength={200}
        onChange={(e) => {
          setText(e.target.value);
          onFind(e.target.value.trim());
        }}
      />
      <Menu label="Severity" trigger={<button type="button" className="btn">{chosen.length ? chosen.map((s) => SEVERITY_NAMES[s]).join(', ') : 'Any severity'}<Icon name="down" small /></button>}>
        {SEVERITIES.map((s) => <Choice key={s} chosen={chosen.includes(s)} onSelect={() => turn(s)}>{SEVERITY_NAMES[s]}</Choice>)}
      </Menu>
      <FacetPanel what="service" name="Service" chosen={search.service} facets={services} onPick={(service) => set({ service })} />
      <FacetPanel what="account" name="Account" chosen={search.account} facets={accounts} onPick={(account) => set({ account })} />
      {some ? <button type="button" className="btn btn-quiet" onClick={() => set({ severity: undefined, service: undefined, account: undefined, find: undefined })}>Clear</button> : null}
    </div>
  );
}
