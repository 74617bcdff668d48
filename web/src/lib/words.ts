/* What things are called on screen. */
import type { DimensionInfo } from '~/api/types';
import type { Filter, Metric } from './plan';
import { count } from './money';
import { lengthOf, monthShape, rangeWords, type Day, type Range } from './dates';

export const METRIC_NAMES: Record<Metric, string> = {
  effective_cost: 'Effective cost',
  billed_cost: 'Billed cost',
  list_cost: 'List cost',
  contracted_cost: 'Contracted cost',
};

export const METRIC_HINTS: Record<Metric, string> = {
  effective_cost: 'prepaid spread',
  billed_cost: 'as invoiced',
  list_cost: 'public price',
  contracted_cost: 'negotiated',
};

export const METRIC_SHORT: Record<Metric, string> = {
  effective_cost: 'Effective',
  billed_cost: 'Billed',
  list_cost: 'List',
  contracted_cost: 'Contracted',
};

export const TIME_NAMES: Record<string, string> = {
  mtd: 'Month to date',
  'last-month': 'Last month',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
  '3m': 'Last 3 months',
  '6m': 'Last 6 months',
  '12m': 'Last 12 months',
  ytd: 'Year to date',
};

export const timeName = (word: string | undefined, range: Range, today: Day): string =>
  TIME_NAMES[word ?? '30d'] ?? rangeWords(range, today);

export const compareNames = (time: Range): Record<string, string> => ({
  weekdays: 'Same weekdays before',
  previous: monthShape(time) ? 'Month before, same days' : `${lengthOf(time)} days before`,
  year: 'A year before',
  none: 'Nothing',
});

const NAMES: Readonly<Record<string, string>> = { sub_account: 'Account', charge_category: 'Charge', service_category: 'Category', consumed_quantity: 'Quantity' };

/** The name of a dimension, also before the list of them has come. */
export function dimensionName(id: string, known: readonly DimensionInfo[] | undefined): string {
  const label = known?.find((d) => d.id === id)?.label;
  if (label) return label;
  if (NAMES[id]) return NAMES[id];
  const bare = id.replace(/^(tag|label):/, '').replaceAll('_', ' ');
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}

/* How people call what bills spell out. */
const SHORT: Readonly<Record<string, string>> = {
  'Elastic Compute Cloud': 'EC2',
  'Relational Database Service': 'RDS',
  'Simple Storage Service': 'S3',
  'Virtual Private Cloud': 'VPC',
  'Simple Queue Service': 'SQS',
  'Simple Notification Service': 'SNS',
  'Elastic Container Service': 'ECS',
  'Elastic Container Service for Kubernetes': 'EKS',
  'Elastic Kubernetes Service': 'EKS',
  'EC2 Container Registry (ECR)': 'ECR',
  'Elastic File System': 'EFS',
  'Elastic Load Balancing': 'ELB',
  'Key Management Service': 'KMS',
  'Elastic MapReduce': 'EMR',
  'OpenSearch Service': 'OpenSearch',
};

/** For the end of a line in a chart: as people say it, where they have a word for it; else the name as it is. */
export function shortLabel(label: string): string {
  return SHORT[label.replace(/^(Amazon|AWS)\s+/, '')] ?? label;
}

/** A value on screen; what has none says so. */
export const valueName = (value: string | null | undefined, dimension: string): string =>
  value ?? `No ${dimension.toLowerCase()}`;

const OPS: Record<Filter['op'], string> = { in: 'is', not_in: 'is not', contains: 'contains', missing: 'is missing', present: 'is there' };
export const opName = (op: Filter['op']): string => OPS[op];

export function filterValues(f: Filter): string {
  if (!f.values.length) return '';
  const [first, second] = f.values;
  return f.values.length > 2 ? `${first}, ${second} +${f.values.length - 2}` : f.values.join(', ');
}

const FORMATS: Readonly<Record<string, string>> = { aws_cur: 'CUR', azure: 'cost export', custom: 'own costs', focus: 'FOCUS', gcp_billing: 'billing export', oracle: 'cost report' };
/** The form of a bill as people call it. */
export const formatName = (format: string | null | undefined): string => (format ? (FORMATS[format] ?? format) : '');

/** What a check is called: "native-total" is "Native total". */
export const checkName = (id: string): string => (id.charAt(0).toUpperCase() + id.slice(1)).replaceAll(/[-_.]/g, ' ');

/** "bill.csv and 3 more". */
export function filesText(names: readonly string[]): string {
  const [first, ...more] = names;
  return first === undefined ? 'Files' : more.length ? `${first} and ${count(more.length)} more` : first;
}

/** Shortened in the middle: of ids, both ends tell them apart. */
export function middleCut(text: string, room: number): string {
  if (text.length <= room) return text;
  const head = Math.ceil((room - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (room - 1 - head))}`;
}
