/* Routes. A page's search is typed; what is not meant by it never reaches the page (lib/search). */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { readDelivery, readExplore, readFocus, readReconcile, readScope } from '~/lib/search';
import { CrashPage, MissingPage } from '~/shell/error-pages';
import { Shell } from '~/shell/shell';

const root = createRootRoute({ component: Shell, notFoundComponent: MissingPage });

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: readScope,
  component: lazyRouteComponent(() => import('~/pages/overview/page'), 'OverviewPage'),
});

const explore = createRoute({
  getParentRoute: () => root,
  path: '/explore',
  validateSearch: readExplore,
  component: lazyRouteComponent(() => import('~/pages/explore/page'), 'ExplorePage'),
});

const sources = createRoute({
  getParentRoute: () => root,
  path: '/sources',
  validateSearch: readScope,
  component: lazyRouteComponent(() => import('~/pages/sources/page'), 'SourcesPage'),
});

const delivery = createRoute({
  getParentRoute: () => root,
  path: '/sources/$id',
  validateSearch: readDelivery,
  component: lazyRouteComponent(() => import('~/pages/delivery/page'), 'DeliveryPage'),
});

const reconciliation = createRoute({
  getParentRoute: () => root,
  path: '/reconciliation',
  validateSearch: readReconcile,
  component: lazyRouteComponent(() => import('~/pages/reconciliation/page'), 'ReconciliationPage'),
});

const focus = createRoute({
  getParentRoute: () => root,
  path: '/focus',
  validateSearch: readFocus,
  component: lazyRouteComponent(() => import('~/pages/focus/page'), 'FocusPage'),
});

export const newRouter = () =>
  createRouter({
    routeTree: root.addChildren([overview, explore, sources, delivery, reconciliation, focus]),
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: CrashPage,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
