/* The pages of administrators, and what one has to be allowed to see each. */
import type { Session } from '~/api/types';
import type { IconName } from '~/ui/icon';
import { may } from './use-session';

export interface AdminEntry {
  to: '/users' | '/roles' | '/tokens' | '/audit';
  name: string;
  icon: IconName;
  needs: string;
}

export const ADMIN: readonly AdminEntry[] = [
  { to: '/users', name: 'Users', icon: 'person', needs: 'users.read' },
  { to: '/roles', name: 'Roles', icon: 'key', needs: 'users.read' },
  { to: '/tokens', name: 'Tokens', icon: 'code', needs: 'tokens.use' },
  { to: '/audit', name: 'Audit', icon: 'rows', needs: 'audit.read' },
];

/** Those under Admin. Tokens stand there beside people; who has only their own finds them beside the account. */
export const adminFor = (session: Session): AdminEntry[] =>
  ADMIN.filter((a) => may(session, a.needs) && (a.to !== '/tokens' || may(session, 'users.read')));

export const hasOwnTokens = (session: Session): boolean => may(session, 'tokens.use') && !may(session, 'users.read');
