/* What a report says, in a sentence. */
import type { FocusReport } from '~/api/types';
import { count } from '~/lib/money';

const rules = (n: number) => (n === 1 ? '1 rule' : `${count(n)} rules`);

function asides(report: FocusReport): string {
  const { warned, not_checked } = report.rules;
  const said = [
    warned ? `${warned === 1 ? '1 recommendation is' : `${count(warned)} recommendations are`} not met` : '',
    not_checked ? `${rules(not_checked)} could not be checked` : '',
  ].filter(Boolean);
  const text = said.join('; ');
  return text ? `${text.charAt(0).toUpperCase()}${text.slice(1)}.` : 'Nothing is left open.';
}

/** Valid is only what was a file of FOCUS and was read. */
export function verdict(report: FocusReport): { fact: string; sense: string } {
  const known = report.files.filter((f) => f.dataset !== null);
  const versions = [...new Set(known.map((f) => f.version))].join(', ');
  if (!known.length) return { fact: 'This is no file of FOCUS.', sense: 'The columns are those of no dataset that FOCUS describes.' };
  if (report.rules.violated === 0)
    return { fact: `Every rule of FOCUS ${versions} that binds holds.`, sense: asides(report) };
  const times = report.findings.filter((f) => f.violation).reduce((n, f) => n + f.count, 0);
  return {
    fact: `${rules(report.rules.violated)} of FOCUS ${versions} ${report.rules.violated === 1 ? 'is' : 'are'} broken, ${times === 1 ? 'once' : `${count(times)} times`}.`,
    sense: asides(report),
  };
}
