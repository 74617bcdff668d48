/* What a short address leads to: asked for, then the page itself stands there, and Back leads past this one. */
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiError } from '~/api/client';
import { linkQuery, viewQuery } from '~/api/keep';
import { readSearchText, searchOfKept } from '~/lib/kept-search';
import { Empty, HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';

const isGone = (error: unknown): boolean => error instanceof ApiError && error.problem.status === 404;

function Waiting({ error, onRetry, gone }: { error: unknown; onRetry: () => void; gone: ReactNode }) {
  if (isGone(error)) return <div className="page">{gone}</div>;
  if (error) return <PageFailed error={error} onRetry={onRetry} />;
  return (
    <div className="page" aria-busy="true">
      <div className="head"><div><HeadlineToCome /></div></div>
      <Skeleton height={352} kind="bars" />
    </div>
  );
}

export function SavedViewPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const view = useQuery(viewQuery(id));
  if (view.data) return <Navigate to="/explore" search={searchOfKept(view.data)} replace />;
  return (
    <Waiting
      error={view.error}
      onRetry={() => void view.refetch()}
      gone={
        <>
          <h1 className="sr">This view is not there</h1>
          <Empty icon="star" title="This view is not there" action={<Link className="btn" to="/dashboards" search={{ show: 'views' }}>Saved views</Link>}>
            It was removed, or is not shared with you.
          </Empty>
        </>
      }
    />
  );
}

export function ShortLinkPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const link = useQuery(linkQuery(id));
  if (link.data) return <Navigate to="/explore" search={readSearchText(link.data.search)} replace />;
  return (
    <Waiting
      error={link.error}
      onRetry={() => void link.refetch()}
      gone={
        <>
          <h1 className="sr">This link leads nowhere</h1>
          <Empty icon="link" title="This link leads nowhere" action={<Link className="btn" to="/explore">Explore</Link>}>
            A short link ends when nobody has opened it for 180 days, or when who made it ends it.
          </Empty>
        </>
      }
    />
  );
}
