/* Files to the validator: sent as they are, judged by a job whose id stays in the address bar. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { ApiError, post, remove, sendFile } from '~/api/client';
import { jobQuery } from '~/api/queries';
import type { FocusJob, Problem, Upload } from '~/api/types';
import type { FocusSearch } from '~/lib/search';
import { useToast } from '~/ui/toast';

const POLL_MS = 1000;

interface Sending {
  names: string[];
  bytes: number;
  sent: number;
}

type Phase = 'none' | 'sending' | 'looking' | 'checking' | 'done' | 'failed';

const isOver = (job: { state: string } | undefined) => job?.state === 'done' || job?.state === 'failed' || job?.state === 'cancelled';

function phaseOf(sending: Sending | null, problem: Problem | null, id: string | undefined, job: FocusJob | undefined): Phase {
  if (problem) return 'failed';
  if (sending) return 'sending';
  if (!id) return 'none';
  if (!job) return 'looking';
  if (job.state === 'done' && job.kind === 'focus_validate' && job.result) return 'done';
  if (job.state === 'queued' || job.state === 'running') return 'checking';
  return 'failed';
}

const CANCELLED: Problem = { type: 'about:blank', title: 'It was cancelled', status: 0, detail: 'The files were not checked to their end.' };
const NO_REPORT: Problem = { type: 'about:blank', title: 'There is no report', status: 0, detail: 'This job has checked no files.' };

const problemOf = (error: unknown): Problem =>
  error instanceof ApiError ? error.problem : { type: 'about:blank', title: String(error), status: 0 };

export function useValidation() {
  const { version, job: id } = useSearch({ strict: false }) as FocusSearch;
  const navigate = useNavigate();
  const say = useToast();
  const [sending, setSending] = useState<Sending | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const stop = useRef<AbortController | null>(null);
  const asked = useQuery({
    ...jobQuery(id ?? ''),
    enabled: id !== undefined,
    refetchInterval: (q) => (isOver(q.state.data) || q.state.error ? false : POLL_MS),
  });
  const job = asked.data as FocusJob | undefined;

  const set = (patch: { version?: string | undefined; job?: string | undefined }) =>
    void navigate({
      to: '/focus',
      search: (old) => Object.fromEntries(Object.entries({ ...old, ...patch }).filter(([, value]) => value !== undefined)) as FocusSearch,
    });

  const send = useMutation({
    mutationFn: async (files: readonly File[]) => {
      const signal = (stop.current = new AbortController()).signal;
      const bytes = files.reduce((n, f) => n + f.size, 0);
      const uploads: Upload[] = [];
      setProblem(null);
      setSending({ names: files.map((f) => f.name), bytes, sent: 0 });
      try {
        let before = 0;
        for (const file of files) {
          const path = `/uploads?name=${encodeURIComponent(file.name)}`;
          uploads.push(await sendFile<Upload>(path, file, (sent) => setSending((s) => (s ? { ...s, sent: before + sent } : s)), signal));
          before += file.size;
        }
        return await post<FocusJob>('/focus/validations', { uploads: uploads.map((u) => u.id), ...(version ? { version } : {}) }, signal);
      } catch (error) {
        for (const upload of uploads) void remove(`/uploads/${upload.id}`).catch(() => undefined);
        throw error;
      }
    },
    onSuccess: (started) => {
      /* whoever has gone on meanwhile is told and not pulled back */
      if (location.pathname === '/focus') set({ job: started.id });
      else say('The files are being checked', { action: { label: 'Open', run: () => set({ job: started.id }) } });
    },
    onError: (error) => {
      if (!(error instanceof DOMException && error.name === 'AbortError')) setProblem(problemOf(error));
    },
    onSettled: () => setSending(null),
  });

  const lost = asked.error && !job ? problemOf(asked.error) : null;
  const phase = phaseOf(sending, problem ?? lost, id, job);
  return {
    phase,
    version,
    sending,
    job: job ?? null,
    problem: problem ?? lost ?? job?.error ?? (job?.state === 'cancelled' ? CANCELLED : NO_REPORT),
    pick: (next: string | undefined) => set({ version: next }),
    send: (files: readonly File[]) => files.length && send.mutate(files),
    again: () => (problem ? setProblem(null) : set({ job: undefined })),
    cancel: () => {
      stop.current?.abort();
      if (job && !isOver(job)) void remove(`/jobs/${job.id}`).catch(() => undefined);
    },
  };
}
