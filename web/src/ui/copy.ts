/* The clipboard: browsers have none outside of secure contexts, and may refuse it elsewhere. */
import { useCallback } from 'react';
import { ApiError } from '~/api/client';
import { useToast } from './toast';

/** Fails where the browser has no clipboard for this page. */
export async function copyText(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}

/** Copies a text that may have to be asked for first, and says that it is copied, or why not. */
export function useCopy(): (what: string, text: () => Promise<string> | string, done?: string) => Promise<void> {
  const say = useToast();
  return useCallback(
    async (what, text, done) => {
      try {
        await copyText(await text());
        say(done ?? `${what} copied`);
      } catch (error) {
        say(error instanceof ApiError ? error.problem.title : `${what} could not be copied`, { bad: true });
      }
    },
    [say],
  );
}
