import { describe, expect, it } from 'vitest';
import type { Anomaly, AnomalyEvent, AnomalyScope } from '~/api/types';
import { barShare, doneText, estimateText, eventText, everyMonth, facetsOf, found, goesOn, headline, isNew, rowTitle, runText, saidText, scopeFilters, scopeName, splits, timesText, undoOf, whenText, whoText } from './words';
import { parse } from '~/lib/decimal';

const TODAY = '2026-11-20';
const scope = (more: Partial<AnomalyScope>): AnomalyScope => ({ level: 'total', account: null, account_name: null, service: null, tag: null, ...more });
const NAT = scope({ level: 'account_service', account: '123', account_name: 'prod-core', service: 'NAT Gateway' });

const anomaly = (more: Partial<Anomaly> = {}): Anomaly => ({
  id: 'A-1', title: '', state: 'open', severity: 'high', scope: NAT, currency: 'USD', direction: 'up', channel: 'up', score: 4.2, start: '2026-11-12', end: '2026-11-18',
  detected: '2026-11-12', days: 7, ongoing: true, actual: '340.10', expected: '100', impact: '240.10', impact_per_day: '34', times: 3.4, levels: [], owner: null, snoozed_until: null,
  reason: null, cause: null, kind: null, merged_into: null, comment_count: 0, created_at: '', updated_at: '', ...more,
});

describe('a case in words', () => {
  it('names the smallest scope, and what charges do not name', () => {
    expect(scopeName(NAT)).toBe('NAT Gateway in prod-core');
    expect(scopeName(scope({}))).toBe('All charges');
    expect(scopeName(scope({ level: 'service', service: 'Amazon Elastic Compute Cloud' }))).toBe('EC2');
    expect(scopeName(scope({ level: 'account', account: '9' }))).toBe('9');
    expect(scopeName(scope({ level: 'account' }))).toBe('No account');
    expect(scopeName(scope({ level: 'account_service', account: '9' }))).toBe('No service in 9');
    expect(scopeName(scope({ level: 'tag', tag: { key: 'Team', value: 'Data' } }))).toBe('Team Data');
    expect(scopeName(scope({ level: 'tag', tag: { key: 'Team', value: null } }))).toBe('Without Team');
  });
  it('filters the charges of its scope, the missing value as missing', () => {
    expect(scopeFilters(NAT)).toEqual([{ field: 'sub_account', op: 'in', values: ['123'] }, { field: 'service', op: 'in', values: ['NAT Gateway'] }]);
    expect(scopeFilters(scope({ level: 'service' }))).toEqual([{ field: 'service', op: 'missing', values: [] }]);
    expect(scopeFilters(scope({ level: 'tag', tag: { key: 'Team', value: null } }))).toEqual([{ field: 'tag:Team', op: 'missing', values: [] }]);
    expect(scopeFilters(scope({}))).toEqual([]);
  });
  it('says how far it is from what was expected, and never divides by nothing', () => {
    expect(timesText(anomaly())).toBe('3.4× expected');
    expect(timesText(anomaly({ actual: '125' }))).toBe('25% above expected');
    expect(timesText(anomaly({ actual: '102.5' }))).toBe('2.5% above expected');
    expect(timesText(anomaly({ actual: '70', direction: 'down' }))).toBe('30% below expected');
    expect(timesText(anomaly({ actual: '0', direction: 'down' }))).toBe('nothing where there was spend');
    expect(timesText(anomaly({ expected: '0' }))).toBe('where nothing was expected');
    expect(rowTitle(anomaly())).toBe('NAT Gateway in prod-core: 3.4× expected');
  });
  it('says since when, or which days', () => {
    expect(whenText(anomaly(), TODAY)).toBe('since 12 Nov');
    expect(whenText(anomaly({ ongoing: false }), TODAY)).toBe('12–18 Nov');
    expect(whenText(anomaly({ ongoing: false, end: '2026-11-12' }), TODAY)).toBe('12 Nov');
  });
  it('writes estimates without cents and with four digits that count', () => {
    expect(estimateText(parse('412'), 'USD', true)).toBe('+$412');
    expect(estimateText(parse('-5093.71'), 'USD', true)).toBe('−$5,094');
    expect(estimateText(parse('123456.7'), 'USD')).toBe('$123,500');
    expect(estimateText(parse('4.256'), 'USD')).toBe('$4.26');
    expect(estimateText(parse('0'), 'USD')).toBe('$0.00');
  });
  it('carries its level to the end of the month, exactly, and only while it goes on', () => {
    const on = goesOn(anomaly())!;
    expect(on.until).toBe('2026-11-30');
    expect(on.amount).toEqual(parse('648.10'));
    expect(goesOn(anomaly({ ongoing: false }))).toBeNull();
    expect(goesOn(anomaly({ end: '2026-11-30' }))).toBeNull();
  });
});

