/*
 * What makes which column of FOCUS: proposed by the server from the file's names and values, settled by a person,
 * tried on the first lines, and then read by. Nothing is stored from here.
 */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, post } from '~/api/client';
import type { MappingPreview } from '~/api/types';

const COLUMNS = ['ChargePeriodStart', 'ServiceName', 'BilledCost', 'BillingCurrency', 'ChargeCategory', 'Tags'];

function Charges({ charges }: { charges: NonNullable<MappingPreview['charges']> }) {
  return (
    <div className="lines">
      <table className="table" aria-label="What the first lines become">
        <thead>
          <tr>{COLUMNS.map((c) => <th key={c} scope="col">{c}</th>)}</tr>
        </thead>
        <tbody>
          {charges.map((charge, i) => (
            <tr key={i}>
              {COLUMNS.map((c) => (
                <td key={c} className={charge[c]?.refused ? 'bad' : 'n'}>{charge[c]?.refused ?? charge[c]?.value ?? '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function MappingForm({ upload, mapping, onRead }: { upload: string; mapping: string | null; onRead: (mapping: string) => void }) {
  const [text, setText] = useState<string | null>(mapping);
  const proposal = useQuery({
    queryKey: ['mapping', upload],
    queryFn: () => post<MappingPreview>('/mappings/preview', { upload }),
    enabled: mapping === null,
    staleTime: Infinity,
    retry: false,
  });
  const tried = useMutation({ mutationFn: (given: string) => post<MappingPreview>('/mappings/preview', { upload, mapping: given }) });
  const shown = text ?? proposal.data?.mapping ?? '';
  const charges = tried.data?.charges ?? (text === null ? proposal.data?.charges : null);
  const failure = tried.error ?? proposal.error;
  const doubtful = /\bCHOOSE\b/.test(shown);
  return (
    <div className="pt-2">
      <label className="s t2" htmlFor={`mapping-${upload}`}>
        What its columns mean{doubtful ? ': settle the lines that say CHOOSE' : ''}
      </label>
      <textarea
        id={`mapping-${upload}`}
        className="field mono mapping"
        rows={14}
        spellCheck={false}
        value={shown}
        onChange={(event) => setText(event.target.value)}
      />
      {failure instanceof ApiError ? (
        <p className="s bad" role="alert">{[failure.problem.detail ?? failure.problem.title, failure.problem.hint].filter(Boolean).join('. ')}</p>
      ) : null}
      {charges ? <Charges charges={charges} /> : null}
      <div className="flex flex-wrap gap-2 pt-2">
        <button type="button" className="btn" disabled={!shown || tried.isPending} onClick={() => tried.mutate(shown)}>Try on the first lines</button>
        <button type="button" className="btn btn-ink" disabled={!shown || doubtful} onClick={() => onRead(shown)}>Read it by this</button>
      </div>
    </div>
  );
}
