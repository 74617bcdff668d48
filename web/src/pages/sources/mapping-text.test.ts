import { describe, expect, it } from 'vitest';
import { doubtsOf, lineOf } from './mapping-text';

const TEXT = [
  '# A first mapping of hosting.csv: settle what says CHOOSE.',
  'columns:',
  '  BilledCost: {expression: "[Menge] * [Preis]"}  # CHOOSE: is the discount a percentage? Then take this mark away',
  '  BillingCurrency: {value: CHOOSE}  # CHOOSE: its code (EUR, USD); the file does not say',
  '  ServiceName: "Produkt"  # by its name',
  '  ProviderName: {value: CHOOSE}',
].join('\n');

describe('what a person has to settle', () => {
  it('is named by line, column and reason; remarks are none', () => {
    expect(doubtsOf(TEXT)).toEqual([
      { line: 3, key: 'BilledCost', why: 'Is the discount a percentage? Then take this mark away' },
      { line: 4, key: 'BillingCurrency', why: 'Its code (EUR, USD); the file does not say' },
      { line: 6, key: 'ProviderName', why: '' },
    ]);
    expect(doubtsOf('columns:\n  BilledCost: Betrag\n')).toEqual([]);
  });
  it('can be gone to', () => {
    const { start, end } = lineOf(TEXT, 5);
    expect(TEXT.slice(start, end)).toBe('  ServiceName: "Produkt"  # by its name');
  });
});
