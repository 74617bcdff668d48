/* What was done, by whom; and whether the chain that it is written in still holds. */
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState, type ChangeEvent } from 'react';
import { request } from '~/api/client';
import { auditPath, auditQuery, verificationQuery, type AuditFilter } from '~/api/people';
import type { AuditRow, AuditVerification } from '~/api/types';
import { instantText } from '~/lib/dates';
import { count, countOf } from '~/lib/money';
import type { AuditSearch } from '~/lib/search';
import { useSetSearch } from '~/shell/use-scope';
import { Drawer } from '~/ui/dialog';
import { Field } from '~/ui/form';
import { Icon } from '~/ui/icon';
import { Exact } from '~/ui/parts';
import { problemText } from '~/ui/problem';
import { Empty, Loaded, PageFailed } from '~/ui/states';
import { useToast } from '~/ui/toast';

const whoOf = (row: AuditRow): string => row.actor_email ?? row.actor;

export function AuditPage() {
  const search = useSearch({ strict: false }) as AuditSearch;
  const filter = { actor: search.actor, action: search.action, from: search.from, to: search.to };
  const rows = useInfiniteQuery(auditQuery(filter));
  const chain = useQuery(verificationQuery());
  const [open, setOpen] = useState<AuditRow | null>(null);
  if (rows.error && !rows.data) return <PageFailed error={rows.error} onRetry={() => void rows.refetch()} />;
  const all = rows.data?.pages.flatMap((p) => p.data);
  return (
    <div className="page">
      <div className="head">
        <div>
          <Headline chain={chain.data} failed={chain.error !== null} />
          {chain.data?.holds ? <p className="mt-2"><Exact>every row is as it was written</Exact></p> : null}
        </div>
      </div>
      <Filters filter={filter} />
      <Loaded query={{ data: all, error: rows.error, refetch: () => void rows.refetch() }} height={480}>
        {(list) => (list.length ? <AuditTable rows={list} onOpen={setOpen} /> : <Empty icon="rows" title="Nothing was done that fits">Other days, or fewer filters, may have something.</Empty>)}
      </Loaded>
      {rows.hasNextPage ? <button type="button" className="btn mt-3" disabled={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>Earlier</button> : null}
      {open ? <RowDrawer row={open} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}

function Headline({ chain, failed }: { chain: AuditVerification | undefined; failed: boolean }) {
  if (failed) return <h1>What was done. <span>Whether the chain holds is not known right now.</span></h1>;
  if (!chain) return <h1>What was done. <span>The chain is being checked.</span></h1>;
  if (chain.holds) return <h1>The chain holds, {countOf(chain.rows, 'row')}. <span>Each row’s hash covers the row and the one before.</span></h1>;
  return <h1>The chain is broken at row {chain.broken ? count(chain.broken.seq) : '–'}. <span className="bad">{chain.broken?.why}</span></h1>;
}

function Filters({ filter }: { filter: AuditFilter }) {
  const set = useSetSearch<AuditSearch>();
  const say = useToast();
  /* what is typed, until the address says otherwise: by Show, Clear or Back */
  const asked = JSON.stringify(filter);
  const [said, setSaid] = useState(filter);
  const [was, setWas] = useState(asked);
  if (asked !== was) {
    setWas(asked);
    setSaid(filter);
  }
  const put = (name: keyof AuditFilter) => (event: ChangeEvent<HTMLInputElement>) => setSaid({ ...said, [name]: event.target.value });
  const some = Object.values(filter).some(Boolean);
  const save = useMutation({
    mutationFn: async (kind: 'csv' | 'ndjson') => {
      const response = await request(auditPath(filter), { headers: { accept: kind === 'csv' ? 'text/csv' : 'application/x-ndjson' } });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await response.blob());
      link.download = `farthing-audit.${kind}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    onError: (error) => say(problemText(error), { bad: true }),
  });
  return (
    <form
      className="filters"
      aria-label="Narrow the audit"
      onSubmit={(event) => {
        event.preventDefault();
        set({ actor: said.actor?.trim() || undefined, action: said.action?.trim() || undefined, from: said.from || undefined, to: said.to || undefined });
      }}
    >
      <Field label="Who" value={said.actor ?? ''} onChange={put('actor')} maxLength={254} hint="E-mail or id; owner is the command line on this machine" />
      <Field label="What" value={said.action ?? ''} onChange={put('action')} maxLength={100} hint="An action, or its beginning with a dot: session." />
      <Field label="From" type="date" value={said.from ?? ''} onChange={put('from')} />
      <Field label="To, included" type="date" value={said.to ?? ''} onChange={put('to')} />
      <button type="submit" className="btn">Show</button>
      {some ? (
        <button
          type="button"
          className="btn btn-quiet"
          onClick={(event) => {
            event.currentTarget.form?.querySelector('input')?.focus(); /* it goes away itself */
            set({ actor: undefined, action: undefined, from: undefined, to: undefined });
          }}
        >
          Clear
        </button>
      ) : null}
      <span className="grow" />
      <button type="button" className="btn btn-quiet" disabled={save.isPending} onClick={() => save.mutate('csv')}><Icon name="download" />CSV</button>
      <button type="button" className="btn btn-quiet" disabled={save.isPending} onClick={() => save.mutate('ndjson')}><Icon name="download" />NDJSON</button>
    </form>
  );
}

function AuditTable({ rows, onOpen }: { rows: readonly AuditRow[]; onOpen: (row: AuditRow) => void }) {
  return (
    <div className="scroller">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">When, UTC</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col" className="hide-s">About</th>
            <th scope="col" className="r hide-s hide-m">No.</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.seq}>
              <td><button type="button" className="row-link n" onClick={() => onOpen(r)}>{instantText(r.at)}</button></td>
              <td className="short" title={whoOf(r)}>{whoOf(r)}</td>
              <td className="mono">{r.action}</td>
              <td className="hide-s fill ell mono" title={r.object}>{r.object}</td>
              <td className="r hide-s hide-m">{count(r.seq)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RowDrawer({ row, onClose }: { row: AuditRow; onClose: () => void }) {
  return (
    <Drawer title={`Row ${count(row.seq)}`} onClose={onClose}>
      <dl className="kv">
        <dt>When</dt>
        <dd className="n">{row.at}</dd>
        <dt>Who</dt>
        <dd>{whoOf(row)}</dd>
        <dt>What</dt>
        <dd className="mono">{row.action}</dd>
        <dt>About</dt>
        <dd className="mono">{row.object || '–'}</dd>
        <dt>Request</dt>
        <dd className="mono">{row.request_id ?? '–'}</dd>
        <dt>Hash</dt>
        <dd className="mono long">{row.hash}</dd>
      </dl>
      <div className="sec mt-5"><h2>Detail</h2></div>
      <pre className="code">{JSON.stringify(row.detail, null, 2)}</pre>
    </Drawer>
  );
}
