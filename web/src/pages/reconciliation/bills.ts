/* A bill is what a source charged for one billing period. Does it hold, and if not, what does not? */
import type { Bill, Check } from '~/api/types';
import { parse, sign, type Decimal } from '~/lib/decimal';
import { periodText } from '~/lib/dates';
import { count, countOf, moneyText } from '~/lib/money';
import { checkName } from '~/lib/words';

export type BillState = 'off' | 'remark' | 'holds';

/** One amount of a bill: what its deliveries say, what the ledger answers. */
export interface Amount {
  currency: string | null;
  column: string | null; /* of the provider; null: the deliveries name no total */
  accrued: boolean; /* the provider tells what accrues, not what is billed */
  delivered: Decimal | null;
  ledger: Decimal | null;
  difference: Decimal | null;
  rows: number;
}

const known = (text: string | null | undefined): Decimal | null => (text === null || text === undefined ? null : parse(text));

export function amountsOf(bill: Bill): Amount[] {
  return bill.by_currency.map((a) => {
    const accrued = a.native_total?.measure === 'effective_cost';
    return {
      currency: a.currency, column: a.native_total?.column ?? null, accrued, delivered: known(a.native_total?.amount),
      ledger: known(accrued ? a.ledger_effective : a.ledger_billed), difference: known(a.difference), rows: a.ledger_rows,
    };
  });
}

const checkState = (check: Check): BillState => (check.ok ? 'holds' : check.remark ? 'remark' : 'off');

export function stateOf(bill: Bill): BillState {
  if (!bill.balances) return 'off';
  return bill.checks.some((c) => !c.ok) ? 'remark' : 'holds';
}

const RANK: Record<BillState, number> = { off: 0, remark: 1, holds: 2 };

/** What wants a look first, then the newest period. */
export const sorted = (bills: readonly Bill[]): Bill[] =>
  [...bills].sort(
    (a, b) =>
      RANK[stateOf(a)] - RANK[stateOf(b)] ||
      (a.billing_period < b.billing_period ? 1 : a.billing_period > b.billing_period ? -1 : a.source < b.source ? -1 : 1),
  );

/** A check on screen, those that do not hold first: each of them by itself, those that hold as one, of all deliveries. */
export interface CheckRow {
  check: Check;
  state: BillState;
  times: number;
}

export function checkRows(bill: Bill): CheckRow[] {
  const rows: CheckRow[] = [];
  for (const check of bill.checks) {
    const state = checkState(check);
    const same = state === 'holds' ? rows.find((r) => r.state === 'holds' && r.check.id === check.id && r.check.currency === check.currency) : undefined;
    if (same) same.times += 1;
    else rows.push({ check, state, times: 1 });
  }
  return rows.sort((a, b) => RANK[a.state] - RANK[b.state]);
}

/** "24 hold, 1 remark", "2 fail, 23 hold". */
export function checksText(bill: Bill): string {
  const n = (state: BillState) => bill.checks.filter((c) => checkState(c) === state).length;
  const [off, remarks, hold] = [n('off'), n('remark'), n('holds')];
  if (!bill.checks.length) return 'none';
  return [off ? `${count(off)} ${off === 1 ? 'fails' : 'fail'}` : '', hold ? `${count(hold)} ${hold === 1 ? 'holds' : 'hold'}` : '', remarks ? countOf(remarks, 'remark') : ''].filter(Boolean).join(', ');
}

type NameOf = (source: string) => string;
export const billName = (bill: Pick<Bill, 'source' | 'billing_period'>, nameOf: NameOf): string => `${nameOf(bill.source)}, ${periodText(bill.billing_period)}`;

/** Within a sentence, where commas part one bill from the next. */
const inSentence = (bill: Bill, nameOf: NameOf): string => `${nameOf(bill.source)} for ${periodText(bill.billing_period)}`;

export interface Words {
  fact: string;
  sense: string;
}

const money = (value: Decimal, currency: string | null, signed = false) => moneyText(value, currency ?? '', { symbol: currency !== null, sign: signed });

function listed(names: readonly string[], most = 3): string {
  const more = names.length - most;
  if (more > 0) return `${names.slice(0, most).join(', ')} and ${count(more)} more`;
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}

