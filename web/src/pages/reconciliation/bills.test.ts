import { describe, expect, it } from 'vitest';
import type { Bill, Check } from '~/api/types';
import { billWords, billsWords, checkRows, checksText, sorted, stateOf } from './bills';

const check = (over: Partial<Check> = {}): Check => ({ delivery: '7', id: 'native-total', ok: true, detail: 'equal', ...over });

function bill(over: Partial<Bill> = {}, amount: Partial<Bill['by_currency'][number]> = {}): Bill {
  const line = {
    currency: 'USD', native_total: { column: 'cost', measure: 'billed_cost' as const, amount: '7.25' }, ledger_billed: '7.25', ledger_effective: '7', difference: '0', ledger_rows: 3, ...amount,
  };
  return { source: 'aws', billing_period: '2026-10', deliveries: ['7'], ...line, by_currency: [line], rows_stored: 3, ledger_rows: 3, checks: [check()], balances: true, ...over };
}

const name = (source: string) => source.toUpperCase();
const remark = check({ id: 'halves', ok: false, remark: true });
const wrong = check({ id: 'services', ok: false });

describe('what a bill comes to', () => {
  it('holds, holds with a remark, or does not', () => {
    expect([bill(), bill({ checks: [remark] }), bill({ balances: false })].map(stateOf)).toEqual(['holds', 'remark', 'off']);
  });
  it('is said with what was compared', () => {
    expect(billWords(bill(), name)).toEqual({ fact: 'AWS for October 2026 holds: $7.25 delivered and in the ledger, difference 0.00.', sense: 'Its one check holds.' });
    expect(billWords(bill({ checks: [check(), remark] }), name).sense).toBe('1 check holds; one remark: halves.');
    expect(billWords(bill({ balances: false }, { ledger_billed: '7.5', difference: '-0.25' }), name).fact)
      .toBe('AWS for October 2026 does not balance: $7.25 delivered, $7.50 in the ledger, −$0.25 between them.');
    expect(billWords(bill({ balances: false, checks: [check(), wrong] }), name)).toEqual({ fact: 'AWS for October 2026 balances, and yet a check does not hold.', sense: '1 check holds; services does not hold.' });
    expect(billWords(bill({ balances: false, ledger_rows: 2 }), name).fact).toBe('AWS for October 2026 does not hold: of 3 rows stored the ledger counts 2.');
    expect(billWords(bill({ balances: false, deliveries: [], checks: [] }, { native_total: null, difference: null }), name).fact)
      .toBe('The ledger holds $7.25 of AWS for October 2026 that no current delivery brought.');
  });
  it('says of a bill without a total of its own that it has none', () => {
    expect(billWords(bill({}, { native_total: null, difference: null }), name).fact).toBe('AWS for October 2026 holds: $7.25 in the ledger; the delivery names no total of its own.');
  });
  it('compares a bill that only says what accrues with what accrues', () => {
    const accrued = bill({}, { native_total: { column: 'cost', measure: 'effective_cost', amount: '7' } });
    expect(billWords(accrued, name).fact).toContain('$7.00 delivered and in the ledger');
  });
  it('keeps currencies apart', () => {
    const two = bill();
    two.by_currency = [{ ...two.by_currency[0]!, currency: 'EUR' }, two.by_currency[0]!];
    expect(billWords(two, name).fact).toBe('AWS for October 2026 holds: €7.25 and $7.25 delivered and in the ledger, difference 0.00.');
  });
});

describe('all bills', () => {
  it('are said in one sentence', () => {
    expect(billsWords([bill(), bill({ source: 'oracle' })], name)).toEqual({ fact: 'All 2 bills hold: what was delivered is in the ledger, to the last digit.', sense: 'No check has a remark.' });
    expect(billsWords([bill(), bill({ balances: false, source: 'oracle' }), bill({ source: 'azure', checks: [remark] })], name))
      .toEqual({ fact: 'ORACLE for October 2026 does not hold.', sense: '2 other bills hold. One has remarks: AZURE for October 2026.' });
    expect(billsWords([bill({}, { native_total: null, difference: null })], name).fact).toBe('The one bill holds: what was delivered is in the ledger; one names no total of its own.');
  });
  it('come with what wants a look first, then the newest', () => {
    const list = [bill(), bill({ billing_period: '2026-11' }), bill({ source: 'b', checks: [remark] }), bill({ source: 'c', balances: false })];
    expect(sorted(list).map((b) => [b.source, b.billing_period])).toEqual([['c', '2026-10'], ['b', '2026-10'], ['aws', '2026-11'], ['aws', '2026-10']]);
  });
});

describe('the checks of a bill', () => {
  it('stand by themselves where they do not hold, and as one where they do', () => {
    const rows = checkRows(bill({ checks: [check(), check({ delivery: '8' }), wrong, remark, check({ currency: 'EUR' })] }));
    expect(rows.map((r) => [r.check.id, r.state, r.times])).toEqual([['services', 'off', 1], ['halves', 'remark', 1], ['native-total', 'holds', 2], ['native-total', 'holds', 1]]);
  });
  it('are counted in words', () => {
    expect(checksText(bill({ checks: [check(), wrong, remark] }))).toBe('1 fails, 1 holds, 1 remark');
    expect(checksText(bill({ checks: [] }))).toBe('none');
  });
});
