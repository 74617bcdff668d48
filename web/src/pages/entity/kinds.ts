/* What can be opened: by which dimension it is known, and by which ones its cost is told. */
import type { EntityDetail } from '~/api/types';

export interface Kind {
  name: string;
  by: readonly (readonly [string, string])[]; /* dimensions and what their values are called; the first is natural */
}

export const KINDS = {
  services: { name: 'service', by: [['sub_account', 'Accounts'], ['resource', 'Resources'], ['usage_type', 'Usage types'], ['charge_category', 'Charges']] },
  accounts: { name: 'account', by: [['service', 'Services'], ['resource', 'Resources'], ['region', 'Regions'], ['charge_category', 'Charges']] },
  resources: { name: 'resource', by: [['charge_category', 'Charges'], ['usage_type', 'Usage types']] },
} as const satisfies Record<string, Kind>;

export const DIMENSION = { services: 'service', accounts: 'sub_account', resources: 'resource' } as const;

/** What else it belongs to, with the dimension that says it; in the order in which one would say it. */
export const PARTS = [
  ['provider', 'Provider'], ['billing_account', 'Billing account'], ['sub_account', 'Account'], ['service', 'Service'],
  ['service_category', 'Category'], ['region', 'Region'], ['resource_type', 'Type'],
] as const satisfies readonly (readonly [keyof EntityDetail, string])[];
