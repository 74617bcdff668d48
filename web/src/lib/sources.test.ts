import { describe, expect, it } from 'vitest';
import { formOf, sourceNamer, sourceNames } from './sources';

const names = (...of: [string, string][]) => [...sourceNames(of.map(([source, provider]) => ({ source, provider }))).values()];

describe('what a source is called', () => {
  it('is its provider, when there is one source of it', () => {
    expect(names(['google-cloud-01c0de-fa2711-gcp', 'Google Cloud'], ['aws-4109-cur', 'AWS'], ['aws-4109-cur', 'AWS'])).toEqual(['Google Cloud', 'AWS']);
  });
  it('is told apart where there are several', () => {
    expect(names(['microsoft-7411236-cost', 'Microsoft'], ['microsoft-bp-07-cost', 'Microsoft'])).toEqual(['Microsoft, 7411236-cost', 'Microsoft, bp-07-cost']);
  });
  it('is what a person called it', () => {
    expect(names(['hoster', 'Contoso Hosting'], ['aws', 'AWS'])).toEqual(['hoster', 'aws']);
  });
  it('is its own name where nothing is known of it, cut where it is long', () => {
    expect(sourceNamer([])('aws-410937225016-larkfield-cur2')).toBe('aws-410937225…rkfield-cur2');
  });
  it('says the form of its bills as people do', () => {
    const known = [{ id: '3', name: 'aws', format: 'aws_cur' }];
    expect([formOf('aws', known), formOf('3', known), formOf('oracle', known), formOf('aws', undefined)]).toEqual(['CUR', 'CUR', '', '']);
  });
  it('keeps both ends of what is long', () => {
    expect(names(['oracle-ocid1.tenancy.oc1..aaaa4q2x7-cost', 'Oracle'], ['oracle-ocid1.tenancy.oc1..bbbb4q2x7-cost', 'Oracle'])[0]).toBe('Oracle, ocid1.tena…q2x7-cost');
  });
});
