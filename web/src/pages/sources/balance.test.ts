import { describe, expect, it } from 'vitest';
import type { Delivery } from '~/api/types';
import { format } from '~/lib/decimal';
import { balance, balanced, checksOf, restatements, totalOf, unbalanced } from './balance';

const delivery = (over: Partial<Delivery>): Delivery => ({
  id: 'd', source: 'aws', provider: 'AWS', format: 'aws_cur', billing_period: '2026-10', status: 'loaded', rows_read: 10, rows_stored: 9,
  rows_dropped: [{ rule: 'x', rows: 1, billed_cost: '0' }], rows_added: [], currency: 'USD', billed_cost: '1.0000000001', effective_cost: '1',
  native_total: { column: 'c', amount: '1.0000000001' }, difference: '0', checks: [{ id: 'balance', ok: true, detail: 'fine' }],
  supersedes: null, warnings: [], seconds: 1, errors: [], files: [], loaded_at: null, version: null, ...over,
});

describe('the balance of deliveries', () => {
  it('adds exactly and leaves out what is not current', () => {
    const lines = balance([delivery({}), delivery({}), delivery({ status: 'superseded' }), delivery({ billing_period: '2026-09' })], '2026-10');
    expect(lines).toHaveLength(1);
    expect(lines[0]!.amounts.map((a) => [a.currency, format(a.ledger!)])).toEqual([['USD', '2.0000000002']]);
    expect(lines[0]).toMatchObject({ deliveries: 2, read: 20, stored: 18, dropped: 2, added: 0 });
    expect(balanced(lines)).toBe(true);
  });
  it('reads as an equation: read, less what was left out, and what was added, is what is stored', () => {
    const [line] = balance([delivery({ rows_read: 7713, rows_stored: 6771, rows_dropped: [{ rule: 'x', rows: 1006, billed_cost: '0' }], rows_added: [{ rule: 'y', rows: 64 }] })], null);
    expect(line!.read - line!.dropped + line!.added).toBe(line!.stored);
  });
  it('finds what has been delivered anew, with what it was before', () => {
    const old = delivery({ id: 'a', status: 'superseded' });
    const now = delivery({ id: 'b', supersedes: 'a' });
    expect(restatements([now, old, delivery({ id: 'c', supersedes: 'gone' })])).toEqual([{ old, now }]);
  });
  it('shows each currency and never adds two', () => {
    const two = delivery({
      currency: null, billed_cost: null, effective_cost: null, native_total: { column: 'c', amount: null }, difference: null,
      by_currency: [
        { currency: 'EUR', billed_cost: '2', effective_cost: '2', native_total: { column: 'c', amount: '2' }, difference: '0' },
        { currency: 'USD', billed_cost: '3', effective_cost: '3', native_total: { column: 'c', amount: '3' }, difference: '0' },
      ],
    });
    const lines = balance([two, delivery({ source: 'b' })], null);
    expect(lines[0]!.amounts.map((a) => a.currency)).toEqual(['EUR', 'USD']);
    expect(totalOf(lines).amounts.map((a) => [a.currency, format(a.ledger!)])).toEqual([['EUR', '2'], ['USD', '4.0000000001']]);
    expect(totalOf(lines)).toMatchObject({ deliveries: 2, read: 20 });
    expect(balanced(lines)).toBe(true);
  });
  it('is not balanced when two errors cancel, or when a total is not known', () => {
    const cancel = balance([delivery({ difference: '1' }), delivery({ source: 'b', difference: '-1' })], null);
    expect(totalOf(cancel).amounts[0]!.difference?.units).toBe(0n);
    expect(balanced(cancel)).toBe(false);
    expect(unbalanced(cancel)).toEqual(['aws', 'b']);
    const unknown = balance([delivery({ difference: null, native_total: null })], null);
    expect(totalOf(unknown).amounts[0]!.difference).toBeNull();
    expect(balanced(unknown)).toBe(false);
    expect(unbalanced(unknown)).toEqual([]);
  });
  it('compares a bill that only says what accrues with what accrues', () => {
    const [line] = balance([delivery({ billed_cost: '0', native_total: { column: 'c', amount: '1', measure: 'effective_cost' } })], null);
    expect(format(line!.amounts[0]!.ledger!)).toBe('1');
  });
  it('puts failed checks first and says what failed, and where', () => {
    const checks = [{ id: 'a', ok: false, remark: true, detail: 'two' }, { id: 'periods', ok: false, detail: '3 rows lie outside', where: ['on Monday'] }];
    const lines = checksOf([delivery({}), delivery({ checks })], null);
    expect(lines[0]).toMatchObject({ id: 'periods', detail: '3 rows lie outside', where: ['on Monday'], passed: 0 });
    expect(lines[1]).toMatchObject({ id: 'a', failed: [], remarks: [{ id: 'd' }] });
  });
});
