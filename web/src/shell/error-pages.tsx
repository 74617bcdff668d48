import { Link } from '@tanstack/react-router';
import { Empty, PageFailed } from '~/ui/states';
import { useKeptScope } from './use-scope';

export function MissingPage() {
  const kept = useKeptScope();
  return (
    <div className="page">
      <h1 className="sr">Not found</h1>
      <Empty icon="search" title="There is no such page" action={<Link to="/" search={kept} className="btn">Overview</Link>}>
        The link may be of an older version, or was cut.
      </Empty>
    </div>
  );
}

export function CrashPage({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <PageFailed error={error} onRetry={reset} />
  );
}
