/* What was delivered against what the ledger holds of it, exact, by source and currency. */
import type { Delivery } from '~/api/types';
import { add, parse, type Decimal } from '~/lib/decimal';

export interface Amounts {
  currency: string | null; /* null: the report names none */
  delivered: Decimal | null; /* the provider's own column; null when it has none */
  ledger: Decimal | null;
  difference: Decimal | null;
}

export interface BalanceLine {
  source: string;
  deliveries: number;
  read: number;
  stored: number;
  dropped: number;
  added: number; /* rows that the importer makes of others: read − dropped + added = stored */
  amounts: Amounts[]; /* by currency; nothing is ever added across */
}

const plus = (a: Decimal | null, b: Decimal | null): Decimal | null => (a === null || b === null ? null : add(a, b));
const known = (text: string | null | undefined): Decimal | null => (text === null || text === undefined ? null : parse(text));

/** One currency stands in the report itself, several in a list. */
function amountsOf(d: Delivery): Amounts[] {
  const all = d.by_currency?.length ? d.by_currency : [d];
  return all.map((a) => {
    const accrued = a.native_total?.measure === 'effective_cost';
    return { currency: a.currency, delivered: known(a.native_total?.amount), ledger: known(accrued ? a.effective_cost : a.billed_cost), difference: known(a.difference) };
  });
}

function addAmounts(to: Amounts[], from: readonly Amounts[]): void {
  for (const a of from) {
    const own = to.find((x) => x.currency === a.currency);
    if (!own) {
      to.push({ ...a });
      continue;
    }
    own.delivered = plus(own.delivered, a.delivered);
    own.ledger = plus(own.ledger, a.ledger);
    own.difference = plus(own.difference, a.difference);
  }
  to.sort((a, b) => ((a.currency ?? '') < (b.currency ?? '') ? -1 : 1));
}

/** Current deliveries only: what has been superseded is in no figure. */
export function balance(deliveries: readonly Delivery[], period: string | null): BalanceLine[] {
  const out = new Map<string, BalanceLine>();
  for (const d of deliveries) {
    if (d.status !== 'loaded' || (period !== null && d.billing_period !== period)) continue;
    const line = out.get(d.source) ?? { source: d.source, deliveries: 0, read: 0, stored: 0, dropped: 0, added: 0, amounts: [] };
    line.deliveries += 1;
    line.read += d.rows_read;
    line.stored += d.rows_stored;
    line.dropped += d.rows_dropped.reduce((n, r) => n + r.rows, 0);
    line.added += d.rows_added.reduce((n, r) => n + r.rows, 0);
    addAmounts(line.amounts, amountsOf(d));
    out.set(d.source, line);
  }
  return [...out.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
}

export function totalOf(lines: readonly BalanceLine[]): Omit<BalanceLine, 'source'> {
  const n = (pick: (l: BalanceLine) => number) => lines.reduce((t, l) => t + pick(l), 0);
  const amounts: Amounts[] = [];
  for (const l of lines) addAmounts(amounts, l.amounts);
  return { deliveries: n((l) => l.deliveries), read: n((l) => l.read), stored: n((l) => l.stored), dropped: n((l) => l.dropped), added: n((l) => l.added), amounts };
}

const even = (l: BalanceLine): boolean => l.amounts.every((a) => a.difference?.units === 0n);

/** Balanced means every line is, not that two errors cancel. */
export const balanced = (lines: readonly BalanceLine[]): boolean => lines.length > 0 && lines.every(even);

/** The sources that do not: some difference is known, and is none of 0. */
export const unbalanced = (lines: readonly BalanceLine[]): string[] =>
  lines.filter((l) => l.amounts.some((a) => a.difference !== null && a.difference.units !== 0n)).map((l) => l.source);

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

interface CheckLine {
  id: string;
  detail: string;
  where: string[];
  passed: number;
  failed: Delivery[];
  remarks: Delivery[]; /* it does not hold, and that is no fault of the bill */
}

export function checksOf(deliveries: readonly Delivery[], period: string | null): CheckLine[] {
  const out = new Map<string, CheckLine>();
  for (const d of deliveries) {
    if (d.status !== 'loaded' || (period !== null && d.billing_period !== period)) continue;
    for (const check of d.checks) {
      const line = out.get(check.id) ?? { id: check.id, detail: check.detail, where: [], passed: 0, failed: [], remarks: [] };
      if (check.ok) line.passed += 1;
      else {
        const same = check.remark ? line.remarks : line.failed;
        /* told of the first that failed, else of the first remark: the page names that delivery */
        if (!same.length && !(check.remark && line.failed.length)) {
          line.detail = check.detail;
          line.where = check.where ?? [];
        }
        same.push(d);
      }
      out.set(check.id, line);
    }
  }
  return [...out.values()].sort((a, b) => b.failed.length - a.failed.length || b.remarks.length - a.remarks.length || (a.id < b.id ? -1 : 1));
}
