import { describe, expect, it } from 'vitest';
import * as d from './decimal';

const p = d.parse;

describe('decimal', () => {
  it('keeps every digit that came in', () => {
    for (const text of ['0', '1', '-1', '737.49723386', '0.0000000000000000000000000001', '-100000000.0000000001'])
      expect(d.format(p(text))).toBe(text);
  });
  it('writes no trailing zeros and no minus zero', () => {
    expect(d.format(p('1.500'))).toBe('1.5');
    expect(d.format(p('-0.00'))).toBe('0');
  });
  it('refuses what is not plain decimal text', () => {
    for (const text of ['', '1e3', 'NaN', '1,000', ' 1', '.5', '1.', '0x1'])
      expect(() => p(text)).toThrow('not a decimal');
  });
  it('adds where doubles would not', () => {
    expect(d.format(d.add(p('0.1'), p('0.2')))).toBe('0.3');
    expect(d.format(d.sum(Array.from({ length: 1000 }, () => p('0.0000000000000000000000000001'))))).toBe(
      '0.0000000000000000000000001',
    );
    expect(d.format(d.sub(p('9007199254740993.01'), p('0.02')))).toBe('9007199254740992.99');
  });
  it('compares across scales', () => {
    expect(d.compare(p('1.0'), p('1'))).toBe(0);
    expect(d.compare(p('-2'), p('1.999'))).toBe(-1);
    expect(d.compare(p('0.3'), p('0.29999'))).toBe(1);
  });
  it('rounds half to even on both sides of zero', () => {
    const cases = { '0.125': '0.12', '0.135': '0.14', '-0.125': '-0.12', '-0.135': '-0.14', '2.5': '2.50', '0.1251': '0.13' };
    for (const [from, to] of Object.entries(cases)) expect(d.fixed(d.round(p(from), 2))).toBe(to);
  });
  it('knows no share of nothing', () => {
    expect(d.percent(p('1'), p('0'))).toBeNull();
    expect(d.fixed(d.percent(p('1'), p('3'))!)).toBe('33.3');
    expect(d.fixed(d.percent(p('1'), p('-3'))!)).toBe('-33.3');
  });
  it('agrees with big integers on generated sums', () => {
    let seed = 7;
    const next = () => (seed = (seed * 1103515245 + 12345) % 2147483648);
    for (let round = 0; round < 200; round++) {
      const parts = Array.from({ length: 20 }, () => ({ units: BigInt(next()) - 1073741824n, scale: next() % 11 }));
      const want = parts.reduce((t, v) => t + v.units * 10n ** BigInt(10 - v.scale), 0n);
      expect(d.round(d.sum(parts), 10).units).toBe(want);
    }
  });
});
