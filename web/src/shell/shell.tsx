import { Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { keepFocus } from '~/ui/focus';
import { openRow } from '~/ui/rows';
import { ADMIN } from './admin';
import { PAGES, Rail, TabBar, TopBar } from './rail';
import { PrintHead } from './print-head';
import { ScopeBar } from './scope-bar';
import { useKeys } from './use-keys';
import { UploadNews } from './uploads';
import { useLedgerEvents, useScopeSearch, useSummary } from './use-scope';

/* Pages that no part of the scope has an effect on. */
const hasScope = (path: string): boolean => !['/dashboards', '/anomalies', '/focus', '/reconciliation', '/account', ...ADMIN.map((a) => String(a.to))].includes(path) && !/^\/(sources|anomalies|v|l)\//.test(path);

/** The upload has a card of its own on Sources, and on the pages that wait for the first bill. */
function useShowsUpload(path: string): boolean {
  const { data: summary } = useSummary();
  return path === '/sources' || (summary?.ledger_version === 0 && (path === '/' || path === '/explore'));
}

/* Its code is there before anybody types into it, and after all that the page itself asks for. */
const PALETTE_AFTER_MS = 3000;
const palette = () => import('./palette');
const Palette = lazy(() => palette().then((m) => ({ default: m.Palette })));
const KeysHelp = lazy(() => import('./keys-help').then((m) => ({ default: m.KeysHelp })));

const ACCOUNT = { name: 'Account' };

/* What a bill names has a page of its own kind. */
const THINGS: readonly (readonly [string, string])[] = [['/services/', 'Service'], ['/accounts/', 'Account'], ['/resources/', 'Resource'], ['/tags/', 'Tag']];
const thingAt = (path: string) => {
  const thing = THINGS.find(([start]) => path.startsWith(start));
  return thing ? { name: thing[1] } : undefined;
};

type Overlay = 'palette' | 'keys' | null;

export function Shell() {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const page = path === '/account' ? ACCOUNT : [...PAGES, ...ADMIN].find((p) => p.to === path || (p.to !== '/' && path.startsWith(`${p.to}/`))) ?? thingAt(path);
  const whole = 'plan' in useScopeSearch(); /* a question with a time of its own */
  const [overlay, setOverlay] = useState<Overlay>(null);
  const showsUpload = useShowsUpload(path);
  const paged = useRouterState({ select: (s) => (s.location.search as { range?: string }).range === 'page' });
  useLedgerEvents();
  useEffect(keepFocus, []);
  useEffect(() => {
    const timer = setTimeout(() => void palette(), PALETTE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  useKeys({ onPalette: () => setOverlay('palette'), onHelp: () => setOverlay('keys'), isOpen: overlay !== null });
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
          {hasScope(path) && !whole ? <ScopeBar path={path} /> : null}
          <div id="page" tabIndex={-1} onClick={openRow}>
            {hasScope(path) ? <PrintHead name={page?.name ?? ''} saved={path.startsWith('/dashboards/') && !paged} /> : null}
            <Outlet />
          </div>
        </main>
      </div>
      <TabBar />
      {showsUpload ? null : <UploadNews />}
      {overlay === 'palette' ? <Suspense><Palette onClose={() => setOverlay(null)} /></Suspense> : null}
      {overlay === 'keys' ? <Suspense><KeysHelp onClose={() => setOverlay(null)} /></Suspense> : null}
    </>
  );
}
