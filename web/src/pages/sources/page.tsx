import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deliveriesQuery, sourcesQuery } from '~/api/queries';
import type { Delivery, Source, Summary } from '~/api/types';
import { periodText } from '~/lib/dates';
import { moneyText, count, countOf } from '~/lib/money';
import { checkName } from '~/lib/words';
import { FreshnessLine, lateWords, sourceStates } from '~/shell/freshness';
import { anchorOf, useScope, useSourceName, useSummary } from '~/shell/use-scope';
import { useSeesAll } from '~/shell/use-session';
import { Icon } from '~/ui/icon';
import { Section } from '~/ui/parts';
import { HeadlineToCome, Loaded, PageFailed, Skeleton } from '~/ui/states';
import { InTurn, Turns } from '~/ui/turns';
import { balance, balanced, checksOf, restatements, totalOf, unbalanced } from './balance';
import { ArrivalSection } from './parts/arrival-section';
import { BalanceSection } from './parts/balance-section';
import { DeliveriesSection, DeliveryReport } from './parts/deliveries';
import { RatesSection } from './parts/rates-section';
import { RestatementSection } from './parts/restatement';
import { FirstBill, Uploads } from './first-bill';

/* How many of the places where a check fails the list names; the delivery has them all. */
const PLACES = 2;

export function SourcesPage() {
  const summary = useSummary();
  const ready = useScope();
  if (summary.error && !summary.data) return <PageFailed error={summary.error} onRetry={() => void summary.refetch()} />;
  if (!ready)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /><div className="fresh">{'\u00a0'}</div></div></div>
        <Skeleton height={320} />
      </div>
    );
  if (ready.summary.ledger_version === 0) return <FirstBill />;
  return <FullPage summary={ready.summary} />;
}

/** Which sources have not kept up. */
function lateText(summary: Summary, nameOf: (source: string) => string): string {
  const late = sourceStates(summary.freshness).filter((s) => s.lateDays > 0);
  return late.length ? `Current, but for ${late.map((s) => `${nameOf(s.source)}: ${lateWords(s.lateDays)}`).join(', ')}.` : 'Every source is current.';
}

/** Where how deliveries balance is not for whoever asks, or not known. */
function ShortHeadline({ summary }: { summary: Summary }) {
  const sources = new Set(summary.freshness.map((f) => f.source)).size;
  return <h1>{countOf(sources, 'source')}. <span>{lateText(summary, useSourceName())}</span></h1>;
}

function Headline({ deliveries, summary }: { deliveries: readonly Delivery[]; summary: Summary }) {
  const nameOf = useSourceName();
  const lines = balance(deliveries, null);
  const total = totalOf(lines);
  const off = unbalanced(lines).map(nameOf);
  const ledger = total.amounts.map((a) => (a.ledger === null ? 'an unknown amount' : moneyText(a.ledger, a.currency ?? ''))).join(' and ');
  return (
    <h1>
      {balanced(lines)
        ? `${total.deliveries === 1 ? 'The delivery balances' : `All ${count(total.deliveries)} deliveries balance`}: ${ledger}, difference 0.00.`
        : off.length
          ? `${off.join(', ')} ${off.length === 1 ? 'does' : 'do'} not balance.`
          : `${ledger} in the ledger; not every delivery names its own total.`}
      <span>{lateText(summary, nameOf)}</span>
    </h1>
  );
}

/* The detail beside it is that of the first. */
function deliveriesText(of: readonly Delivery[]): string {
  const more = of.length - 1;
  return `delivery ${of[0]?.id ?? ''}${more > 0 ? ` (and ${count(more)} more)` : ''}`;
}

