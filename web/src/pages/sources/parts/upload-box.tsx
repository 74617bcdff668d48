import { useState, type ReactNode } from 'react';
import type { Delivery } from '~/api/types';
import { periodText } from '~/lib/dates';
import { bytesText, count } from '~/lib/money';
import { filesText, formatName } from '~/lib/words';
import type { Uploading, UploadView } from '~/shell/use-upload';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { Progress, jobText } from '~/ui/transfer';
import { MappingDrawer } from './mapping-drawer';

const UNKNOWN_KIND = '/problems/not-found';

function Read({ d }: { d: Delivery }) {
  const dropped = d.rows_dropped.reduce((n, r) => n + r.rows, 0);
  const equal = d.difference !== null && /^0$/.test(d.difference);
  return (
    <dl>
      <dt>Read as</dt>
      <dd>{[d.source, formatName(d.format), d.billing_period ? periodText(d.billing_period) : ''].filter(Boolean).join(', ')}</dd>
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

interface Card {
  upload: Uploading;
  view: UploadView;
}

/** What can be done once the file has been read: one ink button, the act that binds. */
function Decide({ upload, view, children }: Card & { children: ReactNode }) {
  const refused = view.deliveries.some((d) => d.status === 'refused');
  const same = view.deliveries.length > 0 && view.deliveries.every((d) => d.status === 'unchanged');
  const replaces = view.deliveries.some((d) => d.supersedes);
  return (
    <div className="flex flex-wrap gap-2">
      {refused || same ? null : (
        <button type="button" className="btn btn-ink" onClick={() => upload.store(replaces ? 'replace' : null)}>
          {replaces ? 'Load and replace' : 'Load into the ledger'}
        </button>
      )}
      {same ? <p className="s t2">The ledger has exactly this already.</p> : null}
      {children}
      <button type="button" className="btn" onClick={upload.cancel}>{refused || same ? 'Close' : 'Do not load'}</button>
    </div>
  );
}

/** One file that nothing knew, or that a mapping did not explain yet: a person can. */
const explainable = (view: UploadView) =>
  view.stage === 'reading' && view.uploads.length === 1 && view.problem?.status !== 409 && view.deliveries.every((d) => !d.format || d.format === 'custom');

/** Opens the mapping: ink while it is the next step. What is written there stays with the upload. */
function Explain({ upload, view, ink }: Card & { ink: boolean }) {
  const [open, setOpen] = useState(false);
  const file = view.uploads[0];
  if (!file) return null;
  return (
    <>
      <button type="button" className={ink ? 'btn btn-ink' : 'btn'} onClick={() => setOpen(true)}>
        {view.draft !== null ? 'Go on with the mapping' : view.mapping === null ? 'Explain its columns' : 'Change the mapping'}
      </button>
      {open ? (
        <MappingDrawer
          upload={file.id}
          name={file.name}
          mapping={view.mapping}
          draft={view.draft}
          onWrite={upload.write}
          onClose={() => setOpen(false)}
          onRead={(mapping) => {
            setOpen(false);
            upload.explain(mapping);
          }}
        />
      ) : null}
    </>
  );
}

function Broken({ upload, view }: Card) {
  const p = view.problem!;
  const conflict = p.status === 409 && view.uploads.length > 0;
  const foreign = unknownKind(view);
  return (
    <>
      {/* the message alone: what is opened from here is no news */}
      <div role="alert">
        <p className={foreign ? 'b mt-2' : 'bad b mt-2'}>{foreign ? 'Its columns are not known' : p.title}</p>
        <p className="s t2">{p.detail}</p>
        {p.hint ? <p className="s t2">{p.hint}</p> : null}
        {foreign ? <p className="s t2 mt-1">Or say what its columns mean: a first mapping is made from its header and first lines, for you to settle.</p> : null}
        {p.request_id ? <p className="mono t3">req {p.request_id}</p> : null}
      </div>
      <div className="flex flex-wrap gap-2 pt-2">
        {conflict ? (
          <>
            <button type="button" className="btn btn-ink" onClick={() => upload.store('replace')}>Replace what is there</button>
            <button type="button" className="btn" onClick={() => upload.store('append')}>Add to it</button>
          </>
        ) : null}
        {canTryAgain(view) ? <button type="button" className="btn btn-ink" onClick={upload.again}>Try again</button> : explainable(view) ? <Explain upload={upload} view={view} ink /> : null}
        <button type="button" className="btn" onClick={upload.cancel}>{view.draft === null ? 'Close' : 'Discard file and mapping'}</button>
      </div>
    </>
  );
}

/** It was read, and then the server had no time: what was read still stands. */
const canTryAgain = (view: UploadView) => view.job?.state === 'done' && (view.problem?.status === 503 || view.problem?.status === 0) && view.draft === null;

/** Nobody has said yet what it is: that is a question, not a failure. */
const unknownKind = (view: UploadView) => view.phase === 'failed' && view.mapping === null && view.problem?.type === UNKNOWN_KIND && explainable(view);

const TAGS = {
  sending: ['Sending', 'tag'], reading: ['Reading', 'tag'], read: ['Dry run', 'tag tag-warn'], storing: ['Storing', 'tag'],
  stored: ['Loaded', 'tag tag-good'], failed: ['Refused', 'tag tag-bad'],
} as const;

export function UploadCard({ upload, view }: Card) {
  const tag = unknownKind(view) ? (['Needs you', 'tag tag-warn'] as const) : TAGS[view.phase];
  return (
    <div className="upload" role="group" aria-label="Upload">
      <div className="flex items-center gap-2">
        <Icon name="file" />
        <b className="b ell" title={view.names.join(', ')}>{filesText(view.names)}</b>
        <span className="grow" />
        <span className={tag[1]}>{tag[0]}</span>
      </div>
      {view.phase === 'sending' ? <Progress value={view.bytes ? view.sent / view.bytes : null} text={`${bytesText(view.sent)} of ${bytesText(view.bytes)}`} /> : null}
      {view.phase === 'reading' ? <Progress value={view.job?.progress ?? null} text={jobText(view.job, 'Reading')} /> : null}
      {view.phase === 'storing' ? <Progress value={view.job?.progress ?? null} text={jobText(view.job, 'Storing')} /> : null}
      {view.phase === 'failed' ? <Broken upload={upload} view={view} /> : null}
      {view.phase === 'read' || view.phase === 'stored' ? view.deliveries.map((d, i) => <Read key={d.id ?? i} d={d} />) : null}
      {view.phase === 'read' ? (
        <Decide upload={upload} view={view}>
          {view.mapping !== null && explainable(view) ? <Explain upload={upload} view={view} ink={false} /> : null}
        </Decide>
      ) : null}
      {view.phase === 'stored' ? <button type="button" className="btn" onClick={upload.close}>Done</button> : null}
      {view.phase === 'sending' || view.phase === 'reading' || view.phase === 'storing' ? (
        <button type="button" className="btn mt-2" onClick={upload.cancel}>Cancel</button>
      ) : null}
    </div>
  );
}
