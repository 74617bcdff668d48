import { expect, test } from 'vitest';
import { pageOf } from './entities';

test('services, accounts, resources and tag keys have pages; what has no value has none', () => {
  expect(pageOf('service', 'Amazon S3')).toEqual({ to: '/services/$id', params: { id: 'Amazon S3' }, name: 'service' });
  expect(pageOf('resource', 'arn:a/b')?.params.id).toBe('arn:a/b');
  expect(pageOf('tag:Team', null)).toEqual({ to: '/tags/$id', params: { id: 'Team' }, name: 'tag' });
  expect(pageOf('sub_account', null)).toBeNull();
  expect(pageOf('region', 'eu-1')).toBeNull();
});
