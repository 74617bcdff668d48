/* The questions and decisions of the page. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { caseQuery, casesQuery, decideCase, detectNow } from '~/api/anomalies';
import { ApiError } from '~/api/client';
import type { Tagged } from '~/api/keep';
import { jobQuery } from '~/api/queries';
import type { Anomaly, AnomalyPatch, DetectJob } from '~/api/types';
import { count, countOf } from '~/lib/money';
import type { AnomalySearch } from '~/lib/search';
import { problemText } from '~/ui/problem';
import { useToast } from '~/ui/toast';
import { doneText, found, undoOf } from './words';

/** What is looked for is looked for in all cases, but in no more pages than this. */
const FIND_PAGES = 20;

export function useCases(search: AnomalySearch) {
  const query = useInfiniteQuery(casesQuery({ state: search.state ?? 'open', severity: search.severity, account: search.account, service: search.service }));
  const pages = query.data?.pages ?? [];
  const read = pages.flatMap((p) => p.data);
  const first = pages[0];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const wantsAll = Boolean(search.find) && hasNextPage && !isFetchingNextPage && pages.length < FIND_PAGES;
  useEffect(() => {
    if (wantsAll) void fetchNextPage();
  }, [wantsAll, fetchNextPage]);
  return { query, read, shown: search.find ? found(read, search.find) : read, counts: first?.counts, lastRun: first?.last_run ?? null, ledgerVersion: first?.ledger_version ?? null };
}

export interface Decided {
  cases: readonly Anomaly[];
  decision: AnomalyPatch;
}

const isConflict = (error: unknown): boolean => error instanceof ApiError && error.problem.status === 412;

/** The etag of what the person has in front of them; none where they have seen only the row. */
function etagOf(client: QueryClient, id: string): string | undefined {
  const query = client.getQueryCache().find<Tagged<Anomaly>>({ queryKey: caseQuery(id).queryKey });
  return query?.isActive() || query?.state.isInvalidated === false ? query.state.data?.etag || undefined : undefined;
}

interface Outcome {
  done: { before: Anomaly; now: Tagged<Anomaly> }[];
  failed: { id: string; error: unknown }[];
}

/** Decides cases, tells what became of it, and can take it back. Who was faster is never overwritten unknowingly. */
export function useDecide() {
  const client = useQueryClient();
  const say = useToast();
  const [conflict, setConflict] = useState<Decided | null>(null);

  const put = ({ data, etag }: Tagged<Anomaly>) =>
    client.setQueryData(caseQuery(data.id).queryKey, (old) => (old ? { data: { ...old.data, ...data }, etag } : old));
  const readAnew = () => void client.invalidateQueries({ queryKey: ['anomalies'] });

  const undo = async (done: Outcome['done'], decision: AnomalyPatch) => {
    try {
      for (const { before, now } of done) {
        const back = undoOf(before, decision);
        if (back) put(await decideCase(before.id, now.etag, back));
      }
    } catch (error) {
      say(isConflict(error) ? 'Somebody has changed it since: it was not taken back' : problemText(error), { bad: true });
    }
    readAnew();
  };

  const decide = useMutation({
    mutationFn: async ({ cases, decision, over }: Decided & { over?: boolean }): Promise<Outcome> => {
      const out: Outcome = { done: [], failed: [] };
      for (const before of cases)
        try {
          const now = await decideCase(before.id, over ? undefined : etagOf(client, before.id), decision);
          put(now);
          out.done.push({ before, now });
        } catch (error) {
          out.failed.push({ id: before.id, error });
        }
      return out;
    },
    onSuccess: ({ done, failed }, { cases, decision }) => {
      readAnew();
      const takesBack = done.length > 0 && done.every(({ before }) => undoOf(before, decision));
      if (done.length) say(doneText(done.map((d) => d.before.id), decision), takesBack ? { action: { label: 'Undo', run: () => void undo(done, decision) } } : {});
      const first = failed[0];
      if (!first) return setConflict(null);
      if (cases.length === 1 && isConflict(first.error)) return setConflict({ cases, decision });
      const why = isConflict(first.error) ? 'Somebody has changed them since' : problemText(first.error);
      say(cases.length === 1 ? why : `${countOf(failed.length, 'case')} of ${count(cases.length)} not: ${failed.slice(0, 3).map((f) => f.id).join(', ')}. ${why}`, { bad: true });
    },
  });

  return {
    pending: decide.isPending,
    conflict,
    decide: (cases: readonly Anomaly[], decision: AnomalyPatch) => decide.mutate({ cases, decision }),
    mine: () => conflict && decide.mutate({ ...conflict, over: true }),
    theirs: () => {
      setConflict(null);
      readAnew();
    },
  };
}

export type Deciding = ReturnType<typeof useDecide>;

const POLL_MS = 1000;
const isOver = (job: { state: string } | undefined) => job?.state === 'done' || job?.state === 'failed' || job?.state === 'cancelled';

/** The monitors, run now: a job, and what it has found. */
export function useDetect() {
  const client = useQueryClient();
  const say = useToast();
  const [id, setId] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: detectNow,
    onSuccess: (job) => {
      client.setQueryData(jobQuery(job.id).queryKey, job as never);
      setId(job.id);
    },
    onError: (error) => say(problemText(error), { bad: true }),
  });
  const asked = useQuery({ ...jobQuery(id ?? ''), enabled: id !== null, refetchInterval: (q) => (isOver(q.state.data) || q.state.error ? false : POLL_MS) });
  const job = id === null ? undefined : (asked.data as unknown as DetectJob | undefined);
  const over = isOver(job) || asked.error !== null;
  useEffect(() => {
    if (id === null || !over) return;
    void client.invalidateQueries({ queryKey: ['anomalies'] });
    if (job?.state === 'done' && job.result) {
      const { opened, changed, gone } = job.result;
      say(`${countOf(opened, 'case')} opened, ${count(changed)} changed, ${count(gone)} gone`);
    } else say(job?.error?.title ?? 'The monitors did not come to their end', { bad: true });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- told once, when the job is over
  }, [id, over]);
  return { running: start.isPending || (id !== null && !over), job, run: () => start.mutate() };
}
