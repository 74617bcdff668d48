import { Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, type MouseEvent } from 'react';
import { Palette } from './palette';
import { ADMIN } from './admin';
import { PAGES, Rail, TabBar, TopBar } from './rail';
import { PrintHead } from './print-head';
import { ScopeBar } from './scope-bar';
import { useKeys } from './use-keys';
import { UploadNews } from './uploads';
import { useLedgerEvents, useSummary } from './use-scope';

/* Pages that no part of the scope has an effect on. */
const hasScope = (path: string): boolean => !['/dashboards', '/focus', '/reconciliation', '/account', ...ADMIN.map((a) => String(a.to))].includes(path) && !/^\/(sources|v|l)\//.test(path);

/** The upload has a card of its own on Sources, and on the pages that wait for the first bill. */
function useShowsUpload(path: string): boolean {
  const { data: summary } = useSummary();
  return path === '/sources' || (summary?.ledger_version === 0 && (path === '/' || path === '/explore'));
}

const KeysHelp = lazy(() => import('./keys-help').then((m) => ({ default: m.KeysHelp })));

const ACCOUNT = { name: 'Account' };

/* What a bill names has a page of its own kind. */
const THINGS: readonly (readonly [string, string])[] = [['/services/', 'Service'], ['/accounts/', 'Account'], ['/resources/', 'Resource'], ['/tags/', 'Tag']];
const thingAt = (path: string) => {
  const thing = THINGS.find(([start]) => path.startsWith(start));
  return thing ? { name: thing[1] } : undefined;
};

type Overlay = 'palette' | 'keys' | null;

/** Every figure of a row opens what the row's name opens; the name is what keys and readers use. */
function openRow(event: MouseEvent<HTMLDivElement>): void {
  const target = event.target as Element;
  if (target.closest('button, a, input, dialog, .pop') || getSelection()?.toString()) return;
  target.closest('tr')?.querySelector<HTMLElement>('.row-link')?.click();
}

export function Shell() {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const page = path === '/account' ? ACCOUNT : [...PAGES, ...ADMIN].find((p) => p.to === path || (p.to !== '/' && path.startsWith(`${p.to}/`))) ?? thingAt(path);
  const [overlay, setOverlay] = useState<Overlay>(null);
  const showsUpload = useShowsUpload(path);
  const paged = useRouterState({ select: (s) => (s.location.search as { range?: string }).range === 'page' });
  useLedgerEvents();
  useKeys({ onPalette: () => setOverlay('palette'), onHelp: () => setOverlay('keys') });
  useEffect(() => {
    document.title = page ? `${page.name} · Farthing` : 'Farthing';
  }, [page]);
  return (
    <>
      <a className="skip" href="#page">Skip to the page</a>
      <div className="app">
        <Rail onPalette={() => setOverlay('palette')} onKeys={() => setOverlay('keys')} />
        <main className="main">
          <TopBar name={page?.name ?? 'Farthing'} onPalette={() => setOverlay('palette')} />
          {hasScope(path) ? <ScopeBar path={path} /> : null}
          <div id="page" tabIndex={-1} onClick={openRow}>
            {hasScope(path) ? <PrintHead name={page?.name ?? ''} saved={path.startsWith('/dashboards/') && !paged} /> : null}
            <Outlet />
          </div>
        </main>
      </div>
      <TabBar />
      {showsUpload ? null : <UploadNews />}
      {overlay === 'palette' ? <Palette onClose={() => setOverlay(null)} /> : null}
      {overlay === 'keys' ? <Suspense><KeysHelp onClose={() => setOverlay(null)} /></Suspense> : null}
    </>
  );
}
