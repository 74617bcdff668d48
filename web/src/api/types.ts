/*
 * The shapes of the API, from the generated schema (npm run api). Where the document says only "object", as for
 * rows and reports, the fields that pages read are named here.
 */
import type { Plan } from '~/lib/plan';
import type { components } from './schema';

type Schemas = components['schemas'];

/** As the server sends it; without a status there was no answer at all. */
export type Problem = Pick<Schemas['Problem'], 'type' | 'title' | 'status'> & Partial<Schemas['Problem']>;

export type Column = Schemas['Answer']['columns'][number];
export type Cell = string | number | boolean | null | Record<string, unknown>;
export type Row = Record<string, Cell>;
export type Freshness = Schemas['Freshness'];
export type Result = Omit<Schemas['Answer'], 'plan' | 'rows' | 'totals'> & { plan: Plan; rows: Row[]; totals: Row[] };

export type MonthSummary = Schemas['CurrencySummary'];
export type Summary = Schemas['Summary'];
export type Explain = Schemas['Explanation'];
export type ForecastAnswer = Schemas['ForecastAnswer'];
export type ForecastHorizon = Schemas['ForecastHorizon'];
export type Entity = Schemas['Entity'];
export type EntityDetail = Schemas['EntityDetail'];
export type DimensionInfo = Schemas['Dimension'];
export type DimensionValue = Schemas['DimensionValue'];
export type Source = Schemas['Source'];
export type Upload = Schemas['Upload'];
export type MappingPreview = Schemas['MappingPreview'];

export interface LoadError {
  file?: string;
  line?: number;
  column?: number | string;
  value?: string;
  rule?: string;
  message?: string;
}

export type Check = Schemas['Check'];

export interface NativeTotal {
  column: string;
  amount: string | null;
  measure?: 'billed_cost' | 'effective_cost'; /* which cost of the ledger it is compared with */
}

export interface CurrencyAmounts {
  currency: string | null;
  billed_cost: string | null;
  effective_cost: string | null;
  native_total: NativeTotal | null;
  difference: string | null;
}

export type Delivery = Omit<
  Required<Schemas['Delivery']>,
  'id' | 'rows_dropped' | 'rows_added' | 'native_total' | 'by_currency' | 'checks' | 'warnings' | 'errors' | 'seconds' | 'phases'
> & {
  id: string | null; /* null: a dry run */
  rows_dropped: { rule: string; rows: number; billed_cost: string | null }[];
  rows_added: { rule: string; rows: number }[];
  native_total: NativeTotal | null;
  by_currency?: CurrencyAmounts[]; /* where there are several; then those of the report itself are null */
  checks: Check[];
  warnings: string[];
  errors: LoadError[];
  seconds: number | null;
  set_aside?: LoadError[]; /* the first of the bad rows that were tolerated */
};

export type Job = Omit<Schemas['Job'], 'result'> & { result: { deliveries: Partial<Delivery>[] } | null };
export type FocusReport = Schemas['FocusReport'];
export type FocusFinding = Schemas['FocusFinding'];
export type FocusJob = Omit<Schemas['Job'], 'result'> & { result: FocusReport | null };
export type DeliveryDiff = Schemas['DeliveryDiff'];
export type DiffRow = Schemas['DiffRow'];
export type Reconciliation = Schemas['Reconciliation'];
export type Bill = Reconciliation['data'][number];
export type InvoiceReconciliation = Schemas['InvoiceReconciliation'];
export type Invoice = InvoiceReconciliation['data'][number];
export type InvoiceStatus = Schemas['InvoiceStatus'];
export type RatePair = Schemas['RatePair'];
export type RateUsed = Schemas['RateUsed'];
export type RatesImport = Schemas['RatesImport'];
export type Organisation = Schemas['Organisation'];
export type Origin = Schemas['ChargeOrigin'];
export type Annotation = Schemas['Annotation'];
export type View = Omit<Schemas['View'], 'plan'> & { plan: Plan };
/** Of a view, or of a plan that is its own. */
export interface Tile {
  view?: string;
  plan?: Plan;
  search?: string;
  title: string;
  form: 'number' | 'line' | 'bars' | 'table' | 'drivers';
  width: number;
  height: number;
}
export type Dashboard = Omit<Schemas['Dashboard'], 'tiles'> & { tiles: Tile[] };

export interface Page<T> {
  data: T[];
  next_cursor?: string | null;
}

const NO_REPORT: Delivery = {
  id: null, source: '', provider: '', format: '', billing_period: '', status: 'loaded', loaded_at: null, version: null, supersedes: null,
  files: [], rows_read: 0, rows_stored: 0, rows_dropped: [], rows_added: [], currency: null, billed_cost: null, effective_cost: null,
  native_total: null, difference: null, checks: [], warnings: [], errors: [], seconds: null,
};

/** A report with every field; what it does not say is unknown or nothing, never a figure. */
export const reportOf = (raw: Partial<Delivery>): Delivery => ({ ...NO_REPORT, ...raw });

/* ---- anomalies ---- */

export type Anomaly = Schemas['Anomaly'];
export type AnomalyDetail = Omit<Schemas['AnomalyDetail'], 'history'> & { history: AnomalyEvent[] };
export type AnomalyScope = Schemas['AnomalyScope'];
export type AnomalyState = Schemas['AnomalyState'];
export type AnomalySeverity = Schemas['AnomalySeverity'];
export type AnomalyPage = Schemas['AnomalyPage'];
export type AnomalyPatch = Schemas['AnomalyPatch'];
export type AnomalyEvent = Omit<Schemas['AnomalyEvent'], 'detail'> & { detail: Record<string, unknown> };
export type AnomalyRun = Schemas['AnomalyRun'];
export type AnomalyKind = NonNullable<Schemas['AnomalyKindOrNull']>;
export type AnomalyPreview = Schemas['AnomalyPreview'];
export type AnomalyPreviewRequest = Schemas['AnomalyPreviewRequest'];
export type AnomalyFinding = Schemas['AnomalyFinding'];
export type AnomalyContributions = Schemas['AnomalyContributions'];
export type DetectJob = Omit<Schemas['Job'], 'result'> & { result: AnomalyRun | null };

/* ---- people ---- */

export type Session = Schemas['Session'];
export type OpenSession = Schemas['OpenSession'];
export type OneTimeInfo = Schemas['OneTimeInfo'];
export type OneTime = Schemas['OneTime'];
export type User = Schemas['User'];
export type UserCreated = Schemas['UserCreated'];
export type Role = Schemas['Role'];
export type Token = Schemas['Token'];
export type TokenCreated = Schemas['TokenCreated'];
export type TotpSecret = Schemas['TotpSecret'];
export type AuditRow = Schemas['AuditRow'];
export type AuditVerification = Schemas['AuditVerification'];

export interface Permission {
  name: string;
  text: string;
}

export interface Roles {
  data: Role[];
  permissions: Permission[];
}