const several = (n: number, one: string) => (n === 1 ? `one ${one}` : `${count(n)} ${one}s`);

const failing = (bill: Bill, state: BillState) => [...new Set(bill.checks.filter((c) => checkState(c) === state).map((c) => checkName(c.id).toLowerCase()))];

function checksSense(bill: Bill): string {
  const hold = bill.checks.filter((c) => c.ok).length;
  const remarks = failing(bill, 'remark');
  const off = failing(bill, 'off');
  const tail = [off.length ? `${listed(off)} ${off.length === 1 ? 'does' : 'do'} not hold` : '', remarks.length ? `${several(remarks.length, 'remark')}: ${listed(remarks)}` : ''].filter(Boolean).join('; ');
  if (!bill.checks.length) return 'No check was made of it.';
  const all = !tail ? `${hold === 1 ? 'Its one check holds' : `All ${count(hold)} checks hold`}` : `${countOf(hold, 'check holds', 'checks hold')}; ${tail}`;
  return `${all}.`;
}

/** What there is to say of one bill. */
export function billWords(bill: Bill, nameOf: NameOf): Words {
  const name = inSentence(bill, nameOf);
  const amounts = amountsOf(bill);
  const ledger = amounts.map((a) => (a.ledger ? money(a.ledger, a.currency) : 'an unknown amount')).join(' and ');
  const sense = checksSense(bill);
  if (!bill.deliveries.length)
    return { fact: `The ledger holds ${ledger} of ${name} that no current delivery brought.`, sense: 'It balances with nothing.' };
  const off = amounts.filter((a) => a.difference && sign(a.difference) !== 0);
  if (off.length) {
    const [delivered, held] = [off.map((a) => money(a.delivered!, a.currency)), off.map((a) => money(a.ledger!, a.currency))].map((list) => list.join(' and '));
    return { fact: `${name} does not balance: ${delivered} delivered, ${held} in the ledger, ${off.map((a) => money(a.difference!, a.currency, true)).join(' and ')} between them.`, sense };
  }
  const missing = bill.rows_stored - bill.ledger_rows;
  if (missing) return { fact: `${name} does not hold: of ${countOf(bill.rows_stored, 'row')} stored the ledger counts ${count(bill.ledger_rows)}.`, sense };
  const told = amounts.length > 0 && amounts.every((a) => a.difference !== null);
  const balances = told ? `${ledger} delivered and in the ledger, difference 0.00` : `${ledger || 'nothing'} in the ledger; the delivery names no total of its own`;
  return { fact: bill.balances ? `${name} holds: ${balances}.` : `${name} balances, and yet a check does not hold.`, sense };
}

/** What there is to say of all of them. */
export function billsWords(bills: readonly Bill[], nameOf: NameOf): Words {
  const inOrder = sorted(bills);
  const of = (state: BillState) => inOrder.filter((b) => stateOf(b) === state);
  const [off, remarks] = [of('off'), of('remark')];
  const untold = bills.filter((b) => stateOf(b) !== 'off' && amountsOf(b).some((a) => a.difference === null)).length;
  const names = (list: readonly Bill[]) => listed(list.map((b) => inSentence(b, nameOf)));
  const remarked = remarks.length ? `${remarks.length === 1 ? 'One has' : `${count(remarks.length)} have`} remarks: ${names(remarks)}.` : 'No check has a remark.';
  if (!off.length) {
    const exact = untold
      ? `what was delivered is in the ledger; ${untold === 1 ? 'one names' : `${count(untold)} name`} no total of ${untold === 1 ? 'its' : 'their'} own`
      : 'what was delivered is in the ledger, to the last digit';
    return { fact: `${bills.length === 1 ? 'The one bill holds' : `All ${count(bills.length)} bills hold`}: ${exact}.`, sense: remarked };
  }
  const rest = bills.length - off.length;
  return { fact: `${names(off)} ${off.length === 1 ? 'does' : 'do'} not hold.`, sense: `${rest ? `${countOf(rest, 'other bill holds', 'other bills hold')}. ` : ''}${remarked}` };
}
