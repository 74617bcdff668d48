/* An invoice file to the server and its verdict back: nothing is kept of it, here or there. */
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { ApiError, sendFile } from '~/api/client';
import { invoicesPath } from '~/api/queries';
import type { InvoiceReconciliation, Problem } from '~/api/types';

/** Which bills it is compared with; nothing: all. */
export interface Against {
  source?: string | undefined;
  period?: string | undefined;
}

export interface Compared {
  name: string;
  against: Against;
  answer: InvoiceReconciliation;
}

interface Sending {
  name: string;
  bytes: number;
  sent: number;
}

export function useInvoice() {
  const [sending, setSending] = useState<Sending | null>(null);
  const stop = useRef<AbortController | null>(null);
  const asked = useMutation({
    mutationFn: async ({ file, against }: { file: File; against: Against }): Promise<Compared> => {
      const signal = (stop.current = new AbortController()).signal;
      setSending({ name: file.name, bytes: file.size, sent: 0 });
      const answer = await sendFile<InvoiceReconciliation>(
        invoicesPath(file.name, against.source, against.period), file, (sent) => setSending((s) => (s ? { ...s, sent } : s)), signal,
      );
      return { name: file.name, against, answer };
    },
    onSettled: () => setSending(null),
  });
  const { error } = asked;
  const cancelled = error instanceof DOMException && error.name === 'AbortError';
  const problem: Problem | null =
    !error || cancelled ? null : error instanceof ApiError ? error.problem : { type: 'about:blank', title: String(error), status: 0 };
  return {
    sending,
    problem,
    failed: problem ? (asked.variables?.file.name ?? '') : '',
    compared: asked.data ?? null,
    send: (files: readonly File[], against: Against) => {
      const [file] = files;
      if (file) asked.mutate({ file, against });
    },
    cancel: () => stop.current?.abort(),
    close: () => asked.reset(),
  };
}

export type Invoicing = ReturnType<typeof useInvoice>;
