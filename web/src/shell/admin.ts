/* The pages of administrators, and what one has to be allowed to see each. */
import type { IconName } from '~/ui/icon';

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
