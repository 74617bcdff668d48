/* One delivery against what stood before it: what the provider changed, by what, adding up to the difference. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { deliveryQuery, diffQuery } from '~/api/queries';
import type { DeliveryDiff } from '~/api/types';
import { addMonths, instantText, monthText } from '~/lib/dates';
import { parse } from '~/lib/decimal';
import { count, moneyText } from '~/lib/money';
import type { DeliverySearch } from '~/lib/search';
import { useSourceName } from '~/shell/use-scope';
import { Icon } from '~/ui/icon';
import { Section, Segmented } from '~/ui/parts';
import { Empty, HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';
import { DeliveryReport } from '../sources/parts/deliveries';
import { isFirst, nothingChanged, partsOf, type Cost, type Split } from './difference';
import { PartsTable } from './parts/parts-table';
import { Totals } from './parts/totals';

const MOST = 50;
const SPLIT_NAMES: readonly (readonly [Split, string])[] = [['service', 'Service'], ['sub_account', 'Account'], ['time', 'Day'], ['charge_category', 'Charge']];

const monthOf = (period: string) => `${monthText(`${period}-01`)} ${period.slice(0, 4)}`;
const more = (n: number) => `${count(Math.abs(n))} ${Math.abs(n) === 1 ? 'charge' : 'charges'} ${n < 0 ? 'fewer' : 'more'}`;

function Headline({ diff }: { diff: DeliveryDiff }) {
  const nameOf = useSourceName();
  const who = nameOf(diff.source);
  const month = monthOf(diff.billing_period);
  const amounts = (pick: 'after' | 'change', sign: boolean) =>
    diff.totals.map((t) => moneyText(parse(t.billed_cost[pick]), t.currency, { symbol: true, sign })).join(' and ');
  if (isFirst(diff))
    return <h1>{who} billed {month} with {amounts('after', false)}. <span>The first delivery of it: everything came with this one.</span></h1>;
  if (nothingChanged(diff)) return <h1>{who} delivered {month} again, the same to the last digit. <span>No service, account, day or kind of charge differs.</span></h1>;
  const [first] = partsOf(diff, 'service', 'billed_cost', 1);
  const top = first?.rows[0];
  const net = diff.totals.reduce((n, t) => n + t.charges.change, 0);
  return (
    <h1>
      {who} billed {month} anew: {amounts('after', false)}, {amounts('change', true)} on what stood before.{' '}
      <span>
        {top && first ? `${top.value ?? 'What has no service'} changed most, ${moneyText(top.change, first.currency, { symbol: true, sign: true })}; ` : ''}
        {net === 0 ? 'as many charges as before.' : `${more(net)}.`}
      </span>
    </h1>
  );
}

function Changed({ diff, split, cost }: { diff: DeliveryDiff; split: Split; cost: Cost }) {
  const navigate = useNavigate();
  const [all, setAll] = useState(false);
  const month = `${diff.billing_period}-01`;
  /* what it is now: the charges themselves; what stood before is asked with as_of */
  const open = (currency: string) => (value: string | null) => {
    const day = split === 'time' && value !== null ? value : null;
    const source = { field: 'source', op: 'in' as const, values: [diff.source] };
    const part = day ? [] : [value === null ? { field: split, op: 'missing' as const, values: [] } : { field: split, op: 'in' as const, values: [value] }];
    void navigate({
      to: '/explore',
      search: {
        time: day ? `${day}..${nextDay(day)}` : `${month}..${addMonths(month, 1)}`,
        compare: 'none', metric: cost, filters: [source, ...part], view: 'charges', ...(diff.totals.length > 1 ? { currency } : {}),
      },
    });
  };
  const parts = partsOf(diff, split, cost, all ? Infinity : MOST);
  return (
    <>
      {parts.map((p) => (
        <PartsTable key={p.currency} parts={p} split={split} name={SPLIT_NAMES.find(([s]) => s === split)![1]} onOpen={open(p.currency)} />
      ))}
      {parts.some((p) => p.rest) ? <button type="button" className="btn mt-3 self-start" onClick={() => setAll(true)}>All rows</button> : null}
    </>
  );
}

const nextDay = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

export function DeliveryPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const search = useSearch({ strict: false }) as DeliverySearch;
  const navigate = useNavigate();
  const nameOf = useSourceName();
  const diff = useQuery(diffQuery(id, search.against));
  const delivery = useQuery(deliveryQuery(id));
  const [report, setReport] = useState(false);
  const split = search.split ?? 'service';
  const cost = search.cost ?? 'billed_cost';
  const set = (patch: Partial<DeliverySearch>) => void navigate({ to: '.', search: (old: DeliverySearch) => ({ ...old, ...patch }) });
  if (diff.error && !diff.data) return <PageFailed error={diff.error} onRetry={() => void diff.refetch()} />;
  if (!diff.data)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /><div className="fresh">{'\u00a0'}</div></div></div>
        <Skeleton height={320} />
      </div>
    );
  const { before } = diff.data;
  return (
    <div className="page">
      <div className="head">
        <div>
          <Headline diff={diff.data} />
          <ul className="fresh" aria-label="Compared">
            <li>Delivery {id}{delivery.data?.loaded_at ? `, arrived ${instantText(delivery.data.loaded_at)} UTC` : ''}</li>
            <li>
              {before.delivery ? (
                <>against <Link to="/sources/$id" params={{ id: before.delivery }} className="link">delivery {before.delivery}</Link></>
              ) : isFirst(diff.data) ? 'nothing stood before' : 'against the ledger before it'}
            </li>
            <li>Ledger version {count(diff.data.after.version)}</li>
          </ul>
        </div>
        <div className="flex gap-2 pt-1">
          {delivery.data ? <button type="button" className="btn" onClick={() => setReport(true)}><Icon name="file" /> Report<span className="hide-s"> and checks</span></button> : null}
          <Link to="/sources" className="btn">All sources</Link>
        </div>
      </div>
      <div className="rule-above"><Totals diff={diff.data} /></div>
      <div className="rule-above mt-5">
        {nothingChanged(diff.data) ? (
          <Empty icon="check" title="Nothing differs" action={<Link to="/sources" className="btn">Sources</Link>}>
            What {nameOf(diff.data.source)} sent is what the ledger had: the delivery is kept, the charges stayed as they were.
          </Empty>
        ) : (
          <Section
            title="What changed"
            tools={
              <>
                <Segmented label="By" value={split} onChange={(s) => set({ split: s })} options={SPLIT_NAMES} />
                <Segmented label="Cost" value={cost} onChange={(c) => set({ cost: c })} options={[['billed_cost', 'Billed'], ['effective_cost', 'Effective']]} />
              </>
            }
          >
            <Changed diff={diff.data} split={split} cost={cost} />
          </Section>
        )}
      </div>
      {report && delivery.data ? <DeliveryReport d={delivery.data} onClose={() => setReport(false)} /> : null}
    </div>
  );
}
