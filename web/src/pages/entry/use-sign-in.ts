/* Signing in: address and password, and a code when the answer wants one. */
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError, post } from '~/api/client';
import type { Session } from '~/api/types';
import { problemText } from '~/ui/problem';

interface SignInInput {
  email: string;
  password: string;
  code?: string;
}

/** Seconds until it may be tried again, counted down. */
function useWait(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

export function useSignIn(onEnter: (session: Session) => void) {
  const [wait, setWait] = useWait();
  const [codeWanted, setCodeWanted] = useState(false);
  const send = useMutation({
    mutationFn: (input: SignInInput) => post<Session | { code_wanted: true }>('/session', input),
    onSuccess: (answer) => ('code_wanted' in answer ? setCodeWanted(true) : onEnter(answer)),
    onError: (error) => {
      if (error instanceof ApiError && error.problem.status === 429) setWait(error.retryAfter ?? 30);
    },
  });
  return { send, wait, codeWanted, again: () => { setCodeWanted(false); send.reset(); } };
}

/** Why not, in words: which of them was wrong is not said by the server, and so not here. */
export function whyNot(error: unknown, codeWanted: boolean): string | null {
  if (!error) return null;
  const status = error instanceof ApiError ? error.problem.status : null;
  if (status === 401) return codeWanted ? 'That code is not right, or has been used. Wait for the next one.' : 'The address or the password is not right.';
  if (status === 429) return 'Too many attempts failed.';
  return problemText(error);
}
