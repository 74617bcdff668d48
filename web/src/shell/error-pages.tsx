import { Link } from '@tanstack/react-router';
import { Empty, Failed } from '~/ui/states';

export function MissingPage() {
  return (
    <div className="page">
      <Empty icon="search" title="There is no such page" action={<Link to="/" className="btn">Overview</Link>}>
        The link may be of an older version, or was cut.
      </Empty>
    </div>
  );
}

export function CrashPage({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <div className="page">
      <Failed error={error} onRetry={reset} height={360} />
    </div>
  );
}
