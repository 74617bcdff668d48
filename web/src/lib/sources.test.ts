import { describe, expect, it } from 'vitest';
import { sourceNames } from './sources';

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
  it('keeps both ends of what is long', () => {
    expect(names(['oracle-ocid1.tenancy.oc1..aaaa4q2x7-cost', 'Oracle'], ['oracle-ocid1.tenancy.oc1..bbbb4q2x7-cost', 'Oracle'])[0]).toBe('Oracle, ocid1.tena…q2x7-cost');
  });
});
