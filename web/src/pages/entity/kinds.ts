/* What else a thing belongs to. */
import type { EntityDetail } from '~/api/types';

/** With the dimension that says it, in the order in which one would say it. */
export const PARTS = [
  ['provider', 'Provider'], ['billing_account', 'Billing account'], ['sub_account', 'Account'], ['service', 'Service'],
  ['service_category', 'Category'], ['region', 'Region'], ['resource_type', 'Type'],
] as const satisfies readonly (readonly [keyof EntityDetail, string])[];
