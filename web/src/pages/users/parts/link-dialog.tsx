import type { OneTime } from '~/api/types';
import { instantText } from '~/lib/dates';
import { Dialog } from '~/ui/dialog';
import { ShownOnce } from '~/ui/secret';

/** The link that only this answer has: it is handed over by whoever asked for it. */
export function LinkDialog({ email, once, onClose }: { email: string; once: OneTime; onClose: () => void }) {
  const title = once.kind === 'invite' ? 'Invitation' : 'New password';
  return (
    <Dialog label={title} className="pop form-pop" onClose={onClose}>
      <div className="sec"><h2>{title} for {email}</h2></div>
      <ShownOnce label="Send them this link" text={new URL(once.link, location.origin).href}>
        It is shown only now, works once, and until {instantText(once.expires_at)} UTC.
      </ShownOnce>
      <div className="form-acts"><button type="button" className="btn btn-ink" onClick={onClose}>Done</button></div>
    </Dialog>
  );
}
