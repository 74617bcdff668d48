/* Every page before the first bill: the same box as on Sources, fetched when it is needed. */
import { lazy, Suspense } from 'react';
import { Skeleton } from '~/ui/states';

const FirstBill = lazy(() => import('./sources/first-bill').then((m) => ({ default: m.FirstBill })));

export function StartPage() {
  return (
    <Suspense fallback={<div className="page" aria-busy="true"><Skeleton height={320} /></div>}>
      <FirstBill />
    </Suspense>
  );
}
