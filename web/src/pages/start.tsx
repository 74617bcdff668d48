/* The first minute: no bill yet. One box, one next step. */
import { Link } from '@tanstack/react-router';
import { Icon } from '~/ui/icon';

export function StartPage() {
  return (
    <div className="page start">
      <div className="mid">
        <Icon name="source" />
        <h1 className="start-title">No bill here yet</h1>
        <p>AWS CUR and CUR 2.0, or FOCUS 1.0 to 1.4 of any provider, as CSV, gzip, zstd or Parquet. It stays on this machine.</p>
        <div className="row">
          <Link to="/sources" className="btn btn-ink">Load a bill</Link>
        </div>
        <p className="mono">farthing ingest PATH</p>
      </div>
    </div>
  );
}
