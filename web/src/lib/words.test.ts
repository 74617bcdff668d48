import { describe, expect, it } from 'vitest';
import { checkName, filesText, shortLabel } from './words';

describe('names', () => {
  it('are shortened to what people say, and never by their first word alone', () => {
    expect(shortLabel('Amazon Elastic Compute Cloud')).toBe('EC2');
    expect(shortLabel('AWS Key Management Service')).toBe('KMS');
    for (const name of ['Azure OpenAI', 'Azure SQL Database', 'Google Maps', 'Oracle Autonomous Database', 'Amazon Route 53', 'AmazonCloudWatch'])
      expect(shortLabel(name)).toBe(name);
  });
  it('of files are the first and how many more', () => {
    expect([filesText(['a.csv']), filesText(['a.csv', 'b.csv', 'c.csv']), filesText([])]).toEqual(['a.csv', 'a.csv and 2 more', 'Files']);
  });
  it('of checks are words', () => {
    expect(checkName('native-total')).toBe('Native total');
  });
});
