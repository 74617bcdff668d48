import { describe, expect, it, test } from 'vitest';
import { pageOf, questionAt } from './entities';

test('services, accounts, resources and tag keys have pages; what has no value has none', () => {
  expect(pageOf('service', 'Amazon S3')).toEqual({ to: '/services/$id', params: { id: 'Amazon S3' }, name: 'service' });
  expect(pageOf('resource', 'arn:a/b')?.params.id).toBe('arn:a/b');
  expect(pageOf('tag:Team', null)).toEqual({ to: '/tags/$id', params: { id: 'Team' }, name: 'tag' });
  expect(pageOf('sub_account', null)).toBeNull();
  expect(pageOf('region', 'eu-1')).toBeNull();
});

describe('a page', () => {
  const filters = [{ field: 'region', op: 'in' as const, values: ['r'] }];
  it('is a question of Explore with the condition that makes the thing', () => {
    expect(questionAt('/accounts/1', '1', { time: '7d', filters })).toEqual({ time: '7d', filters: [{ field: 'sub_account', op: 'in', values: ['1'] }, ...filters], by: ['service'] });
    expect(questionAt('/resources/a/b', 'a/b', { by: ['usage_type'], grain: 'week', view: 'charges' })).toEqual({ filters: [{ field: 'resource', op: 'in', values: ['a/b'] }], by: ['usage_type'], grain: 'week' });
    expect(questionAt('/tags/Team', 'Team', { filters })).toEqual({ filters, by: ['tag:Team'] });
    expect(questionAt('/explore', undefined, { view: 'drivers' })).toEqual({ view: 'drivers' });
  });
  it('that shows several is none', () => {
    expect(questionAt('/', undefined, {})).toBeNull();
    expect(questionAt('/dashboards/1', '1', {})).toBeNull();
  });
});
