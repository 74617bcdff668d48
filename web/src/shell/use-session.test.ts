import { describe, expect, it } from 'vitest';
import type { Session } from '~/api/types';
import { may, mayGive, seesAll } from './use-session';

const session = (permissions: string[], scope: string | null): Session =>
  ({ login: 'required', by: 'session', scope, permissions }) as unknown as Session;

describe('what one may', () => {
  it('is what the role has', () => {
    const editor = session(['rates.write', 'views.write'], null);
    expect(['rates.write', 'views.write', 'users.write'].map((p) => may(editor, p))).toEqual([true, true, false]);
    expect(mayGive(editor, ['views.write'])).toBe(true);
    expect(mayGive(editor, ['views.write', 'users.write'])).toBe(false);
  });
  it('leaves out what is of all charges for who sees a part of them', () => {
    const part = session(['rates.write', 'views.write', 'users.read'], 'region in ("eu-west-1")');
    expect(seesAll(part)).toBe(false);
    expect(['rates.write', 'users.read', 'views.write'].map((p) => may(part, p))).toEqual([false, false, true]);
  });
  it('is everything where nobody signs in, and until it is known', () => {
    expect(may(undefined, 'users.write')).toBe(true);
    expect(may({ ...session([], null), login: 'open' }, 'users.write')).toBe(true);
  });
});
