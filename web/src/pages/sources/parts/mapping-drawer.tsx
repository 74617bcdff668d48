/*
 * What makes which column of FOCUS: proposed by the server from the file's names and values, settled by a person,
 * tried on the first lines while it is written, and then read by. Nothing is stored from here.
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
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

interface Cell {
  text: string; /* in full, for the pointer: a cell is cut where it is long */
  shown?: ReactNode;
}

/** Wide tables scroll in their own box, which keys can reach. */
function Lines({ label, head, rows }: { label: string; head: readonly string[]; rows: readonly (readonly Cell[])[] }) {
  return (
    <div className="lines" role="region" aria-label={label} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>{head.map((c, i) => <th key={i} scope="col">{c || '–'}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((cells, i) => <tr key={i}>{cells.map((cell, k) => <td key={k} title={cell.text}>{cell.shown ?? cell.text}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  );
}

function Became({ charges }: { charges: Charges }) {
  const columns = columnsOf(charges);
  const cell = (charge: Charges[number], column: string): Cell => {
    const { value, refused } = charge[column] ?? { value: null, refused: null };
    if (!refused) return value === null ? { text: '', shown: <span className="t3">–</span> } : { text: value };
    const text = `${value ? `“${value}”: ` : ''}${refused}`;
    return { text, shown: <span className="bad"><Icon name="warn" className="inline align-[-3px]" /> {text}</span> };
  };
  return <Lines label="What the first lines become" head={columns} rows={charges.map((charge) => columns.map((c) => cell(charge, c)))} />;
}

/** The server has judged the mapping, as against not having come to it. */
const isJudged = (error: unknown): boolean => error instanceof ApiError && error.problem.status >= 400 && error.problem.status < 500;

/** What is still in the way, in words; null: nothing. */
function obstacle(text: string, doubts: number, error: unknown, charges: Charges | null | undefined): string | null {
  if (!text.trim()) return 'It is empty: write what makes which column, or discard that.';
  if (doubts) return `${doubts === 1 ? 'One line is' : `${doubts} lines are`} yours to settle: each says CHOOSE, and why.`;
  if (error) return isJudged(error) ? 'The mapping cannot be used as it is.' : 'It could not be tried. What you wrote is kept.';
  const refused = (charges ?? []).filter((c) => Object.values(c).some((v) => v.refused)).length;
  if (refused) return `${refused === 1 ? 'One of the first lines is' : `${refused} of the first lines are`} refused: look at the values below.`;
  return null;
}

const wordsOf = (error: unknown): string =>
  error instanceof ApiError ? [error.problem.detail ?? error.problem.title, error.problem.hint].filter(Boolean).join('. ') : String(error);

export function MappingDrawer({ upload, name, mapping, draft, onWrite, onRead, onClose }: {
  upload: string;
  name: string;
  mapping: string | null; /* the one it was read by; null: propose one */
  draft: string | null; /* what has been written since; null: nothing */
  onWrite: (draft: string | null) => void;
  onRead: (mapping: string) => void;
  onClose: () => void;
}) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const text = draft ?? mapping;
  const [asked, setAsked] = useState<string | null>(text);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), TRY_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  /* asked nothing, it proposes */
  const preview = useQuery({ ...mappingQuery(upload, asked), enabled: asked === null || asked.trim() !== '', placeholderData: keepPreviousData });
  const proposal = asked === null && !preview.isPlaceholderData ? preview.data?.mapping : undefined;
  const shown = text ?? proposal ?? '';
  const ready = text !== null || proposal !== undefined;
  const behind = shown.trim() !== '' && (text !== asked || preview.isPlaceholderData || preview.isFetching);
  const error = behind ? null : preview.error;
  const answer = preview.data;
  const doubts = doubtsOf(shown);
  const blocked = obstacle(shown, doubts.length, error, answer?.charges);
  const goTo = (line: number) => {
    const { start, end } = lineOf(shown, line);
    area.current?.focus();
    area.current?.setSelectionRange(start, end);
  };
  const discard = () => {
    onWrite(null);
    setAsked(mapping);
  };
  if (!ready && preview.error && !preview.isFetching)
    return (
      <Drawer title={`Columns of ${name}`} wide onClose={onClose}>
        <Failed error={preview.error} onRetry={() => void preview.refetch()} height={240} />
      </Drawer>
    );
  return (
    <Drawer
      title={`Columns of ${name}`}
      wide
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn btn-ink" disabled={!ready || blocked !== null || behind} onClick={() => onRead(shown)}>Read the file by this</button>
          <button type="button" className="btn" onClick={onClose}>Close</button>
          {draft === null ? null : <button type="button" className="btn" onClick={discard}>Discard what I wrote</button>}
          <p className={`s self-center ${blocked ? 'warn' : 't2'}`} role="status">
            {!ready ? '' : behind ? 'Trying it on the first lines …' : (blocked ?? 'The first lines can be read. Nothing is stored yet.')}
          </p>
        </>
      }
    >
      {ready ? (
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
            aria-invalid={error && isJudged(error) ? true : undefined}
            aria-describedby={error ? `${id}-error` : undefined}
            value={shown}
            onChange={(event) => onWrite(event.target.value)}
          />
          {error ? (
            <>
              <p id={`${id}-error`} className="s bad mt-2" role="alert">
                <Icon name="warn" className="inline align-[-3px]" /> {wordsOf(error)}
              </p>
              {isJudged(error) ? null : (
                <button type="button" className="btn mt-2" onClick={() => void preview.refetch()}><Icon name="refresh" />Try again</button>
              )}
            </>
          ) : null}
          {answer?.charges && !error && !doubts.length && shown.trim() ? (
            <>
              <h3 className="b">What the first lines become</h3>
              <Became charges={answer.charges} />
            </>
          ) : null}
          {answer ? (
            <>
              <h3 className="b">The file’s first lines</h3>
              <Lines label="The file’s first lines" head={answer.columns} rows={answer.rows.map((cells) => cells.map((value) => ({ text: value })))} />
            </>
          ) : null}
        </>
      ) : (
        <Skeleton height={420} />
      )}
    </Drawer>
  );
}
