/* Before every page: who asks? The address stays what it was, so that whoever signs in is where they wanted to be. */
import { Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Shell } from './shell';
import { isOut, useInside } from './use-session';

const SignIn = lazy(() => import('~/pages/entry/sign-in').then((m) => ({ default: m.SignInPage })));
const SignInAgain = lazy(() => import('~/pages/entry/sign-in').then((m) => ({ default: m.SignInAgain })));
const MustChange = lazy(() => import('~/pages/entry/must-change').then((m) => ({ default: m.MustChangePage })));

/* One-time links: whoever follows them is nobody yet. */
export const ALONE = ['/setup', '/accept'];

export function Gate() {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const { session, inside, email } = useInside();
  if (ALONE.includes(path)) return <Outlet />;
  const out = isOut(session);
  if (session?.user?.must_change_password) return <Suspense><MustChange /></Suspense>;
  if (out && !inside) return <Suspense><SignIn setup={session!.setup} /></Suspense>;
  return (
    <>
      <Shell />
      {out ? <Suspense><SignInAgain email={email} /></Suspense> : null}
    </>
  );
}
