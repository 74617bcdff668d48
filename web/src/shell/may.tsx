/* What one may not do is not offered; where one would look for it the page says what it takes. */
import type { ReactNode } from 'react';
import { may, useSession } from './use-session';

export function May({ needs, children }: { needs: readonly string[]; children: ReactNode }) {
  const session = useSession();
  const missing = needs.filter((p) => !may(session, p));
  if (!missing.length) return children;
  return <p className="t2 s py-2">For this you need {missing.join(' and ')}; ask an administrator.</p>;
}
