/* Deliveries, ledger and invoices against each other: every bill, or one of them with all of its checks. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { reconciliationQuery } from '~/api/queries';
import type { Bill, Reconciliation } from '~/api/types';
import { periodText } from '~/lib/dates';
import { count, countOf } from '~/lib/money';
import type { ReconcileSearch } from '~/lib/search';
import { useKeptScope, useSetSearch, useSourceName } from '~/shell/use-scope';
import { Icon } from '~/ui/icon';
import { Empty, HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';
import { billWords, billsWords } from './bills';
import { BillsTable } from './parts/bills-table';
import { InvoiceAnswer, InvoiceBox } from './parts/invoices';
import { Amounts, Checks } from './parts/one-bill';
import { useInvoice, type Invoicing } from './use-invoice';

export function ReconciliationPage() {
  const { source, period } = useSearch({ strict: false }) as ReconcileSearch;
  const asked = useQuery(reconciliationQuery(source, period));
  const invoice = useInvoice(); /* here, so that its answer stays while one goes from bill to bill */
  if (asked.error && !asked.data) return <PageFailed error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /><div className="fresh">{'\u00a0'}</div></div></div>
        <Skeleton height={320} />
      </div>
    );
  return <FullPage answer={asked.data} invoice={invoice} />;
}

/** What the page is narrowed to; each can be taken away. */
function Narrowed() {
  const { source, period } = useSearch({ strict: false }) as ReconcileSearch;
  const set = useSetSearch<ReconcileSearch>();
  const nameOf = useSourceName();
  const chip = (name: string, without: () => void) => (
    <span key={name} className="chip">
      <span className="chip-open"><b className="ell">{name}</b></span>
      <button type="button" className="chip-x" aria-label={`All again, not only ${name}`} onClick={without}><Icon name="x" small /></button>
    </span>
  );
  return (
    <>
      {source ? chip(nameOf(source), () => set({ source: undefined })) : null}
      {period ? chip(periodText(period), () => set({ period: undefined })) : null}
    </>
  );
}

function Headline({ bills, one }: { bills: readonly Bill[]; one: Bill | null }) {
  const nameOf = useSourceName();
  const words = one ? billWords(one, nameOf) : billsWords(bills, nameOf);
  return <h1>{words.fact} <span>{words.sense}</span></h1>;
}

function periodsOf(bills: readonly Bill[]): readonly [string, string] | null {
  const all = bills.map((b) => b.billing_period).sort();
  return all.length ? [all[0]!, all.at(-1)!] : null;
}

function FullPage({ answer, invoice }: { answer: Reconciliation; invoice: Invoicing }) {
  const { source, period, show } = useSearch({ strict: false }) as ReconcileSearch;
  const set = useSetSearch<ReconcileSearch>();
  const navigate = useNavigate();
  const kept = useKeptScope();
  const nameOf = useSourceName();
  const bills = answer.data;
  const one = source && period ? (bills[0] ?? null) : null;
  const wanted = [source ? nameOf(source) : '', period ? periodText(period) : ''].filter(Boolean).join(', ');
  return (
    <div className="page">
      <div className="head">
        <div>
          {bills.length ? (
            <Headline bills={bills} one={one} />
          ) : (
            <h1>Nothing to reconcile{wanted ? ` for ${wanted}` : ' yet'}. <span>{wanted ? 'No delivery names it, and the ledger holds no charge of it.' : 'No bill has been loaded.'}</span></h1>
          )}
          <ul className="fresh" aria-label="Compared">
            <li>Ledger version {count(answer.ledger_version)}</li>
            {one ? one.deliveries.slice(0, 6).map((id) => <li key={id}><Link to="/sources/$id" params={{ id }} search={kept} className="link">Delivery {id}</Link></li>) : null}
            {one && one.deliveries.length > 6 ? <li>and {countOf(one.deliveries.length - 6, 'more delivery', 'more deliveries')}</li> : null}
          </ul>
        </div>
        <div className="flex flex-wrap gap-2 pt-1">
          <Narrowed />
          <Link to="/sources" search={kept} className="btn">Sources</Link>
        </div>
      </div>
      <div className="cols cols-b">
        <div>
          <div className="grid grid-cols-[minmax(0,1fr)] gap-7">
            {invoice.compared ? <InvoiceAnswer compared={invoice.compared} periods={periodsOf(bills)} onClose={invoice.close} /> : null}
            {one ? (
              <>
                <Amounts bill={one} />
                <Checks bill={one} />
              </>
            ) : bills.length ? (
              <BillsTable
                bills={bills}
                show={show ?? 'all'}
                onShow={(next) => set({ show: next === 'open' ? 'open' : undefined })}
                onOpen={(b) => void navigate({ to: '/reconciliation', search: { ...kept, source: b.source, period: b.billing_period } })}
              />
            ) : (
              <Empty icon="balance" title={wanted ? 'No such bill' : 'No bill yet'} action={wanted ? <Link to="/reconciliation" search={kept} className="btn">All bills</Link> : <Link to="/sources" search={kept} className="btn">Sources</Link>}>
                {wanted ? 'It may have been withdrawn, or is not there yet.' : 'Load the first bill; then it is set against the ledger, and invoices against both.'}
              </Empty>
            )}
          </div>
        </div>
        <div><InvoiceBox invoice={invoice} against={{ source, period }} /></div>
      </div>
    </div>
  );
}