describe('the headline', () => {
  const down = anomaly({ id: 'A-2', direction: 'down', impact: '-40.5', owner: 'ada@example.org', scope: scope({ level: 'service', service: 'BigQuery' }) });
  it('adds what is above and what is below, each for itself', () => {
    const said = headline([anomaly(), anomaly({ id: 'A-3', impact: '59.90' }), down], 3, 'open');
    expect(said.fact).toBe('Three open cases cost $300.00 above expected and $40.50 below.');
    expect(said.sense).toBe('80% of it is NAT Gateway in prod-core, which has no owner.');
  });
  it('never adds two currencies', () => {
    expect(headline([anomaly(), anomaly({ currency: 'EUR', impact: '10' })], 2, 'open').fact).toBe('Two open cases cost $240.10 and €10.00 above expected.');
  });
  it('claims no more than what has been read', () => {
    expect(headline([anomaly(), down], 244, 'open').fact).toBe('The 2 largest of 244 open cases cost $240.10 above expected and $40.50 below.');
  });
  it('speaks of one, of none, and of what is over', () => {
    expect(headline([anomaly()], 1, 'open')).toEqual({ fact: 'One open case costs $240.10 above expected.', sense: 'NAT Gateway in prod-core has no owner.' });
    expect(headline([down], 1, 'open').fact).toBe('One open case, $40.50 below what was expected.');
    expect(headline([], 0, 'open').fact).toBe('Nothing unusual is open.');
    expect(headline([], 0, 'false_positive').fact).toBe('No false alarm.');
    expect(headline([anomaly({ state: 'resolved' })], 1, 'resolved').sense).toBe('');
  });
});

describe('a decision', () => {
  it('is told of one and of many', () => {
    expect(doneText(['A-1'], { state: 'acknowledged' })).toBe('A-1 is acknowledged');
    expect(doneText(['A-1', 'A-2'], { state: 'false_positive', kind: 'seasonal' })).toBe('2 cases are no anomaly');
    expect(doneText(['A-1'], { owner: 'ada@example.org' })).toBe('A-1 is ada@example.org’s');
    expect(doneText(['A-2'], { merged_into: 'A-1' })).toBe('A-2 is a part of A-1');
  });
  it('is taken back with what was there before', () => {
    expect(undoOf(anomaly(), { state: 'acknowledged' })).toEqual({ state: 'open' });
    expect(undoOf(anomaly({ state: 'snoozed', snoozed_until: '2026-12-01', reason: 'why' }), { state: 'open' })).toEqual({ state: 'snoozed', snoozed_until: '2026-12-01', reason: 'why' });
    expect(undoOf(anomaly({ state: 'resolved', cause: 'c' }), { state: 'open' })).toEqual({ state: 'resolved', cause: 'c' });
    expect(undoOf(anomaly({ owner: 'a@b.c' }), { owner: null })).toEqual({ owner: 'a@b.c' });
    expect(undoOf(anomaly(), { merged_into: 'A-9' })).toEqual({ merged_into: null });
    expect(undoOf(anomaly({ state: 'false_positive', kind: null }), { state: 'open' })).toBeNull();
  });
});

