/* Who asks, and what they may do. Until that is known everything is offered: the server decides. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { signedIn } from '~/api/client';
import { heldBy, sessionQuery } from '~/api/queries';
import type { Session } from '~/api/types';

export const useSession = (): Session | undefined => useQuery(sessionQuery()).data;

/** Nobody is signed in, and somebody has to be. */
export const isOut = (session: Session | undefined): boolean => session?.login === 'required' && session.by === null;

/* Of the whole ledger or of everybody: who sees a part of the charges is refused, whatever their role (src/api/scoped.def). */
const OF_ALL: readonly string[] = [
  'imports.write', 'rates.write', 'organisation.write', 'sources.write', 'users.read', 'users.write', 'audit.read',
];

/* under the dialog in which one signs in again the page stays as it was */
const isFree = (session: Session | undefined): boolean => !session || session.login === 'open' || isOut(session);

/** Whether every charge is theirs to see, and with it what speaks of bills as a whole. */
export const seesAll = (session: Session | undefined): boolean => isFree(session) || !session!.scope;

export const may = (session: Session | undefined, permission: string): boolean =>
  isFree(session) || (session!.permissions.includes(permission) && (seesAll(session) || !OF_ALL.includes(permission)));

/** Only what one may do oneself can be given to others. */
export const mayGive = (session: Session | undefined, permissions: readonly string[]): boolean => permissions.every((p) => may(session, p));

export const useMay = (permission: string): boolean => may(useSession(), permission);

export const useSeesAll = (): boolean => seesAll(useSession());

/** What to do with the session that an answer has brought: everything that was refused is asked anew. */
export function useEnter(): (session: Session) => void {
  const client = useQueryClient();
  return useCallback(
    (session) => {
      client.setQueryData(sessionQuery().queryKey, heldBy(session));
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
    },
    [client],
  );
}

/** Whether the pages stand: once they do they stay, with what was typed there, while their person signs in again. */
export function useInside(): { session: Session | undefined; inside: boolean; email: string | undefined } {
  const client = useQueryClient();
  const session = useSession();
  const [inside, setInside] = useState(false);
  const [email, setEmail] = useState<string>(); /* who was there last */
  if (session && !isOut(session) && !session.user?.must_change_password && !inside) setInside(true);
  if (session?.user && session.user.email !== email) setEmail(session.user.email);
  useEffect(() => {
    signedIn.lost = () => void client.invalidateQueries(sessionQuery());
    signedIn.renew = async () => {
      const before = client.getQueryData(sessionQuery().queryKey)?.user?.id;
      const now = await client.fetchQuery({ ...sessionQuery(), staleTime: 0, retry: false }).catch(() => undefined);
      return before !== undefined && now?.user?.id === before;
    };
  }, [client]);
  const id = session?.user?.id;
  const was = useRef(id);
  useEffect(() => {
    if (!id) return;
    /* what is on screen is another's: somebody else signed in in another tab */
    if (was.current && was.current !== id) location.reload();
    was.current = id;
  }, [id]);
  return { session, inside, email };
}
