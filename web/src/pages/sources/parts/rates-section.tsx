import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { ratesQuery } from '~/api/queries';
import { patch, sendFile } from '~/api/client';
import type { Organisation, RatePair, RatesImport, Summary } from '~/api/types';
import { dayText } from '~/lib/dates';
import { count, countOf } from '~/lib/money';
import { useMay } from '~/shell/use-session';
import { Section } from '~/ui/parts';
import { problemText } from '~/ui/problem';
import { Empty, Loaded } from '~/ui/states';
import { useToast } from '~/ui/toast';

/** The currency in which everybody's questions are answered that name none. */
function Reporting({ summary }: { summary: Summary }) {
  const say = useToast();
  const client = useQueryClient();
  const set = useMutation({
    mutationFn: (currency: string | null) => patch<Organisation>('/organisation', { currency }),
    onSuccess: ({ currency }) => {
      void client.invalidateQueries({ queryKey: ['ledger'] });
      say(currency ? `Everybody’s figures are in ${currency} now` : 'Everybody’s figures are as billed now');
    },
    onError: (error) => say(problemText(error), { bad: true }),
  });
  const mayWrite = useMay('organisation.write');
  const now = summary.reporting_currency;
  const offered = [...new Set([...summary.convertible, ...(now ? [now] : [])])].sort();
  if (!mayWrite) return <p className="s t2">The organisation reports {now ? `in ${now}` : 'as billed'}.</p>;
  return (
    <label className="flex items-center gap-2 s t2 whitespace-nowrap">
      The organisation reports
      <select className="field !w-auto" value={now ?? ''} disabled={set.isPending} onChange={(event) => set.mutate(event.target.value || null)}>
        <option value="">as billed</option>
        {offered.map((c) => <option key={c} value={c}>in {c}</option>)}
      </select>
    </label>
  );
}

function ImportRates() {
  const say = useToast();
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const send = useMutation({
    mutationFn: (file: File) => sendFile<RatesImport>(`/rates?name=${encodeURIComponent(file.name)}`, file, () => undefined, new AbortController().signal),
    onSuccess: (done) => {
      void client.invalidateQueries({ queryKey: ['ledger'] });
      say(`${countOf(done.rates, 'rate')} to ${dayText(done.last_day)}, ${count(done.changed)} of them new or other`);
    },
    onError: (error) => say(problemText(error), { bad: true }),
  });
  return (
    <>
      <button type="button" className="btn" disabled={send.isPending} onClick={() => input.current?.click()}>{send.isPending ? 'Importing …' : 'Import rates'}</button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="File of exchange rates"
        accept=".xml,.csv,text/xml,text/csv"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) send.mutate(file);
          event.target.value = '';
        }}
      />
    </>
  );
}

function Pairs({ pairs }: { pairs: readonly RatePair[] }) {
  if (!pairs.length)
    return (
      <Empty icon="file" title="No exchange rates yet">
        The European Central Bank publishes its history as eurofxref-hist, XML or CSV; a table with the header date,from,to,rate will do as well.
      </Empty>
    );
  return (
    <div className="scroller" role="region" aria-label="Pairs of currencies" tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">One</th>
            <th scope="col">is in</th>
            <th scope="col" className="r">Rate</th>
            <th scope="col">of</th>
            <th scope="col" className="r">Days</th>
            <th scope="col" className="hide-s">Source</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map((p) => (
            <tr key={`${p.from} ${p.to}`}>
              <td>{p.from}</td>
              <td>{p.to}</td>
              <td className="r n">{p.rate}</td>
              <td>{dayText(p.last_day)}</td>
              <td className="r n">{count(p.days)}</td>
              <td className="t2 hide-s">{p.source}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What amounts are converted by, and into which currency when a question names none. */
export function RatesSection({ summary }: { summary: Summary }) {
  const query = useQuery(ratesQuery());
  const mayWrite = useMay('rates.write');
  return (
    <Section title="Exchange rates" sub="a day takes its own rate, or the last before it" tools={mayWrite ? <ImportRates /> : null}>
      <div className="mb-3"><Reporting summary={summary} /></div>
      <Loaded query={query} height={160}>{(pairs) => <Pairs pairs={pairs} />}</Loaded>
    </Section>
  );
}
