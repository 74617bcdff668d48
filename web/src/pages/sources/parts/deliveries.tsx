import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { deliveryQuery } from '~/api/queries';
import type { Delivery } from '~/api/types';
import { instantText, periodText, shortDay } from '~/lib/dates';
import { bytesText, count, countOf } from '~/lib/money';
import { checkName, formatName } from '~/lib/words';
import { useKeptScope, useSourceName } from '~/shell/use-scope';
import { Drawer } from '~/ui/dialog';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { Section } from '~/ui/parts';

const TAGS = {
  loaded: ['Loaded', 'tag tag-good'], unchanged: ['Unchanged', 'tag'], superseded: ['Superseded', 'tag'], refused: ['Refused', 'tag tag-bad'],
} as const;

const dropped = (d: Delivery) => d.rows_dropped.reduce((n, r) => n + r.rows, 0);
/** What a delivery is about, and its place among the others of its month. */
function what(d: Delivery, all: readonly Delivery[]): string {
  const old = d.supersedes ? all.find((x) => x.id === d.supersedes) : undefined;
  const newer = d.status === 'superseded' ? all.find((x) => x.supersedes === d.id) : undefined;
  return [
    d.billing_period ? periodText(d.billing_period) : null,
    d.supersedes ? `replaces ${old?.loaded_at ? `that of ${shortDay(old.loaded_at.slice(0, 10))}` : 'an older one'}` : null,
    newer?.loaded_at ? `until ${shortDay(newer.loaded_at.slice(0, 10))}` : null,
    d.status === 'unchanged' ? 'sent again' : null,
  ]
    .filter(Boolean)
    .join(', ');
}

