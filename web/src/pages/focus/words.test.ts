import { expect, it } from 'vitest';
import type { FocusReport } from '~/api/types';
import { verdict } from './words';

const file = { path: 'a.csv', dataset: 'Cost and Usage', version: '1.2', version_from: 'InvoiceId', rows: 10, columns: 57 };
const report = (rules: Partial<FocusReport['rules']>, more: Partial<FocusReport> = {}): FocusReport => ({
  valid: true, as_official: false, rows: 10, files: [file], findings: [], outcomes: [], ...more,
  rules: { passed: 280, violated: 0, warned: 0, not_checked: 0, ...rules },
});
const finding = (count: number, violation: boolean) => ({ rule: 'X', level: 'MUST', violation, text: 't', fix: 'f', count, samples: [] });

it('says that all holds only of a file of FOCUS', () => {
  expect(verdict(report({}))).toEqual({ fact: 'Every rule of FOCUS 1.2 that binds holds.', sense: 'Nothing is left open.' });
  expect(verdict(report({}, { files: [{ ...file, dataset: null, version: null }] })).fact).toBe('This is no file of FOCUS.');
});

it('counts what is broken, and keeps recommendations apart', () => {
  const words = verdict(report({ violated: 2, warned: 1, not_checked: 8 }, { findings: [finding(1200, true), finding(3, true), finding(9, false)] }));
  expect(words.fact).toBe('2 rules of FOCUS 1.2 are broken, 1,203 times.');
  expect(words.sense).toBe('1 recommendation is not met; 8 rules could not be checked.');
  expect(verdict(report({ violated: 1 }, { findings: [finding(1, true)] })).fact).toBe('1 rule of FOCUS 1.2 is broken, once.');
});
