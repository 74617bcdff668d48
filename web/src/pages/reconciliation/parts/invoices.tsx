/* An invoice file: dropped, compared, and what came of it. */
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Invoice } from '~/api/types';
import { periodText } from '~/lib/dates';
import { bytesText, count, countOf } from '~/lib/money';
import { May } from '~/shell/may';
import { useSourceName } from '~/shell/use-scope';
import { Drawer } from '~/ui/dialog';
import { Icon } from '~/ui/icon';
import { Change, Money } from '~/ui/money';
import { Section } from '~/ui/parts';
import { DropBox, Progress } from '~/ui/transfer';
import { STATUS, candidateName, chargesOf, invoicesWords, sorted, sortedLines } from '../invoices';
import type { Against, Compared, Invoicing } from '../use-invoice';

type Periods = readonly [string, string] | null;

const StatusTag = ({ status }: { status: Invoice['status'] }) => <span className={STATUS[status][1]}>{STATUS[status][0]}</span>;

function useAgainst(): (against: Against) => string {
  const nameOf = useSourceName();
  return ({ source, period }) => [source ? nameOf(source) : '', period ? periodText(period) : ''].filter(Boolean).join(', ') || 'the whole ledger';
}

export function InvoiceBox({ invoice, against }: { invoice: Invoicing; against: Against }) {
  const { sending, problem } = invoice;
  const words = useAgainst();
  const scoped = against.source !== undefined || against.period !== undefined;
  return (
    <Section title="Invoice" sub="compared and thrown away">
      <May needs={['files.write']}>
        <DropBox busy={sending !== null} title="Drop an invoice here" label="Invoice to compare" single onFiles={(files) => invoice.send(files, against)}>
          CSV of its lines, or FOCUS Invoice Detail; packed or not. Against {words(against)}, by invoice number
          {scoped ? ': invoices of it that the file lacks are named too.' : '.'}
        </DropBox>
      </May>
      {sending ? (
        <div className="upload" role="group" aria-label="Comparison">
          <div className="flex items-center gap-2">
            <Icon name="file" />
            <b className="b ell" title={sending.name}>{sending.name}</b>
            <span className="grow" />
            <span className="tag">{sending.sent < sending.bytes ? 'Sending' : 'Comparing'}</span>
          </div>
          <Progress
            value={sending.sent < sending.bytes ? sending.sent / sending.bytes : null}
            text={sending.sent < sending.bytes ? `${bytesText(sending.sent)} of ${bytesText(sending.bytes)}` : 'Comparing with what was billed …'}
          />
          <button type="button" className="btn mt-2" onClick={invoice.cancel}>Cancel</button>
        </div>
      ) : null}
      {problem ? (
        <div className="upload">
          <div role="alert">
            <p className="bad b">{problem.title}</p>
            <p className="s t2">{problem.detail ?? invoice.failed}</p>
            {problem.hint ? <p className="s t2">{problem.hint}</p> : null}
            {problem.request_id ? <p className="mono t3">req {problem.request_id}</p> : null}
          </div>
          <button type="button" className="btn mt-2" onClick={invoice.close}>Close</button>
        </div>
      ) : null}
    </Section>
  );
}

/** What may be the difference, under the invoice that has it. */
function Candidates({ of }: { of: Invoice }) {
  return of.candidates.map((c) => (
    <tr key={`${c.dimension} ${c.value}`} className="t2">
      <td className="fill !whitespace-normal" title={candidateName(c)}><div className="pl-4">May be: {candidateName(c)}, {countOf(c.charges, 'charge')}</div></td>
      <td className="hide-s hide-m" />
      <td className="hide-s" />
      <td className="hide-s" />
      <td className="r"><Money value={c.billed_cost} currency={of.currency} /></td>
      <td />
    </tr>
  ));
}

