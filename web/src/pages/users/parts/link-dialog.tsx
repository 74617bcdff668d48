import type { OneTime } from '~/api/types';
import { instantText } from '~/lib/dates';
import { BoxDialog } from '~/ui/form-dialog';
import { ShownOnce } from '~/ui/secret';

/** The link that only this answer has: it is handed over by whoever asked for it. */
export function LinkDialog({ email, once, onClose }: { email: string; once: OneTime; onClose: () => void }) {
  const title = once.kind === 'invite' ? 'Invitation' : 'New password';
  return (
    <BoxDialog label={title} title={`${title} for ${email}`} stays onClose={onClose} acts={<button type="button" className="btn btn-ink" onClick={onClose}>Done</button>}>
      <ShownOnce label="Send them this link" text={new URL(once.link, location.origin).href}>
        It is shown only now, works once, and until {instantText(once.expires_at)} UTC.
      </ShownOnce>
    </BoxDialog>
  );
}
