import { useState } from 'react';
import type { Delivery } from '~/api/types';
import { bytesText, count } from '~/lib/money';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { Progress, jobText } from '~/ui/transfer';
import type { Mode, UploadView } from '../use-upload';
import { MappingForm } from './mapping-form';

function Read({ d }: { d: Delivery }) {
  const dropped = d.rows_dropped.reduce((n, r) => n + r.rows, 0);
  const equal = d.difference !== null && /^0$/.test(d.difference);
  return (
    <dl>
      <dt>Read as</dt>
      <dd>{[d.source, d.format, d.billing_period].filter(Boolean).join(', ')}</dd>
      <dt>Rows</dt>
      <dd className="n">{count(d.rows_read)} read, {count(d.rows_stored)} to store{dropped ? `, ${count(dropped)} left out` : ''}</dd>
      <dt>Billed cost</dt>
      <dd><Money value={d.billed_cost} currency={d.currency} symbol /></dd>
      <dt>File’s total</dt>
      <dd>
        <Money value={d.native_total?.amount} currency={d.currency} symbol />{' '}
        {d.difference === null ? <span className="t2">not known</span> : equal ? <span className="good">equal</span> : <span className="bad">differs by {d.difference}</span>}
      </dd>
      {d.supersedes ? (
        <>
          <dt>Overlap</dt>
          <dd className="warn">Replaces delivery {d.supersedes}</dd>
        </>
      ) : null}
      {d.warnings.map((w) => (
        <dd key={w} className="warn col-span-2">{w}</dd>
      ))}
    </dl>
  );
}

/** What can be done once the file has been read: one ink button, the act that binds. */
function Decide({ view, onStore, onCancel }: { view: UploadView; onStore: (mode: Mode) => void; onCancel: () => void }) {
  const refused = view.deliveries.some((d) => d.status === 'refused');
  const same = view.deliveries.length > 0 && view.deliveries.every((d) => d.status === 'unchanged');
  const replaces = view.deliveries.some((d) => d.supersedes);
  return (
    <div className="flex flex-wrap gap-2">
      {refused || same ? null : (
        <button type="button" className="btn btn-ink" onClick={() => onStore(replaces ? 'replace' : null)}>
          {replaces ? 'Load and replace' : 'Load into the ledger'}
        </button>
      )}
      {same ? <p className="s t2">The ledger has exactly this already.</p> : null}
      <button type="button" className="btn" onClick={onCancel}>{refused || same ? 'Close' : 'Do not load'}</button>
    </div>
  );
}

/** One file that nothing knew, or that a mapping did not explain yet: a person can. */
const explainable = (view: UploadView) =>
  view.stage === 'reading' && view.uploads.length === 1 && view.problem?.status !== 409 && view.deliveries.every((d) => !d.format || d.format === 'custom');

function Broken({ view, onStore, onExplain, onClose }: { view: UploadView; onStore: (mode: Mode) => void; onExplain: (mapping: string) => void; onClose: () => void }) {
  const p = view.problem!;
  const [open, setOpen] = useState(view.mapping !== null);
  const conflict = p.status === 409 && view.uploads.length > 0;
  return (
    <div role="alert">
      <p className="bad b">{p.title}</p>
      <p className="s t2">{p.detail}</p>
      {p.hint ? <p className="s t2">{p.hint}</p> : null}
      {open && explainable(view) ? <MappingForm upload={view.uploads[0]!.id} mapping={view.mapping} onRead={onExplain} /> : null}
      {p.request_id ? <p className="mono t3">req {p.request_id}</p> : null}
      <div className="flex flex-wrap gap-2 pt-2">
        {conflict ? (
          <>
            <button type="button" className="btn btn-ink" onClick={() => onStore('replace')}>Replace what is there</button>
            <button type="button" className="btn" onClick={() => onStore('append')}>Add to it</button>
          </>
        ) : null}
        {explainable(view) && !open ? <button type="button" className="btn btn-ink" onClick={() => setOpen(true)}>Explain its columns</button> : null}
        <button type="button" className="btn" onClick={onClose}>Close</button>
      </div>
    </div>
  );
}

export function UploadCard({ view, onStore, onExplain, onCancel, onClose }: {
  view: UploadView;
  onStore: (mode: Mode) => void;
  onExplain: (mapping: string) => void;
  onCancel: () => void;
  onClose: () => void;
}) {
  const [first, ...more] = view.names;
  const tag = { sending: ['Sending', 'tag'], reading: ['Reading', 'tag'], read: ['Dry run', 'tag tag-warn'], storing: ['Storing', 'tag'], stored: ['Loaded', 'tag tag-good'], failed: ['Refused', 'tag tag-bad'] }[view.phase];
  return (
    <div className="upload" aria-label="Upload">
      <div className="flex items-center gap-2">
        <Icon name="file" />
        <b className="b ell">{first}{more.length ? ` and ${more.length} more` : ''}</b>
        <span className="grow" />
        <span className={tag[1]}>{tag[0]}</span>
      </div>
      {view.phase === 'sending' ? <Progress value={view.bytes ? view.sent / view.bytes : null} text={`${bytesText(view.sent)} of ${bytesText(view.bytes)}`} /> : null}
      {view.phase === 'reading' ? <Progress value={view.job?.progress ?? null} text={jobText(view.job, 'Reading')} /> : null}
      {view.phase === 'storing' ? <Progress value={view.job?.progress ?? null} text={jobText(view.job, 'Storing')} /> : null}
      {view.phase === 'failed' ? <Broken view={view} onStore={onStore} onExplain={onExplain} onClose={onClose} /> : null}
      {view.phase === 'read' || view.phase === 'stored' ? view.deliveries.map((d, i) => <Read key={d.id ?? i} d={d} />) : null}
      {view.phase === 'read' ? <Decide view={view} onStore={onStore} onCancel={onCancel} /> : null}
      {view.phase === 'stored' ? <button type="button" className="btn" onClick={onClose}>Done</button> : null}
      {view.phase === 'sending' || view.phase === 'reading' || view.phase === 'storing' ? (
        <button type="button" className="btn mt-2" onClick={onCancel}>Cancel</button>
      ) : null}
    </div>
  );
}