export function InvoiceAnswer({ compared: { name, against, answer }, periods, onClose }: { compared: Compared; periods: Periods; onClose: () => void }) {
  const words = invoicesWords(answer);
  const inWords = useAgainst();
  const [open, setOpen] = useState<Invoice | null>(null);
  const ref = useRef<HTMLElement>(null);
  /* the box may be far below */
  useEffect(() => {
    ref.current?.scrollIntoView({ block: 'nearest' });
  }, [answer]);
  return (
    <section ref={ref} aria-label={`${name} against ${inWords(against)}`} className="pb-2">
      <div className="sec">
        <p className="ell" title={name}>{name} against {inWords(against)}<span className="hide-s">, ledger version {count(answer.ledger_version)}</span></p>
        <span className="grow" />
        <button type="button" className="btn btn-quiet" onClick={onClose}>Close</button>
      </div>
      <div role="status"><h2 className="answer">{words.fact} <span>{words.sense}</span></h2></div>
      {answer.data.length ? (
        <div className="scroller" role="region" aria-label="Invoices, table" tabIndex={0}>
          <table className="table narrow-names">
            <thead>
              <tr>
                <th scope="col">Invoice</th>
                <th scope="col" className="r hide-s hide-m">Lines</th>
                <th scope="col" className="r hide-s">Invoiced</th>
                <th scope="col" className="r hide-s">Ledger</th>
                <th scope="col" className="r">Difference</th>
                <th scope="col" className="r">State</th>
              </tr>
            </thead>
            <tbody>
              {sorted(answer.data).flatMap((i) => [
                <tr key={`${i.invoice} ${i.currency}`}>
                  <td className="fill" title={`${i.invoice}, ${i.currency}`}>
                    <button type="button" className="row-link" onClick={() => setOpen(i)}>{i.invoice}</button> <span className="t3">{i.currency}</span>
                  </td>
                  <td className="r hide-s hide-m">{count(i.line_count)}</td>
                  <td className="r hide-s"><Money value={i.invoiced} currency={i.currency} /></td>
                  <td className="r hide-s"><Money value={i.ledger} currency={i.currency} /></td>
                  <td className="r"><Change value={i.difference} currency={i.currency} /></td>
                  <td className="r"><StatusTag status={i.status} /></td>
                </tr>,
                <Candidates key={`${i.invoice} ${i.currency} candidates`} of={i} />,
              ])}
            </tbody>
          </table>
        </div>
      ) : null}
      {open ? <InvoiceDrawer invoice={open} periods={periods} onClose={() => setOpen(null)} /> : null}
    </section>
  );
}

function InvoiceDrawer({ invoice: i, periods, onClose }: { invoice: Invoice; periods: Periods; onClose: () => void }) {
  return (
    <Drawer
      wide
      title={`Invoice ${i.invoice}`}
      onClose={onClose}
      tools={<StatusTag status={i.status} />}
      footer={i.charges && periods ? <Link to="/explore" search={chargesOf(i, periods)} className="btn">{countOf(i.charges, 'charge')} in Explore</Link> : null}
    >
      <dl className="kv">
        <dt>Invoiced, {i.currency}</dt>
        <dd><Money value={i.invoiced} currency={i.currency} /> <span className="t2">in {countOf(i.line_count, 'line')}</span></dd>
        <dt>Ledger, {i.currency}</dt>
        <dd><Money value={i.ledger} currency={i.currency} /> <span className="t2">in {countOf(i.charges, 'charge')}</span></dd>
        <dt>Difference</dt>
        <dd><Change value={i.difference} currency={i.currency} /></dd>
        <dt>Rounding explains</dt>
        <dd>up to <Money value={i.rounding} currency={i.currency} /></dd>
      </dl>
      {i.status === 'unexplained' ? (
        <>
          <h3 className="b">Charges as large as the difference</h3>
          {i.candidates.length ? (
            <ul className="checks">
              {i.candidates.map((c) => (
                <li key={`${c.dimension} ${c.value}`}>
                  <Icon name="search" className="t3" />
                  <div>
                    {periods ? <Link to="/explore" search={chargesOf(i, periods, c)} className="link">{candidateName(c)}</Link> : candidateName(c)}
                    <small className="n"><Money value={c.billed_cost} currency={i.currency} symbol /> in {countOf(c.charges, 'charge')}</small>
                  </div>
                </li>
              ))}
            </ul>
          ) : (
            <p className="s t2">No category, service, account, description, kind of line or resource of this invoice adds up to it.</p>
          )}
        </>
      ) : null}
      {i.lines.length ? (
        <>
          <h3 className="b">By what its lines name</h3>
          <div className="scroller" role="region" aria-label="By what its lines name" tabIndex={0}>
            <table className="table narrow-names">
              <thead>
                <tr>
                  <th scope="col">Service, account</th>
                  <th scope="col" className="r hide-s">Invoiced</th>
                  <th scope="col" className="r hide-s">Ledger</th>
                  <th scope="col" className="r">Difference</th>
                  <th scope="col" className="r">State</th>
                </tr>
              </thead>
              <tbody>
                {sortedLines(i.lines).map((l, n) => {
                  const what = [l.service, l.account].filter(Boolean).join(', ') || 'Names neither';
                  return (
                    <tr key={n}>
                      <td className="fill" title={what}>{what}</td>
                      <td className="r hide-s"><Money value={l.invoiced} currency={i.currency} /></td>
                      <td className="r hide-s"><Money value={l.ledger} currency={i.currency} /></td>
                      <td className="r"><Change value={l.difference} currency={i.currency} /></td>
                      <td className="r"><StatusTag status={l.status} /></td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        </>
      ) : null}
    </Drawer>
  );
}
