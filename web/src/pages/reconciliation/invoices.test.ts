import { describe, expect, it } from 'vitest';
import type { Invoice, InvoiceReconciliation } from '~/api/types';
import { candidateName, chargesOf, invoicesWords, sorted } from './invoices';

const invoice = (over: Partial<Invoice> = {}): Invoice => ({
  invoice: 'I1', currency: 'USD', invoiced: '10', ledger: '10', difference: '0', status: 'matched', rounding: '0.005', line_count: 1, charges: 4, lines: [], candidates: [], ...over,
});
const answer = (data: Invoice[], over: Partial<InvoiceReconciliation> = {}): InvoiceReconciliation => ({ ledger_version: 3, data, voided_lines: 0, explained: true, ...over });
const tax = { dimension: 'charge_category', value: 'Tax', billed_cost: '2', charges: 3 };
const open = invoice({ invoice: 'I2', status: 'unexplained', invoiced: '12', difference: '2', candidates: [tax] });

describe('an invoice', () => {
  it('is said by what it comes to', () => {
    const fact = (i: Invoice) => invoicesWords(answer([i])).fact;
    expect(fact(invoice())).toBe('Invoice I1 is exact: $10.00 invoiced and billed, difference 0.00.');
    expect(fact(invoice({ status: 'rounding', difference: '-0.004' }))).toBe('Invoice I1 is right but for rounding: $10.00 invoiced, $0.0040 less than billed.');
    expect(fact(open)).toBe('Invoice I2 asks for $2.00 more than was billed.');
    expect(fact(invoice({ status: 'missing in the ledger', ledger: '0' }))).toBe('Nothing was billed under I1, which asks for $10.00.');
    expect(fact(invoice({ status: 'missing on the invoice', invoiced: '0' }))).toBe('The file does not have invoice I1: $10.00 was billed under it.');
  });
  it('says whether something is as large as the difference', () => {
    expect(invoicesWords(answer([open])).sense).toBe('There are charges exactly as large as the difference.');
    expect(invoicesWords(answer([{ ...open, candidates: [] }])).sense).toBe('No group of charges is as large as the difference.');
    const line = { service: 'EC2', account: null, invoiced: '1', ledger: '0', difference: '1', status: 'missing in the ledger' as const };
    expect(invoicesWords(answer([{ ...open, lines: [line] }])).sense).toBe('1 service or account differs within.');
  });
  it('opens its charges, all or those of a group', () => {
    const search = chargesOf(open, ['2026-01', '2026-11'], tax);
    expect(search).toMatchObject({ time: '2025-01-01..2027-01-01', currency: 'USD', view: 'charges' });
    expect(search.filters).toEqual([{ field: 'invoice', op: 'in', values: ['I2'] }, { field: 'charge_category', op: 'in', values: ['Tax'] }]);
    expect(candidateName(tax)).toBe('Charge category Tax');
    expect(candidateName({ ...tax, dimension: 'service', value: null })).toBe('No service');
  });
});

describe('several invoices', () => {
  it('are said in one sentence', () => {
    expect(invoicesWords(answer([invoice(), invoice({ invoice: 'I3' })])).fact).toBe('All 2 invoices are explained, to the last digit.');
    expect(invoicesWords(answer([invoice(), invoice({ invoice: 'I3', status: 'rounding' })])).fact).toBe('All 2 invoices are explained, one by rounding.');
    expect(invoicesWords(answer([invoice(), open], { voided_lines: 1 }))).toEqual({
      fact: '1 invoice of 2 is not explained.', sense: 'There are charges exactly as large as the difference. 1 line of voided invoices passed over.',
    });
    expect(invoicesWords(answer([])).fact).toBe('The file has no line that could be compared.');
  });
  it('come with those that want a look first', () => {
    expect(sorted([invoice(), open]).map((i) => i.invoice)).toEqual(['I2', 'I1']);
  });
});
