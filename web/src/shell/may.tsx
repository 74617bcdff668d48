/* What one may not do is not offered; where one would look for it the page says what it takes. */
import type { ReactNode } from 'react';
import { may, useSession } from './use-session';

export function May({ needs, children }: { needs: readonly string[]; children: ReactNode }) {
  const session = useSession();
  const missing = needs.filter((p) => !may(session, p));
  if (!missing.length) return children;
  const own = missing.filter((p) => !session!.permissions.includes(p));
  return <p className="t2 s py-2">{own.length ? `For this you need ${own.join(' and ')}; ask an administrator.` : 'This is for those who see all charges.'}</p>;
}
