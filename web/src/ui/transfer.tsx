/* Files on their way: where they are dropped, and how far they have come. */
import { useRef, useState, type DragEvent, type ReactNode } from 'react';
import type { Job } from '~/api/types';
import { count } from '~/lib/money';
import { filesOf } from './files';
import { Icon } from './icon';

export function DropBox({ busy, title, children, label, onFiles, ink, single }: {
  busy: boolean;
  title: string;
  children: ReactNode;
  label: string;
  onFiles: (files: File[]) => void;
  ink?: boolean;
  single?: boolean; /* one file at a time */
}) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!busy) void filesOf(event.dataTransfer).then(onFiles);
  };
  return (
    <div
      className={over ? 'drop drop-over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="file" />
      <b>{title}</b>
      <p className="s t2">{children}</p>
      <button type="button" className={ink ? 'btn btn-ink' : 'btn'} disabled={busy} onClick={() => input.current?.click()}>
        {single ? 'Choose a file' : 'Choose files'}
      </button>
      <input
        ref={input}
        type="file"
        multiple={!single}
        hidden
        aria-label={label}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
    </div>
  );
}

export function Progress({ value, text }: { value: number | null; text: string }) {
  return (
    <>
      <progress {...(value === null ? {} : { value, max: 1 })} aria-label={text} />
      <p className="s t2 n" role="status">{text}</p>
    </>
  );
}

export function jobText(job: Pick<Job, 'rows_done' | 'rows_total' | 'rate_rows_s' | 'eta_s'> | null, doing: string): string {
  if (!job?.rows_done) return `${doing} …`;
  const rate = job.rate_rows_s ? `, ${count(Math.round(job.rate_rows_s))} rows a second` : '';
  const left = job.eta_s ? `, ${Math.ceil(job.eta_s)} s left` : '';
  return `${doing}: ${count(job.rows_done)}${job.rows_total ? ` of ${count(job.rows_total)}` : ''} rows${rate}${left}`;
}
