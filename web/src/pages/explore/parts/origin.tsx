/* Where a charge comes from: the record of the delivered file, and what else came of it. */
import { useQuery } from '@tanstack/react-query';
import { originQuery } from '~/api/queries';
import type { Origin } from '~/api/types';
import { instantText } from '~/lib/dates';
import { count } from '~/lib/money';
import { Drawer } from '~/ui/dialog';
import { Money } from '~/ui/money';
import { Failed, Skeleton } from '~/ui/states';

function Pair({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <div className="contents">
      <dt>{name}</dt>
      <dd>{value ?? '–'}</dd>
    </div>
  );
}

function Where({ origin }: { origin: Origin }) {
  const { delivery, file } = origin;
  return (
    <dl className="kv">
      <Pair name="Source" value={delivery.source} />
      <Pair name="Billing period" value={delivery.billing_period} />
      <Pair name="Delivery" value={`${delivery.id}${delivery.current ? '' : ', replaced since'}`} />
      <Pair name="Loaded, UTC" value={delivery.loaded_at ? instantText(delivery.loaded_at) : null} />
      <Pair name="File" value={file.path} />
      <Pair name="Record" value={count(file.record)} />
      <Pair name="Line" value={file.line === null ? null : count(file.line)} />
    </dl>
  );
}

function Record({ origin }: { origin: Origin }) {
  if (!origin.record?.length) return <p className="foot-note">{origin.file.why ?? origin.text}</p>;
  return (
    <dl className="kv kv-long">
      {origin.record.map((field) => <Pair key={field.column} name={field.column} value={field.text || null} />)}
    </dl>
  );
}

function Charges({ origin }: { origin: Origin }) {
  if (!origin.charges) return <p className="foot-note">That version of the ledger is not kept.</p>;
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Charge</th>
          <th scope="col">Kind</th>
          <th scope="col">Added by rule</th>
          <th scope="col" className="r">Billed</th>
          <th scope="col" className="r">Effective</th>
        </tr>
      </thead>
      <tbody>
        {origin.charges.map((charge) => (
          <tr key={charge.id} aria-current={charge.asked ? 'true' : undefined}>
            <td>{charge.id}</td>
            <td>{charge.charge_category ?? '–'}</td>
            <td>{charge.added ? (charge.rule ?? 'a rule') : '–'}</td>
            <td className="r"><Money value={charge.billed_cost} currency={charge.currency ?? undefined} /></td>
            <td className="r"><Money value={charge.effective_cost} currency={charge.currency ?? undefined} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function OriginDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery(originQuery(id));
  return (
    <Drawer wide title="Where it comes from" onClose={onClose}>
      {query.error ? <Failed error={query.error} onRetry={() => void query.refetch()} height={320} /> : null}
      {query.isPending ? <Skeleton height={480} /> : null}
      {query.data ? (
        <>
          <Where origin={query.data} />
          <h3>Charges that came of it</h3>
          <Charges origin={query.data} />
          <h3>The record, as it was delivered</h3>
          <Record origin={query.data} />
        </>
      ) : null}
    </Drawer>
  );
}
