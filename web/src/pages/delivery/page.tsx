/* One delivery against what stood before it: what the provider changed, by what, adding up to the difference. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { allRowsQuery, deliveryQuery, diffQuery } from '~/api/queries';
import type { DeliveryDiff } from '~/api/types';
import { instantText, periodText } from '~/lib/dates';
import { parse } from '~/lib/decimal';
import { count, countOf, moneyText } from '~/lib/money';
import { only, plan } from '~/lib/plan';
import type { DeliverySearch } from '~/lib/search';
import { useKeptScope, useSetSearch, useSourceName } from '~/shell/use-scope';
import { Icon } from '~/ui/icon';
import { Section, Segmented } from '~/ui/parts';
import { Empty, HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';
import { DeliveryReport } from '../sources/parts/deliveries';
import { labelOf } from '~/api/told';
import { chargesOf, partsOf, verdictOf, type Cost, type Split } from './difference';
import { PartsTable } from './parts/parts-table';
import { Totals } from './parts/totals';

const MOST = 50;
const SPLIT_NAMES: readonly (readonly [Split, string])[] = [['service', 'Service'], ['sub_account', 'Account'], ['time', 'Day'], ['charge_category', 'Charge'], ['resource', 'Resource']];

const more = (n: number) => `${countOf(Math.abs(n), 'charge')} ${n < 0 ? 'fewer' : 'more'}`;

function Headline({ diff }: { diff: DeliveryDiff }) {
  const nameOf = useSourceName();
  const who = nameOf(diff.source);
  const month = periodText(diff.billing_period);
  const amounts = (pick: 'after' | 'change', sign: boolean) =>
    diff.totals.map((t) => moneyText(parse(t.billed_cost[pick]), t.currency, { symbol: true, sign })).join(' and ');
  switch (verdictOf(diff)) {
    case 'empty':
      return <h1>{who} delivered {month} without a charge. <span>There was none before it either.</span></h1>;
    case 'first':
      return <h1>{who} billed {month} with {amounts('after', false)}. <span>The first delivery of it: everything came with this one.</span></h1>;
    case 'same':
      return <h1>{who} delivered {month} again, the same to the last digit. <span>No service, account, day or kind of charge differs.</span></h1>;
    case 'gone':
      return <h1>{who} billed {month} anew, without a charge: {amounts('change', true)} on what stood before. <span>Nothing of it is left.</span></h1>;
    case 'changed':
  }
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

/** Accounts go by the name that their source gives them; the difference has their ids. */
function useAccountNames(source: string, wanted: boolean): ReadonlyMap<string, string> {
  const asked = plan({ measures: ['charge_count'], time: null, group_by: ['sub_account'], filters: [only('source', source)], labels: true });
  const { data } = useQuery({ ...allRowsQuery(asked), enabled: wanted });
  return useMemo(
    () => new Map((data?.rows ?? []).flatMap((r) => (typeof r['sub_account'] === 'string' ? [[r['sub_account'], labelOf(r, 'sub_account') ?? r['sub_account']] as const] : []))),
    [data],
  );
}

function Changed({ diff, split, cost, current }: { diff: DeliveryDiff; split: Split; cost: Cost; current: boolean }) {
  const navigate = useNavigate();
  const [all, setAll] = useState(false);
  const accounts = useAccountNames(diff.source, split === 'sub_account');
  const parts = partsOf(diff, split, cost, all ? Infinity : MOST);
  return (
    <>
      {parts.map((p) => (
        <PartsTable
          key={p.currency}
          parts={p}
          split={split}
          name={SPLIT_NAMES.find(([s]) => s === split)![1]}
          labels={split === 'sub_account' ? accounts : NO_LABELS}
          onOpen={current ? (value) => void navigate({ to: '/explore', search: chargesOf(diff, split, value, p.currency, cost) }) : null}
        />
      ))}
      {!all && parts.some((p) => p.hidden) ? <button type="button" className="btn mt-3 self-start" onClick={() => setAll(true)}>All rows</button> : null}
    </>
  );
}

const NO_LABELS: ReadonlyMap<string, string> = new Map();

export function DeliveryPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const search = useSearch({ strict: false }) as DeliverySearch;
  const set = useSetSearch<DeliverySearch>();
  const kept = useKeptScope();
  const nameOf = useSourceName();
  const diff = useQuery(diffQuery(id));
  const delivery = useQuery(deliveryQuery(id));
  const [report, setReport] = useState(false);
  const split = search.split ?? 'service';
  const cost = search.cost ?? 'billed_cost';
  if (diff.error && !diff.data) return <PageFailed error={diff.error} onRetry={() => void diff.refetch()} />;
  if (!diff.data)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /><div className="fresh">{'\u00a0'}</div></div></div>
        <Skeleton height={320} />
      </div>
    );
  const { before, source, billing_period: period } = diff.data;
  const verdict = verdictOf(diff.data);
  return (
    <div className="page">
      <div className="head">
        <div>
          <Headline diff={diff.data} />
          <ul className="fresh" aria-label="Compared">
            <li>Delivery {id}{delivery.data?.loaded_at ? `, arrived ${instantText(delivery.data.loaded_at)} UTC` : ''}</li>
            <li>
              {before.delivery ? (
                <>against <Link to="/sources/$id" params={{ id: before.delivery }} search={kept} className="link">delivery {before.delivery}</Link></>
              ) : verdict === 'first' || verdict === 'empty' ? 'nothing stood before' : 'against the ledger before it'}
            </li>
            <li>Ledger version {count(diff.data.after.version)}</li>
          </ul>
        </div>
        <div className="flex gap-2 pt-1">
          {delivery.data ? <button type="button" className="btn" onClick={() => setReport(true)}><Icon name="file" /> Report<span className="hide-s"> and checks</span></button> : null}
          <Link to="/reconciliation" search={{ ...kept, source, period }} className="btn">Reconciliation</Link>
          <Link to="/sources" search={kept} className="btn hide-s">All sources</Link>
        </div>
      </div>
      <div className="rule-above"><Totals diff={diff.data} /></div>
      <div className="rule-above mt-5">
        {verdict === 'same' || verdict === 'empty' ? (
          <Empty icon="check" title={verdict === 'same' ? 'Nothing differs' : 'No charges'} action={<Link to="/sources" search={kept} className="btn">Sources</Link>}>
            {verdict === 'same'
              ? `What ${nameOf(source)} sent is what the ledger had: the delivery is kept, the charges stayed as they were.`
              : `What ${nameOf(source)} sent holds no charge of this month.`}
          </Empty>
        ) : (
          <Section
            title="What changed"
            sub={delivery.data?.status === 'superseded' ? 'its charges have been replaced since' : 'a row opens its charges as they are now'}
            tools={
              <>
                <Segmented label="By" value={split} onChange={(s) => set({ split: s })} options={SPLIT_NAMES} />
                <Segmented label="Cost" value={cost} onChange={(c) => set({ cost: c })} options={[['billed_cost', 'Billed'], ['effective_cost', 'Effective']]} />
              </>
            }
          >
            <Changed diff={diff.data} split={split} cost={cost} current={delivery.data?.status === 'loaded'} />
          </Section>
        )}
      </div>
      {report && delivery.data ? <DeliveryReport d={delivery.data} onClose={() => setReport(false)} /> : null}
    </div>
  );
}
