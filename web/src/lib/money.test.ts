import { describe, expect, it } from 'vitest';
import { parse } from './decimal';
import { bytesText, changePercent, countOf, signedCount, moneyParts, moneyText, sharePercent } from './money';
import { slotOf, slots } from './colour';

describe('money', () => {
  it('sets cents apart and groups exactly', () => {
    expect(moneyParts(parse('344950.754'), 'USD', { symbol: true })).toMatchObject({ symbol: '$', whole: '344,950', cents: '.75', rounded: true });
    expect(moneyText(parse('90071992547409931234.5'), 'USD')).toBe('$90,071,992,547,409,931,234.50');
    expect(moneyText(parse('12030'), 'JPY')).toBe('¥12,030');
    expect(moneyText(parse('5'), 'CREDITS')).toBe('CREDITS 5.00');
  });
  it('keeps two digits of what is less than a cent', () => {
    expect(moneyText(parse('0.00423'), 'USD')).toBe('$0.0042');
    expect(moneyText(parse('-0.0000123'), 'USD')).toBe('−$0.000012');
    expect(moneyText(parse('0'), 'USD')).toBe('$0.00');
  });
  it('signs changes with a true minus', () => {
    expect(moneyText(parse('-3335.57'), 'USD', { sign: true })).toBe('−3,335.57');
    expect(moneyText(parse('8446.55'), 'USD', { sign: true })).toBe('+8,446.55');
  });
  it('says how much a change is', () => {
    expect(changePercent(parse('106.1'), parse('100'))).toBe('+6.1%');
    expect(changePercent(parse('340'), parse('100'))).toBe('3.4×');
    expect(changePercent(parse('5'), parse('0'))).toBe('new');
    expect(changePercent(parse('0'), parse('0'))).toBe('·');
    expect(changePercent(parse('-50'), parse('-100'))).toBe('+50.0%');
    expect(sharePercent(parse('1'), parse('0'))).toBe('–');
  });
  it('counts one and several', () => {
    expect([countOf(1, 'charge'), countOf(0, 'charge'), countOf(1204, 'delivery', 'deliveries')]).toEqual(['1 charge', '0 charges', '1,204 deliveries']);
    expect([signedCount(41), signedCount(-3), signedCount(0)]).toEqual(['+41', '−3', '±0']);
  });
  it('writes sizes', () => {
    expect(bytesText(999)).toBe('999 bytes');
    expect(bytesText(48256)).toBe('48 kB');
  });
});

describe('colour', () => {
  it('belongs to the value, whatever else is shown and however dear it is', () => {
    const ids = ['Amazon EC2', 'Amazon S3', 'BigQuery'];
    expect(slots(ids)).toEqual(slots([...ids].reverse()));
    expect(slots(['Amazon EC2']).get('Amazon EC2')).toBe(slotOf('Amazon EC2'));
  });
  it('is never shared by ten names', () => {
    const ids = Array.from({ length: 10 }, (_, i) => `name ${i}`);
    expect(new Set(slots(ids).values()).size).toBe(10);
  });
});
