/* What an invoice asks for against what was billed under its number, in words. */
import type { Invoice, InvoiceReconciliation, InvoiceStatus } from '~/api/types';
import { addMonths, rangeText } from '~/lib/dates';
import { abs, parse, sign } from '~/lib/decimal';
import { count, countOf, moneyText } from '~/lib/money';
import { only } from '~/lib/plan';
import type { ExploreSearch } from '~/lib/search';
import { dimensionName, valueName } from '~/lib/words';
import type { Words } from './bills';

export const STATUS: Readonly<Record<InvoiceStatus, readonly [name: string, tag: string]>> = {
  matched: ['Matched', 'tag tag-good'],
  rounding: ['Rounding', 'tag'],
  unexplained: ['Unexplained', 'tag tag-bad'],
  'missing in the ledger': ['Not billed', 'tag tag-bad'],
  'missing on the invoice': ['Not invoiced', 'tag tag-warn'],
};

const isExplained = (status: InvoiceStatus): boolean => status === 'matched' || status === 'rounding';

/** What wants a look first: the largest difference of each currency, then by number. */
export const sorted = (invoices: readonly Invoice[]): Invoice[] =>
  [...invoices].sort((a, b) => Number(isExplained(a.status)) - Number(isExplained(b.status)) || (a.invoice < b.invoice ? -1 : a.invoice > b.invoice ? 1 : a.currency < b.currency ? -1 : 1));

function oneInvoice(i: Invoice): string {
  const amount = moneyText(parse(i.invoiced), i.currency);
  switch (i.status) {
    case 'matched':
      return `Invoice ${i.invoice} is exact: ${amount} invoiced and billed, difference 0.00.`;
    case 'rounding':
      return `Invoice ${i.invoice} is right but for rounding: ${amount} invoiced, ${moneyText(abs(parse(i.difference)), i.currency)} ${sign(parse(i.difference)) < 0 ? 'less' : 'more'} than billed.`;
    case 'unexplained':
      return `Invoice ${i.invoice} asks for ${moneyText(abs(parse(i.difference)), i.currency)} ${sign(parse(i.difference)) < 0 ? 'less' : 'more'} than was billed.`;
    case 'missing in the ledger':
      return `Nothing was billed under ${i.invoice}, which asks for ${amount}.`;
    case 'missing on the invoice':
      return `The file does not have invoice ${i.invoice}: ${moneyText(parse(i.ledger), i.currency)} was billed under it.`;
  }
}

/** Those that differ first; else as the file has them. */
export const sortedLines = (lines: Invoice['lines']): Invoice['lines'] => [...lines].sort((a, b) => Number(isExplained(a.status)) - Number(isExplained(b.status)));

const lineCount = (i: Invoice) => i.lines.filter((l) => !isExplained(l.status)).length;

export function invoicesWords(answer: InvoiceReconciliation): Words {
  const { data } = answer;
  const voided = answer.voided_lines ? ` ${countOf(answer.voided_lines, 'line')} of voided invoices passed over.` : '';
  const [first] = data;
  if (!first) return { fact: 'The file has no line that could be compared.', sense: voided.trim() };
  const open = data.filter((i) => !isExplained(i.status));
  const rounded = data.filter((i) => i.status === 'rounding').length;
  const fact =
    data.length === 1
      ? oneInvoice(first)
      : open.length
        ? `${countOf(open.length, 'invoice')} of ${count(data.length)} ${open.length === 1 ? 'is' : 'are'} not explained.`
        : `All ${count(data.length)} invoices are explained${rounded ? `, ${rounded === 1 ? 'one' : count(rounded)} by rounding` : ', to the last digit'}.`;
  const lines = data.reduce((n, i) => n + lineCount(i), 0);
  const found = open.filter((i) => i.candidates.length).length;
  const sense = lines
    ? `${countOf(lines, 'service or account', 'services or accounts')} ${lines === 1 ? 'differs' : 'differ'} within.`
    : found
      ? 'There are charges exactly as large as the difference.'
      : open.some((i) => i.status === 'unexplained')
        ? 'No group of charges is as large as the difference.'
        : data.some((i) => i.lines.length)
          ? 'Each service and account agrees too.'
          : '';
  return { fact, sense: `${sense}${voided}`.trim() };
}

const GROUPS: Readonly<Record<string, string>> = { charge_category: 'Charge category', charge_description: 'Description', line_item_type: 'Kind of line' };

/** "Charge category Tax". */
export const candidateName = (c: Invoice['candidates'][number]): string => {
  const dimension = GROUPS[c.dimension] ?? dimensionName(c.dimension, undefined);
  return c.value === null ? valueName(null, dimension) : `${dimension} ${c.value}`;
};

/** The charges that were billed under an invoice, all or those of a group. `periods` are the first and last that there are. */
export function chargesOf(i: Invoice, periods: readonly [string, string], group?: Invoice['candidates'][number]): ExploreSearch {
  const [first, last] = periods;
  return {
    time: rangeText({ start: addMonths(`${first}-01`, -12), end: addMonths(`${last}-01`, 2) }), compare: 'none', metric: 'billed_cost', currency: i.currency, view: 'charges',
    filters: [only('invoice', i.invoice), ...(group ? [only(group.dimension, group.value)] : [])],
  };
}