export function DeliveriesSection({ deliveries, more }: { deliveries: readonly Delivery[]; more: (() => void) | undefined }) {
  const nameOf = useSourceName();
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState<Delivery | null>(null);
  const shown = all ? deliveries : deliveries.slice(0, 8);
  return (
    <Section
      title="Latest deliveries"
      tools={
        all || deliveries.length <= 8 ? null : (
          <button type="button" className="btn btn-quiet" onClick={() => setAll(true)}>All {count(deliveries.length)}{more ? '+' : ''}</button>
        )
      }
    >
      <div className="scroller">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Arrived, UTC</th>
              <th scope="col">Source</th>
              <th scope="col" className="hide-s">What</th>
              <th scope="col" className="r hide-s">Rows</th>
              <th scope="col" className="r hide-s hide-m">Left out</th>
              <th scope="col" className="r hide-s hide-m">Took</th>
              <th scope="col" className="r">State</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((d, i) => (
              <tr key={d.id ?? i} className={d.status === 'superseded' ? 't3' : ''}>
                <td>
                  <button type="button" className="row-link n" onClick={() => setOpen(d)}>{d.loaded_at ? instantText(d.loaded_at) : '–'}</button>
                </td>
                <td className="short" title={d.source}>{nameOf(d.source)}</td>
                <td className="hide-s ell" title={what(d, deliveries)}>{what(d, deliveries)}</td>
                <td className="r hide-s">{count(d.rows_stored)}</td>
                <td className="r hide-s hide-m">{count(dropped(d))}</td>
                <td className="r hide-s hide-m">{d.seconds === null ? '–' : `${d.seconds.toFixed(1)} s`}</td>
                <td className="r"><span className={TAGS[d.status][1]}>{TAGS[d.status][0]}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all && more ? <button type="button" className="btn mt-3 self-start" onClick={more}>More deliveries</button> : null}
      {open ? <DeliveryReport d={open} onClose={() => setOpen(null)} /> : null}
    </Section>
  );
}

/** One delivery in full: what came, what was kept, what was left out and by which rule, and whether it balances. */
export function DeliveryReport({ d: listed, onClose }: { d: Delivery; onClose: () => void }) {
  /* the list may leave out files; the delivery itself does not */
  const full = useQuery({ ...deliveryQuery(listed.id ?? ''), enabled: listed.id !== null });
  const d = full.data ?? listed;
  const added = d.rows_added.reduce((n, r) => n + r.rows, 0);
  const kept = useKeptScope();
  const current = d.status === 'loaded';
  return (
    <Drawer
      title={`Delivery ${d.id ?? ''}`}
      onClose={onClose}
      tools={<span className={TAGS[d.status][1]}>{TAGS[d.status][0]}</span>}
      footer={
        d.id !== null && (current || d.status === 'superseded') ? (
          <>
            <Link to="/sources/$id" params={{ id: d.id }} search={kept} className="btn" onClick={onClose}>What it changed</Link>
            {current ? <Link to="/reconciliation" search={{ ...kept, source: d.source, period: d.billing_period }} className="btn" onClick={onClose}>Reconciliation</Link> : null}
          </>
        ) : null
      }
    >
      <dl className="kv">
        <dt>Source</dt>
        <dd>{[d.source, d.provider, formatName(d.format)].filter(Boolean).join(', ')}</dd>
        <dt>Billing period</dt>
        <dd>{d.billing_period ? periodText(d.billing_period) : '–'}</dd>
        <dt>Arrived</dt>
        <dd className="n">{d.loaded_at ? `${instantText(d.loaded_at)} UTC` : '–'}</dd>
        <dt>Rows</dt>
        <dd className="n">
          {count(d.rows_read)} read − {count(dropped(d))} left out + {count(added)} added = <b className="b">{count(d.rows_stored)} stored</b>
        </dd>
        {d.rows_dropped.map((r) => (
          <div key={r.rule} className="contents">
            <dt>Left out</dt>
            <dd className="n">{count(r.rows)} by rule {r.rule}{r.billed_cost ? <>, <Money value={r.billed_cost} currency={d.currency} symbol /></> : null}</dd>
          </div>
        ))}
        <dt>Billed cost</dt>
        <dd><Money value={d.billed_cost} currency={d.currency} symbol /></dd>
        <dt>Effective cost</dt>
        <dd><Money value={d.effective_cost} currency={d.currency} symbol /></dd>
        <dt>File’s own total</dt>
        <dd><Money value={d.native_total?.amount} currency={d.currency} symbol /> <span className="t2 mono">{d.native_total?.column}</span></dd>
        <dt>Difference</dt>
        <dd className={d.difference === '0' ? 'good n' : 'n'}>{d.difference === null ? '–' : d.difference === '0' ? '0, exact' : d.difference}</dd>
        {d.supersedes ? (
          <>
            <dt>Replaces</dt>
            <dd className="mono">{d.supersedes}</dd>
          </>
        ) : null}
      </dl>
      <h3 className="mt-5 b">Checks</h3>
      <ul className="checks mt-2">
        {d.checks.map((c) => (
          <li key={`${c.id} ${c.currency ?? ''}`}>
            <Icon name={c.ok ? 'check' : 'warn'} className={c.ok ? 'good' : c.remark ? 'warn' : 'bad'} />
            <div>
              {checkName(c.id)}{c.currency && d.currency === null ? `, ${c.currency}` : ''}
              <small>{c.detail}</small>
              {(c.where ?? []).map((w) => <small key={w} className="n">{w}</small>)}
            </div>
          </li>
        ))}
        {d.warnings.map((w) => (
          <li key={w}>
            <Icon name="warn" className="warn" />
            <div>{w}</div>
          </li>
        ))}
        {[...d.errors, ...(d.set_aside ?? [])].map((e, i) => (
          <li key={i}>
            <Icon name="warn" className={i < d.errors.length ? 'bad' : 'warn'} />
            <div>{e.message ?? (i < d.errors.length ? e.rule : `Set aside: ${e.rule ?? 'a bad row'}`)}<small className="mono">{[e.file, e.line ? `line ${e.line}` : '', e.column ? `column ${e.column}` : '', e.value ? `“${e.value}”` : ''].filter(Boolean).join(', ')}</small></div>
          </li>
        ))}
      </ul>
      <h3 className="mt-5 b">Files</h3>
      <ul className="checks mt-2">
        {d.files.map((f) => (
          <li key={f.sha256}>
            <Icon name="file" className="t3" />
            <div>
              {f.path}
              <small className="n">{bytesText(f.bytes)}, {countOf(f.rows, 'row')}</small>
              <small className="mono">{f.sha256}</small>
            </div>
          </li>
        ))}
      </ul>
    </Drawer>
  );
}
