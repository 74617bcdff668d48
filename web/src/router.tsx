/* Routes. A page's search is typed; what is not meant by it never reaches the page (lib/search). */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { readAnomalies, readAudit, readDashboard, readDelivery, readExplore, readFocus, readKept, readReconcile, readScope } from '~/lib/search';
import { CrashPage, MissingPage } from '~/shell/error-pages';
import { Gate } from '~/shell/gate';

const root = createRootRoute({ component: Gate, notFoundComponent: MissingPage });

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

const dashboards = createRoute({
  getParentRoute: () => root,
  path: '/dashboards',
  validateSearch: readKept,
  component: lazyRouteComponent(() => import('~/pages/dashboards/page'), 'DashboardsPage'),
});

const dashboard = createRoute({
  getParentRoute: () => root,
  path: '/dashboards/$id',
  validateSearch: readDashboard,
  component: lazyRouteComponent(() => import('~/pages/dashboard/page'), 'DashboardPage'),
});

/* Short addresses: of a saved view, and of a place that is kept under a link. */
const savedView = createRoute({
  getParentRoute: () => root,
  path: '/v/$id',
  component: lazyRouteComponent(() => import('~/pages/opened/page'), 'SavedViewPage'),
});

const shortLink = createRoute({
  getParentRoute: () => root,
  path: '/l/$id',
  component: lazyRouteComponent(() => import('~/pages/opened/page'), 'ShortLinkPage'),
});

const sources = createRoute({
  getParentRoute: () => root,
  path: '/sources',
  validateSearch: readScope,
  component: lazyRouteComponent(() => import('~/pages/sources/page'), 'SourcesPage'),
});

const service = createRoute({
  getParentRoute: () => root,
  path: '/services/$id',
  validateSearch: readExplore,
  component: lazyRouteComponent(() => import('~/pages/entity/page'), 'ServicePage'),
});

const accountOf = createRoute({
  getParentRoute: () => root,
  path: '/accounts/$id',
  validateSearch: readExplore,
  component: lazyRouteComponent(() => import('~/pages/entity/page'), 'AccountPage'),
});

const resource = createRoute({
  getParentRoute: () => root,
  path: '/resources/$id',
  validateSearch: readExplore,
  component: lazyRouteComponent(() => import('~/pages/entity/page'), 'ResourcePage'),
});

const tag = createRoute({
  getParentRoute: () => root,
  path: '/tags/$id',
  validateSearch: readExplore,
  component: lazyRouteComponent(() => import('~/pages/entity/tag-page'), 'TagPage'),
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

const anomalies = createRoute({
  getParentRoute: () => root,
  path: '/anomalies',
  validateSearch: readAnomalies,
  component: lazyRouteComponent(() => import('~/pages/anomalies/page'), 'AnomaliesPage'),
});

/* One page for the list and a case of it: the list stays as it is while one goes from case to case. */
const anomaly = createRoute({ getParentRoute: () => anomalies, path: '$id' });

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  validateSearch: readScope,
  component: lazyRouteComponent(() => import('~/pages/account/page'), 'AccountPage'),
});

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  validateSearch: readScope,
  component: lazyRouteComponent(() => import('~/pages/users/page'), 'UsersPage'),
});

const roles = createRoute({
  getParentRoute: () => root,
  path: '/roles',
  validateSearch: readScope,
  component: lazyRouteComponent(() => import('~/pages/roles/page'), 'RolesPage'),
});

const tokens = createRoute({
  getParentRoute: () => root,
  path: '/tokens',
  validateSearch: readScope,
  component: lazyRouteComponent(() => import('~/pages/tokens/page'), 'TokensPage'),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: readAudit,
  component: lazyRouteComponent(() => import('~/pages/audit/page'), 'AuditPage'),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('~/pages/entry/setup'), 'SetupPage'),
});

const accept = createRoute({
  getParentRoute: () => root,
  path: '/accept',
  component: lazyRouteComponent(() => import('~/pages/entry/accept'), 'AcceptPage'),
});

export const newRouter = () =>
  createRouter({
    routeTree: root.addChildren([overview, explore, service, accountOf, resource, tag, dashboards, dashboard, savedView, shortLink, sources, delivery, reconciliation, focus, anomalies.addChildren([anomaly]), account, users, roles, tokens, audit, setup, accept]),
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: CrashPage,
  });

export type Router = ReturnType<typeof newRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: Router;
  }
}
