/* How people and what they may do are said. */
import type { User } from '~/api/types';
import { instantText } from '~/lib/dates';
import { countOf } from '~/lib/money';

export type UserState = 'invited' | 'active' | 'disabled' | 'locked';

export const stateOf = (user: User, now: string): UserState =>
  user.state === 'active' && user.locked_until !== null && user.locked_until > now ? 'locked' : user.state;

export const STATES: Readonly<Record<UserState, readonly [string, string]>> = {
  active: ['Active', 'tag tag-good'],
  invited: ['Invited', 'tag tag-accent'],
  disabled: ['Disabled', 'tag'],
  locked: ['Locked out', 'tag tag-warn'],
};

export const whenText = (instant: string | null): string => (instant ? instantText(instant) : 'never');

/** "7 people have accounts.", "2 invitations not accepted yet." */
export function peopleWords(users: readonly User[]): { fact: string; sense: string } {
  const invited = users.filter((u) => u.state === 'invited').length;
  const disabled = users.filter((u) => u.state === 'disabled').length;
  const without = users.filter((u) => u.state === 'active' && !u.totp).length;
  const parts = [
    invited ? `${countOf(invited, 'invitation')} not accepted yet` : '',
    disabled ? `${countOf(disabled, 'account')} disabled` : '',
    without ? `${countOf(without, 'person', 'people')} without a second factor` : '',
  ].filter(Boolean);
  return {
    fact: users.length ? `${countOf(users.length, 'person has an account', 'people have accounts')}.` : 'Nobody has an account yet.',
    sense: parts.length ? `${parts.join(', ').replace(/^./, (c) => c.toUpperCase())}.` : users.length ? 'All of them have a second factor.' : '',
  };
}
