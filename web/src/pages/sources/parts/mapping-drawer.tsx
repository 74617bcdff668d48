/*
 * What makes which column of FOCUS: proposed by the server from the file's names and values, settled by a person,
 * tried on the first lines while it is written, and then read by. Nothing is stored from here.
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { mappingQuery } from '~/api/queries';
import type { MappingPreview } from '~/api/types';
import { ApiError } from '~/api/client';
import { Drawer } from '~/ui/dialog';
import { Icon } from '~/ui/icon';
import { Failed, Skeleton } from '~/ui/states';
import { doubtsOf, lineOf } from '../mapping-text';

const TRY_AFTER_MS = 400;
/* Named first, in this order; what else the mapping makes follows. */
const FIRST = ['ChargePeriodStart', 'ServiceName', 'BilledCost', 'BillingCurrency'];

type Charges = NonNullable<MappingPreview['charges']>;

const columnsOf = (charges: Charges): string[] => {
  const all = [...new Set(charges.flatMap((c) => Object.keys(c)))];
  return [...FIRST.filter((c) => all.includes(c)), ...all.filter((c) => !FIRST.includes(c))];
};

/** Wide tables scroll in their own box, which keys can reach. */
function Lines({ label, head, rows }: { label: string; head: readonly string[]; rows: React.ReactNode[][] }) {
  return (
    <div className="lines" role="region" aria-label={label} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>{head.map((c, i) => <th key={i} scope="col">{c || '–'}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((cells, i) => <tr key={i}>{cells.map((cell, k) => <td key={k}>{cell}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  );
}

function Became({ charges }: { charges: Charges }) {
  const columns = columnsOf(charges);
  const cell = (charge: Charges[number], column: string) => {
    const { value, refused } = charge[column] ?? { value: null, refused: null };
    return refused ? <span className="bad"><Icon name="warn" className="inline align-[-3px]" /> {value ? `“${value}”: ` : ''}{refused}</span> : (value ?? <span className="t3">–</span>);
  };
  return <Lines label="What the first lines become" head={columns} rows={charges.map((charge) => columns.map((c) => cell(charge, c)))} />;
}

/** What is still in the way, in words; null: nothing. */
function obstacle(doubts: number, error: unknown, charges: Charges | null | undefined): string | null {
  if (doubts) return `${doubts === 1 ? 'One line is' : `${doubts} lines are`} yours to settle: each says CHOOSE, and why.`;
  if (error) return 'The mapping cannot be used as it is.';
  const refused = (charges ?? []).filter((c) => Object.values(c).some((v) => v.refused)).length;
  if (refused) return `${refused === 1 ? 'One of the first lines is' : `${refused} of the first lines are`} refused: look at the values below.`;
  return null;
}

export function MappingDrawer({ upload, name, mapping, onRead, onClose }: {
  upload: string;
  name: string;
  mapping: string | null; /* the one it was read by; null: propose one */
  onRead: (mapping: string) => void;
  onClose: () => void;
}) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState<string | null>(mapping);
  const [asked, setAsked] = useState<string | null>(mapping);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), TRY_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const proposal = useQuery({ ...mappingQuery(upload, null), enabled: mapping === null });
  const tried = useQuery({ ...mappingQuery(upload, asked), enabled: asked !== null, placeholderData: keepPreviousData });
  const shown = text ?? proposal.data?.mapping ?? '';
  const answer = asked === null ? proposal.data : tried.data;
  const behind = text !== asked || tried.isPlaceholderData || tried.isFetching;
  const error = asked === null || behind ? null : tried.error;
  const doubts = doubtsOf(shown);
  const blocked = obstacle(doubts.length, error, answer?.charges);
  const goTo = (line: number) => {
    const { start, end } = lineOf(shown, line);
    area.current?.focus();
    area.current?.setSelectionRange(start, end);
  };
  if (proposal.error)
    return (
      <Drawer title={`Columns of ${name}`} wide onClose={onClose}>
        <Failed error={proposal.error} onRetry={() => void proposal.refetch()} height={240} />
      </Drawer>
    );
  return (
    <Drawer
      title={`Columns of ${name}`}
      wide
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn btn-ink" disabled={!shown || blocked !== null || behind} onClick={() => onRead(shown)}>Read the file by this</button>
          <button type="button" className="btn" onClick={onClose}>Cancel</button>
          <p className={`s self-center ${blocked ? 'warn' : 't2'}`} role="status">
            {!shown ? '' : behind ? 'Trying it on the first lines …' : (blocked ?? 'The first lines can be read. Nothing is stored yet.')}
          </p>
        </>
      }
    >
      {shown ? (
        <>
          {doubts.length ? (
            <ul className="checks" aria-label="To settle">
              {doubts.map((d) => (
                <li key={d.line}>
                  <Icon name="warn" className="warn" />
                  <div>
                    <button type="button" className="row-link" onClick={() => goTo(d.line)}>Line {d.line}, {d.key}</button>
                    <small>{d.why}</small>
                  </div>
                </li>
              ))}
            </ul>
          ) : null}
          <h3 className="b"><label htmlFor={id}>What makes which column</label></h3>
          <textarea
            ref={area}
            id={id}
            className="field mono mapping"
            rows={Math.min(24, Math.max(10, shown.split('\n').length))}
            spellCheck={false}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? `${id}-error` : undefined}
            value={shown}
            onChange={(event) => setText(event.target.value)}
          />
          {error ? (
            <p id={`${id}-error`} className="s bad mt-2" role="alert">
              <Icon name="warn" className="inline align-[-3px]" /> {error instanceof ApiError ? [error.problem.detail ?? error.problem.title, error.problem.hint].filter(Boolean).join('. ') : String(error)}
            </p>
          ) : null}
          {answer?.charges && !error && !doubts.length ? (
            <>
              <h3 className="b">What the first lines become</h3>
              <Became charges={answer.charges} />
            </>
          ) : null}
          {answer ? (
            <>
              <h3 className="b">The file’s first lines</h3>
              <Lines label="The file’s first lines" head={answer.columns} rows={answer.rows} />
            </>
          ) : null}
        </>
      ) : (
        <Skeleton height={420} />
      )}
    </Drawer>
  );
}
