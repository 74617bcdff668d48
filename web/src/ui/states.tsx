/* The states of a card: loading, fetching again, failed, empty. Each keeps the size of what it stands for. */
import { useDeferredValue, useEffect, useState, type CSSProperties, type ReactNode } from 'react';
import { ApiError } from '~/api/client';
import type { Problem } from '~/api/types';
import { Icon, type IconName } from './icon';
import { problemSense } from './problem';

/** True once `ms` have passed: what is quick shows no skeleton. */
function useLate(ms = 150): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return late;
}

const HEIGHTS = [62, 70, 66, 48, 44, 72, 75, 71, 78, 74, 52, 47, 80, 76, 82, 78, 85, 60, 55, 88, 84, 90, 86, 92] as const;

export function Skeleton({ height, kind = 'rows', width = 60 }: { height: number; kind?: 'rows' | 'bars' | 'line'; width?: number }) {
  const late = useLate();
  return (
    <div style={{ height }} role="status" aria-label="Loading">
      {!late ? null : kind === 'bars' ? (
        <div className="skb" style={{ height }}>
          {HEIGHTS.map((h, i) => (
            <i key={i} style={{ height: `${h}%` }} />
          ))}
        </div>
      ) : kind === 'line' ? (
        <div className="sk" style={{ height, width: `${width}%` }} />
      ) : (
        <div className="grid gap-5 pt-2">
          {HEIGHTS.slice(0, Math.max(1, Math.floor(height / 32))).map((h, i) => (
            <div key={i} className="sk" style={{ width: `${h}%` }} />
          ))}
        </div>
      )}
    </div>
  );
}

const isRefused = (error: unknown): error is ApiError => error instanceof ApiError && error.problem.status === 403;

/** What one would have to be allowed, where the server names it. */
const missingRight = (problem: Problem): string | undefined => /^permission (\S+) is needed/.exec(problem.detail ?? '')?.[1];

/** Asking again does not help then. */
function NotAllowed({ problem, height }: { problem: Problem; height?: number | undefined }) {
  const right = missingRight(problem);
  return (
    <div className="mid" role="alert" {...(height ? { style: { minHeight: height } } : {})}>
      <Icon name="lock" />
      <b>{right ? `You need ${right}` : problem.title}</b>
      <p>{right ? 'Your role does not have it. Ask an administrator.' : problemSense(problem)}</p>
    </div>
  );
}

/** A failure: what, why, what to do, and the id under which the server's log has it. */
export function Failed({ error, onRetry, height }: { error: unknown; onRetry: () => void; height?: number }) {
  if (isRefused(error)) return <NotAllowed problem={error.problem} height={height} />;
  const p: Problem = error instanceof ApiError ? error.problem : { title: 'This part failed', detail: String(error), type: '', status: 0 };
  const kind = p.type === 'about:blank' ? '' : p.type.split(/[/:]/).at(-1);
  return (
    <div className="mid" role="alert" {...(height ? { style: { minHeight: height } } : {})}>
      <Icon name="warn" />
      <b>{p.title}</b>
      <p>{problemSense(p)}</p>
      <div className="row">
        <button type="button" className="btn" onClick={onRetry}>
          <Icon name="refresh" />
          Try again
        </button>
      </div>
      {p.request_id ? (
        <p className="mono">
          req {p.request_id}
          {kind ? ` · ${kind}` : ''}
        </p>
      ) : null}
    </div>
  );
}

/** A headline to come; readers hear that it is on its way. `lines` is what it will take on a narrow screen. */
export function HeadlineToCome({ lines = 3 }: { lines?: number }) {
  return (
    <>
      <h1 className="sr">Loading</h1>
      <HeadlineRoom lines={lines}>
        <div className="grid gap-2 pt-1">
          <Skeleton height={22} kind="line" />
          <Skeleton height={20} kind="line" width={44} />
        </div>
      </HeadlineRoom>
    </>
  );
}

/** Keeps what follows a headline where it will be when the headline is whole. */
export function HeadlineRoom({ lines = 3, children }: { lines?: number; children: ReactNode }) {
  return <div className="room" style={{ '--lines': lines } as CSSProperties}>{children}</div>;
}

export function PageFailed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div className="page">
      <h1 className="sr">{isRefused(error) ? 'Not for you' : 'This page failed'}</h1>
      <Failed error={error} onRetry={onRetry} height={480} />
    </div>
  );
}

/** Why there is nothing, and the one step that changes it. */
export function Empty({ icon, title, children, action }: { icon: IconName; title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="mid">
      <Icon name={icon} />
      <b>{title}</b>
      <p>{children}</p>
      {action ? <div className="row">{action}</div> : null}
    </div>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPlaceholderData?: boolean;
  isRefetching?: boolean;
  refetch: () => unknown;
}

/**
 * One card's life: skeleton, failure, or its content; content that is being replaced stays, dimmed. A card
 * fails alone. Content is drawn in pieces behind what has to be answered at once.
 */
export function Loaded<T>({ query, height, skeleton, children }: {
  query: Asked<T>;
  height: number;
  skeleton?: 'rows' | 'bars' | 'line';
  children: (data: T) => ReactNode;
}) {
  const data = useDeferredValue(query.data);
  if (query.error && (query.data === undefined || query.isPlaceholderData))
    return <Failed error={query.error} onRetry={() => void query.refetch()} height={height} />;
  if (data === undefined) return <Skeleton height={height} kind={skeleton ?? 'rows'} />;
  if (query.isPlaceholderData)
    return (
      <div className="again" aria-busy="true">
        <div className="old">{children(data)}</div>
      </div>
    );
  return <>{children(data)}</>;
}
