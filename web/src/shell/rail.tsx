import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, useMemo } from 'react';
import { openCasesQuery } from '~/api/queries';
import { Icon, Mark, type IconName } from '~/ui/icon';
import { Choice, Group, Menu, Rule } from '~/ui/menu';
import { setDensity, useDensity, type Density } from '~/lib/density';
import { AccountMenu } from './account';
import { adminFor } from './admin';
import { may, seesAll, useSession } from './use-session';
import { useKeptScope, useSummary } from './use-scope';
import { setTheme, useTheme, type ThemeChoice } from './theme';
import { count } from '~/lib/money';

export interface PageEntry {
  to: '/' | '/explore' | '/dashboards' | '/anomalies' | '/sources' | '/reconciliation' | '/focus';
  name: string;
  short?: string; /* where it stands under an icon */
  icon: IconName;
  key: string; /* after g */
  group?: string; /* stands above it */
  needs?: string; /* a permission */
  ofAll?: true; /* for those who see all charges */
  desk?: true; /* not in the bar of a small screen; the search has it */
}

export const PAGES: readonly PageEntry[] = [
  { to: '/', name: 'Overview', icon: 'overview', key: 'o' },
  { to: '/explore', name: 'Explore', icon: 'explore', key: 'e' },
  { to: '/dashboards', name: 'Dashboards', short: 'Boards', icon: 'board', key: 'b' },
  { to: '/anomalies', name: 'Anomalies', icon: 'pulse', key: 'a', group: 'Watch', needs: 'anomalies.read' },
  { to: '/sources', name: 'Sources', icon: 'source', key: 's', group: 'Trust' },
  { to: '/reconciliation', name: 'Reconciliation', short: 'Reconcile', icon: 'balance', key: 'r', ofAll: true },
  { to: '/focus', name: 'FOCUS', icon: 'check', key: 'f', desk: true },
];

/** Those that are for whoever asks. */
export function usePages(): readonly PageEntry[] {
  const session = useSession();
  return useMemo(() => PAGES.filter((p) => (!p.ofAll || seesAll(session)) && (!p.needs || may(session, p.needs))), [session]);
}

const THEMES: readonly (readonly [ThemeChoice, string, IconName])[] = [
  ['system', 'As the system', 'screen'],
  ['light', 'Light', 'sun'],
  ['dark', 'Dark', 'moon'],
];

function PageLink({ page }: { page: PageEntry }) {
  const search = useKeptScope();
  return (
    <Link to={page.to} search={search} activeOptions={{ exact: page.to === '/', includeSearch: false }} title={page.name}>
      <Icon name={page.icon} />
      <span className="tx">{page.name}</span>
      {page.to === '/anomalies' ? <OpenCases /> : null}
    </Link>
  );
}

/** How many cases wait: red, because a model has judged. */
function OpenCases() {
  const open = useQuery({ ...openCasesQuery(), enabled: useSession() !== undefined }).data?.counts.open;
  return open ? <em className="bad n">{count(open)}<span className="sr"> open</span></em> : null;
}

/** Only what one may see. */
function AdminLinks() {
  const session = useSession();
  const search = useKeptScope();
  const pages = session ? adminFor(session) : [];
  if (!pages.length) return null;
  return (
    <>
      <h2>Admin</h2>
      {pages.map((a) => (
        <Link key={a.to} to={a.to} search={search} activeOptions={{ includeSearch: false }} title={a.name}>
          <Icon name={a.icon} />
          <span className="tx">{a.name}</span>
        </Link>
      ))}
    </>
  );
}

const DENSITIES: readonly (readonly [Density, string])[] = [
  ['comfortable', 'Comfortable'],
  ['compact', 'Compact'],
];

/** How it looks to this person: kept by the browser, nobody else sees it. */
function DisplayMenu({ quiet }: { quiet?: boolean }) {
  const theme = useTheme();
  const density = useDensity();
  const icon = THEMES.find(([t]) => t === theme)![2];
  return (
    <Menu
      label="Display"
      trigger={
        <button type="button" {...(quiet ? { className: 'btn btn-quiet btn-icon' } : {})} aria-label="Display">
          <Icon name={icon} />
          {quiet ? null : <span className="tx">Display</span>}
        </button>
      }
    >
      <Group>Theme</Group>
      {THEMES.map(([choice, name]) => (
        <Choice key={choice} chosen={choice === theme} onSelect={() => setTheme(choice)}>
          {name}
        </Choice>
      ))}
      <Rule />
      <Group>Rows</Group>
      {DENSITIES.map(([choice, name]) => (
        <Choice key={choice} chosen={choice === density} onSelect={() => setDensity(choice)}>
          {name}
        </Choice>
      ))}
    </Menu>
  );
}

export function Rail({ onPalette, onKeys }: { onPalette: () => void; onKeys: () => void }) {
  const { data: summary } = useSummary();
  const pages = usePages();
  return (
    <nav className="rail" aria-label="Main">
      <div className="rail-in">
        <div className="brand">
          <Mark />
          <span className="tx">Farthing</span>
        </div>
        <button type="button" className="find" onClick={onPalette} aria-label="Search">
          <Icon name="search" />
          <span className="tx">Search</span>
          <kbd aria-hidden="true">/</kbd>
        </button>
        {pages.map((p) => (
          <Fragment key={p.to}>
            {p.group ? <h2>{p.group}</h2> : null}
            <PageLink page={p} />
          </Fragment>
        ))}
        <AdminLinks />
        <div className="foot">
          <AccountMenu />
          <DisplayMenu />
          <button type="button" onClick={onKeys} aria-label="Keys, keyboard help">
            <Icon name="help" />
            <span className="tx">Keys</span>
          </button>
          {summary ? (
            <p>
              <span className={summary.ledger_version ? 'dot dot-good' : 'dot'} />
              {summary.ledger_version ? `Ledger version ${count(summary.ledger_version)}` : 'No bill yet'}
            </p>
          ) : null}
        </div>
      </div>
    </nav>
  );
}

export function TopBar({ name, onPalette }: { name: string; onPalette: () => void }) {
  return (
    <div className="mtop">
      <Mark />
      <span>{name}</span>
      <span className="grow" />
      <button type="button" className="btn btn-quiet btn-icon" aria-label="Search" onClick={onPalette}>
        <Icon name="search" />
      </button>
      <DisplayMenu quiet />
      <AccountMenu quiet />
    </div>
  );
}

export function TabBar() {
  const search = useKeptScope();
  const pages = usePages();
  return (
    <nav className="tabbar" aria-label="Pages">
      {pages.filter((p) => !p.desk).map((p) => (
        <Link key={p.to} to={p.to} search={search} activeOptions={{ exact: p.to === '/', includeSearch: false }}>
          <Icon name={p.icon} />
          {p.short ?? p.name}
        </Link>
      ))}
    </nav>
  );
}
