/* What was delivered against what the ledger holds of it, exact, by source and billing period. */
import type { Delivery } from '~/api/types';
import { ZERO, add, parse, type Decimal } from '~/lib/decimal';

export interface BalanceLine {
  source: string;
  deliveries: number;
  read: number;
  stored: number;
  dropped: number;
  added: number; /* rows that the importer makes of others: read − dropped + added = stored */
  delivered: Decimal | null; /* the provider's own column; null when it has none */
  ledger: Decimal;
  difference: Decimal | null;
}

const plus = (a: Decimal | null, text: string | null | undefined): Decimal | null =>
  a === null || text === null || text === undefined ? null : add(a, parse(text));

/** Current deliveries only: what has been superseded is in no figure. */
export function balance(deliveries: readonly Delivery[], period: string | null, currency: string): BalanceLine[] {
  const out = new Map<string, BalanceLine>();
  for (const d of deliveries) {
    if (d.status !== 'loaded' || (period !== null && d.billing_period !== period) || d.currency !== currency) continue;
    const line = out.get(d.source) ?? {
      source: d.source, deliveries: 0, read: 0, stored: 0, dropped: 0, added: 0, delivered: ZERO, ledger: ZERO, difference: ZERO,
    };
    line.deliveries += 1;
    line.read += d.rows_read;
    line.stored += d.rows_stored;
    line.dropped += d.rows_dropped.reduce((n, r) => n + r.rows, 0);
    line.added += d.rows_added.reduce((n, r) => n + r.rows, 0);
    line.delivered = plus(line.delivered, d.native_total?.amount);
    line.ledger = add(line.ledger, parse(d.billed_cost ?? '0'));
    line.difference = plus(line.difference, d.difference);
    out.set(d.source, line);
  }
  return [...out.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
}

export function totalOf(lines: readonly BalanceLine[]): Omit<BalanceLine, 'source'> {
  const all = (pick: (l: BalanceLine) => Decimal | null): Decimal | null =>
    lines.reduce<Decimal | null>((t, l) => {
      const value = pick(l);
      return t === null || value === null ? null : add(t, value);
    }, ZERO);
  const n = (pick: (l: BalanceLine) => number) => lines.reduce((t, l) => t + pick(l), 0);
  return {
    deliveries: n((l) => l.deliveries), read: n((l) => l.read), stored: n((l) => l.stored), dropped: n((l) => l.dropped), added: n((l) => l.added),
    delivered: all((l) => l.delivered), ledger: all((l) => l.ledger) ?? ZERO, difference: all((l) => l.difference),
  };
}

/** Balanced means every line is, not that two errors cancel. */
export const balanced = (lines: readonly BalanceLine[]): boolean =>
  lines.length > 0 && lines.every((l) => l.difference?.units === 0n);

export interface Restatement {
  old: Delivery;
  now: Delivery;
}

/** What has been delivered anew, the latest first: the old figures stay to be compared. */
export function restatements(deliveries: readonly Delivery[]): Restatement[] {
  const byId = new Map(deliveries.map((d) => [d.id, d]));
  return deliveries
    .flatMap((now) => {
      const old = now.supersedes ? byId.get(now.supersedes) : undefined;
      return old && now.status === 'loaded' ? [{ old, now }] : [];
    })
    .sort((a, b) => ((a.now.loaded_at ?? '') < (b.now.loaded_at ?? '') ? 1 : -1));
}

export interface CheckLine {
  id: string;
  detail: string;
  passed: number;
  failed: Delivery[];
}

export function checksOf(deliveries: readonly Delivery[], period: string | null): CheckLine[] {
  const out = new Map<string, CheckLine>();
  for (const d of deliveries) {
    if (d.status !== 'loaded' || (period !== null && d.billing_period !== period)) continue;
    for (const check of d.checks) {
      const line = out.get(check.id) ?? { id: check.id, detail: check.detail, passed: 0, failed: [] };
      if (check.ok) line.passed += 1;
      else {
        line.failed.push(d);
        line.detail = check.detail;
      }
      out.set(check.id, line);
    }
  }
  return [...out.values()].sort((a, b) => b.failed.length - a.failed.length || (a.id < b.id ? -1 : 1));
}
