/*
 * A bill from the desktop to the ledger: sent as it is, read without storing (dry run), shown, and stored when
 * the person says so. Progress comes as events, and by asking when events do not get through.
 *
 * There is one upload at a time, and the shell has it: it goes on while its person looks at other pages.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, use, useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, post, remove, sendFile } from '~/api/client';
import { jobQuery } from '~/api/queries';
import { reportOf, type Delivery, type Job, type Problem, type Upload } from '~/api/types';

type Mode = 'replace' | 'append' | null;
type Stage = 'sending' | 'reading' | 'storing';

interface Transfer {
  names: string[];
  bytes: number;
  sent: number;
  stage: Stage;
  uploads: Upload[];
  jobId: string | null;
  mapping: string | null; /* by which it was read */
  draft: string | null; /* a mapping that was written, and not read by yet */
  problem: Problem | null;
}

export interface UploadView extends Transfer {
  phase: 'sending' | 'reading' | 'read' | 'storing' | 'stored' | 'failed';
  job: Job | null;
  deliveries: Delivery[];
}

const POLL_MS = 1000;
const isOver = (job: Job | undefined) => job?.state === 'done' || job?.state === 'failed' || job?.state === 'cancelled';

function viewOf(transfer: Transfer, job: Job | undefined): UploadView {
  const base = { ...transfer, job: job ?? null, deliveries: (job?.result?.deliveries ?? []).map(reportOf) };
  if (transfer.problem) return { ...base, phase: 'failed' };
  if (job?.state === 'failed')
    return { ...base, phase: 'failed', problem: job.error ?? { type: 'about:blank', title: 'The import failed', status: 500 } };
  if (transfer.stage === 'sending') return { ...base, phase: 'sending' };
  if (transfer.stage === 'reading') return { ...base, phase: job?.state === 'done' ? 'read' : 'reading' };
  return { ...base, phase: job?.state === 'done' ? 'stored' : 'storing' };
}

/** Leaving the application now would lose something: what is under way, or what a person has written. */
const wouldBeLost = (view: UploadView | null): boolean =>
  view !== null && (view.draft !== null || view.phase === 'sending' || view.phase === 'reading' || view.phase === 'storing');

function useAskBeforeLeaving(ask: boolean): void {
  useEffect(() => {
    if (!ask) return;
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', hold);
    return () => removeEventListener('beforeunload', hold);
  }, [ask]);
}

export function useUploadState() {
  const client = useQueryClient();
  const [transfer, setTransfer] = useState<Transfer | null>(null);
  const stop = useRef<AbortController | null>(null);
  const change = useCallback((next: Partial<Transfer>) => setTransfer((t) => (t ? { ...t, ...next } : t)), []);

  const jobId = transfer?.jobId ?? null;
  const job = useQuery({
    ...jobQuery(jobId ?? ''),
    enabled: jobId !== null,
    refetchInterval: (q) => (isOver(q.state.data) ? false : POLL_MS),
  });

  const fail = (error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') setTransfer(null);
    else change({ problem: error instanceof ApiError ? error.problem : { type: 'about:blank', title: String(error), status: 0 } });
  };

  const begin = async (uploads: readonly Upload[], dryRun: boolean, mode: Mode, mapping: string | null) => {
    const started = await post<Job>('/jobs', {
      kind: 'ingest', uploads: uploads.map((u) => u.id), mode, tolerate: 0, dry_run: dryRun, mapping,
    });
    client.setQueryData(['job', started.id], started);
    change({ jobId: started.id, stage: dryRun ? 'reading' : 'storing', problem: null, mapping, draft: null });
  };

  const send = useMutation({
    mutationFn: async (files: readonly File[]) => {
      stop.current = new AbortController();
      const bytes = files.reduce((n, f) => n + f.size, 0);
      setTransfer({ names: files.map((f) => f.name), bytes, sent: 0, stage: 'sending', uploads: [], jobId: null, mapping: null, draft: null, problem: null });
      const uploads: Upload[] = [];
      let before = 0;
      for (const file of files) {
        const path = `/uploads?name=${encodeURIComponent(file.name)}`;
        uploads.push(await sendFile<Upload>(path, file, (sent) => change({ sent: before + sent }), stop.current.signal));
        before += file.size;
      }
      change({ uploads, sent: bytes });
      await begin(uploads, true, null, null);
    },
    onError: fail,
  });

  const store = useMutation({
    mutationFn: (mode: Mode) => begin(transfer?.uploads ?? [], false, mode, transfer?.mapping ?? null),
    onError: fail,
  });

  /** Reads it again as the mapping says. */
  const explain = useMutation({
    mutationFn: (mapping: string) => begin(transfer?.uploads ?? [], true, null, mapping),
    onError: fail,
  });

  /** Stops what runs and forgets what was sent; the ledger stays as it was. */
  const cancel = () => {
    stop.current?.abort();
    if (jobId && !isOver(job.data)) void remove(`/jobs/${jobId}`).catch(() => undefined);
    for (const upload of transfer?.uploads ?? []) void remove(`/uploads/${upload.id}`).catch(() => undefined);
    setTransfer(null);
  };

  const view = transfer ? viewOf(transfer, job.data) : null;
  useAskBeforeLeaving(wouldBeLost(view));
  return {
    view,
    send: (files: readonly File[]) => files.length && send.mutate(files),
    store: (mode: Mode) => store.mutate(mode),
    explain: (mapping: string) => explain.mutate(mapping),
    again: () => change({ problem: null }),
    write: (draft: string | null) => change({ draft }),
    cancel,
    close: () => setTransfer(null),
  };
}

export type Uploading = ReturnType<typeof useUploadState>;

export const UploadContext = createContext<Uploading | null>(null);

export function useUpload(): Uploading {
  const upload = use(UploadContext);
  if (!upload) throw new Error('useUpload() outside of its provider');
  return upload;
}
