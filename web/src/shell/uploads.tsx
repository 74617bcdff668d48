/* The upload that is under way, on whatever page: the shell keeps it and says how it stands. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { filesText } from '~/lib/words';
import { Icon } from '~/ui/icon';
import { UploadContext, useUpload, useUploadState, type UploadView } from './use-upload';
import { useKeptScope } from './use-scope';

export function UploadProvider({ children }: { children: ReactNode }) {
  return <UploadContext value={useUploadState()}>{children}</UploadContext>;
}

/** Without figures that move: it is read out each time that it changes. */
function wordsOf(view: UploadView): string {
  const what = filesText(view.names);
  switch (view.phase) {
    case 'sending':
      return `Sending ${what} …`;
    case 'reading':
      return `Reading ${what} …`;
    case 'storing':
      return `Storing ${what} …`;
    case 'read':
      return `${what}: read, and not stored yet`;
    case 'stored':
      return `${what}: in the ledger`;
    case 'failed':
      return `${what} needs you: ${view.problem?.title ?? 'it could not be read'}`;
  }
}

const shareOf = (view: UploadView): number | null =>
  view.phase === 'sending' ? (view.bytes ? view.sent / view.bytes : null) : (view.job?.progress ?? null);

/** For pages that do not show the upload themselves. */
export function UploadNews() {
  const { view, close } = useUpload();
  const kept = useKeptScope();
  if (!view) return null;
  const busy = view.phase === 'sending' || view.phase === 'reading' || view.phase === 'storing';
  const share = shareOf(view);
  return (
    <aside className="under-way" aria-label="Upload under way">
      <div className="flex items-center gap-2">
        <Icon name={view.phase === 'failed' ? 'warn' : view.phase === 'stored' ? 'check' : 'file'} />
        <p className="ell" role="status" title={wordsOf(view)}>{wordsOf(view)}</p>
        <span className="grow" />
        <Link to="/sources" search={kept} className="link">Open</Link>
        {view.phase === 'stored' ? <button type="button" className="link" onClick={close}>Close</button> : null}
      </div>
      {busy ? <progress {...(share === null ? {} : { value: share, max: 1 })} aria-label={wordsOf(view)} /> : null}
    </aside>
  );
}
