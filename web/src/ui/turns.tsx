/*
 * A long page is drawn from its top down, one part after the other, each in a task of its own: what the person sees
 * and presses first never waits for what stands further below. Part 1 has its turn as soon as the first paint is out,
 * the others when the browser has nothing else to do.
 */
import { createContext, startTransition, use, useEffect, useState, type ReactNode } from 'react';

const IDLE_AT_MOST_MS = 300;

const Turn = createContext(Infinity); /* outside of <Turns> everything is drawn at once */

/** Calls back when nothing else is to be done; the answer takes it back. */
function whenIdle(run: () => void): () => void {
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(run, 50);
    return () => clearTimeout(timer);
  }
  const id = requestIdleCallback(run, { timeout: IDLE_AT_MOST_MS });
  return () => cancelIdleCallback(id);
}

function afterPaint(run: () => void): () => void {
  const frame = requestAnimationFrame(() => setTimeout(run));
  return () => cancelAnimationFrame(frame);
}

export function Turns({ of, children }: { of: number; children: ReactNode }) {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (turn >= of) return;
    return (turn ? whenIdle : afterPaint)(() => startTransition(() => setTurn(turn + 1)));
  }, [turn, of]);
  return <Turn value={turn}>{children}</Turn>;
}

/** Has part `at` had its turn? */
export const useTurn = (at: number): boolean => use(Turn) >= at;

/** Holds `room` until its turn comes. */
export function InTurn({ at, room, children }: { at: number; room: ReactNode; children: ReactNode }) {
  return useTurn(at) ? children : room;
}