describe('what happened', () => {
  const event = (what: AnomalyEvent['what'], detail: Record<string, unknown> = {}): string => eventText({ at: '', by: null, what, text: null, detail }, TODAY);
  it('is said in words, whatever the detail lacks', () => {
    expect(event('state', { from: 'open', to: 'false_positive' })).toBe('open → false positive');
    expect(event('state')).toBe('decided it');
    expect(event('state', { from: 'snoozed', to: 'snoozed' })).toBe('changed why it is snoozed');
    expect(event('merged', { into: 'A-2' })).toBe('made it a part of A-2');
    expect(event('unmerged', { out_of: 'A-2' })).toBe('took it out of A-2');
    expect(event('absorbed', { into: 'A-2' })).toBe('saw that it is a part of A-2');
    expect(event('moved', { from: {}, to: {} })).toBe('saw where it belongs');
    expect(saidText({ at: '', by: null, what: 'state', text: null, detail: { cause: 'an endpoint' } })).toBe('an endpoint');
    expect(event('owner', { from: 'a@b.c', to: null })).toBe('took it from a@b.c');
    expect(event('grew', { end: '2026-11-18' })).toBe('it goes on, to 18 Nov so far');
    expect(event('grew', { end: 7 })).toBe('it goes on');
  });
  it('is told apart by who has no name', () => {
    const by = (what: AnomalyEvent['what'], who: string | null) => whoText({ at: '', by: who, what, text: null, detail: {} });
    expect([by('opened', null), by('comment', null), by('comment', 'a@b.c')]).toEqual(['Farthing', 'The owner', 'a@b.c']);
  });
  it('says what was looked at, and what was left out', () => {
    const run = { ledger_version: 1, history_end: '2026-11-18', series: 412, series_left_out: 0, left_out: [], alarms: 1, opened: 1, changed: 0, gone: 0, seconds: 1 };
    expect(runText(run, TODAY)).toBe('412 series looked at to 18 Nov');
    expect(runText({ ...run, series_left_out: 7, history_end: null }, TODAY)).toBe('412 series looked at; 7 of the least money left out');
    expect(runText(run, TODAY, 1)).toBe('412 series looked at to 18 Nov');
    expect(runText(run, TODAY, 2)).toBe('412 series looked at to 18 Nov; not yet at the newest import');
  });
});

describe('lists', () => {
  it('group by what they can be narrowed to, the most cases first', () => {
    const other = anomaly({ id: 'A-2', scope: scope({ level: 'service', service: 'BigQuery' }) });
    expect(facetsOf([other, anomaly(), anomaly()], 'service')).toEqual([{ id: 'NAT Gateway', name: 'NAT Gateway', cases: 2 }, { id: 'BigQuery', name: 'BigQuery', cases: 1 }]);
    expect(facetsOf([other, anomaly()], 'account')).toEqual([{ id: '123', name: 'prod-core', cases: 1 }]);
  });
  it('find cases that have every word', () => {
    const all = [anomaly({ owner: 'ada@example.org' }), anomaly({ id: 'A-77' })];
    expect(found(all, 'nat PROD').length).toBe(2);
    expect(found(all, 'nat ada').map((c) => c.id)).toEqual(['A-1']);
    expect(found(all, 'a-77').map((c) => c.id)).toEqual(['A-77']);
    expect(found(all, ' ').length).toBe(2);
  });
  it('have months without a case', () => {
    expect(everyMonth([{ month: '2026-02', cases: 3 }], '2025-12-15', '2026-02-03').map((m) => m.cases)).toEqual([0, 0, 3]);
  });
  it('mark what is new, and measure bars against the widest', () => {
    expect(isNew({ actual: '3', expected: '0' })).toBe(true);
    expect(isNew({ actual: '0', expected: '0' })).toBe(false);
    expect(splits({ values: [{ actual: '3', expected: '2' }], rest: null })).toBe(false);
    expect(splits({ values: [{ actual: '3', expected: '0' }], rest: null })).toBe(true);
    expect(splits({ values: [{ actual: '3', expected: '2' }], rest: {} })).toBe(true);
    expect(barShare('-5', [{ change: '10' }, { change: '-5' }])).toBe(-0.5);
    expect(barShare('0', [{ change: '0' }])).toBe(0);
  });
});