function Checks({ deliveries }: { deliveries: readonly Delivery[] }) {
  const nameOf = useSourceName();
  const lines = checksOf(deliveries, null);
  const [open, setOpen] = useState<Delivery | null>(null);
  return (
    <>
      <div className="sec mt-5">
        <h2>Checks</h2>
        <p>of every delivery in the ledger</p>
      </div>
      <ul className="checks checks-short">
        {lines.map((c) => {
          const [told] = [...c.failed, ...c.remarks]; /* the detail is of this one */
          const name = checkName(c.id);
          return (
            <li key={c.id} className={c.failed.length + c.remarks.length ? 'long' : ''}>
              <Icon name={c.failed.length + c.remarks.length ? 'warn' : 'check'} className={c.failed.length ? 'bad' : c.remarks.length ? 'warn' : 'good'} />
              <div>
                {told ? <button type="button" className="row-link" onClick={() => setOpen(told)}>{name}</button> : name}
                {c.failed.length + c.remarks.length ? <small className="n">{deliveriesText([...c.failed, ...c.remarks])}: {c.detail}</small> : null}
                {c.where.slice(0, PLACES).map((w) => <small key={w} className="n">{w}</small>)}
                {c.where.length > PLACES ? <small>and {countOf(c.where.length - PLACES, 'more place')}, in the delivery</small> : null}
              </div>
              <span className={c.failed.length ? 'e bad' : 'e'}>
                {c.failed.length ? `${count(c.failed.length)} failed` : c.remarks.length ? countOf(c.remarks.length, 'remark') : `${count(c.passed)} of ${count(c.passed)}`}
              </span>
            </li>
          );
        })}
        {deliveries.filter((d) => d.status === 'loaded').flatMap((d) => d.warnings.map((w) => (
          <li key={`${d.id}${w}`} className="long">
            <Icon name="warn" className="warn" />
            <div>{w.charAt(0).toUpperCase() + w.slice(1)}<small>{nameOf(d.source)}, {periodText(d.billing_period)}</small></div>
          </li>
        )))}
      </ul>
      {open ? <DeliveryReport d={open} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

function FullPage({ summary }: { summary: Summary }) {
  const anchor = anchorOf(summary);
  const seesAll = useSeesAll();
  const deliveries = useInfiniteQuery({ ...deliveriesQuery(), enabled: seesAll });
  const sources = useQuery(sourcesQuery());
  const flat = deliveries.data?.pages.flatMap((p) => p.data);
  const asked = { data: flat, error: deliveries.error, refetch: () => void deliveries.refetch() };
  const periods = [...new Set((sources.data ?? []).flatMap((s: Source) => s.billing_periods))].sort();
  return (
    <div className="page">
      <div className="head">
        <div>
          {flat ? <Headline deliveries={flat} summary={summary} /> : seesAll && !deliveries.error ? <HeadlineToCome /> : <ShortHeadline summary={summary} />}
          <FreshnessLine freshness={summary.freshness}>Ledger version {count(summary.ledger_version)}</FreshnessLine>
        </div>
      </div>
      <Turns of={4}>
        <div className="rule-above"><ArrivalSection freshness={summary.freshness} sources={sources.data ?? []} today={anchor.today} /></div>
        <div className="cols cols-b">
          <div>
            <InTurn at={2} room={<Skeleton height={480} />}>
              {seesAll ? null : <p className="t2">What was delivered, and whether it balances, is for those who see all charges.</p>}
              {seesAll ? <Loaded query={asked} height={480}>
                {(all) => (
                  <div className="grid gap-7">
                    <BalanceSection deliveries={all} periods={periods} />
                    {restatements(all).slice(0, 1).map((r) => <RestatementSection key={r.now.id} restatement={r} />)}
                    <InTurn at={4} room={<Skeleton height={320} />}>
                      <DeliveriesSection deliveries={all} more={deliveries.hasNextPage ? () => void deliveries.fetchNextPage() : undefined} />
                    </InTurn>
                  </div>
                )}
              </Loaded> : null}
            </InTurn>
            <InTurn at={4} room={null}><div className="mt-7"><RatesSection summary={summary} /></div></InTurn>
          </div>
          <Section title="Upload" sub="any bill, any size">
            <InTurn at={3} room={<Skeleton height={320} />}>
              <Uploads />
              {flat ? <Checks deliveries={flat} /> : null}
            </InTurn>
          </Section>
        </div>
      </Turns>
    </div>
  );
}
