/* The shapes of the API (docs/ref/openapi.json). Written by hand until the client is generated from it. */
import type { Plan } from '~/lib/plan';

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  hint?: string;
  request_id?: string;
  errors?: { pointer?: string; code?: string; detail?: string }[];
}

export interface Column {
  name: string;
  kind: string;
  unit?: string | null;
}

export type Cell = string | number | boolean | null | Record<string, unknown>;
export type Row = Record<string, Cell>;

export interface Freshness {
  source: string;
  billing_period: string;
  loaded_at: string | null;
  charges_until: string | null;
  final: boolean | null;
}

export interface Result {
  plan: Plan;
  currency: string | null;
  columns: Column[];
  rows: Row[];
  totals: Row[];
  row_count: number;
  truncated: boolean;
  next_cursor: string | null;
  freshness: Freshness[];
  ledger_version: number;
  warnings: (string | { message?: string; detail?: string })[];
}

export interface MonthSummary {
  currency: string;
  month: { start: string; end: string; until: string | null } | null;
  month_to_date: string | null;
  previous: { start: string; until: string; amount: string | null; whole_month: string | null } | null;
  change: string | null;
  change_pct: string | null;
  year_to_date: string | null;
}

export interface Summary extends Omit<MonthSummary, 'currency'> {
  today: string;
  currency: string | null;
  currencies: string[];
  by_currency: MonthSummary[];
  freshness: Freshness[];
  ledger_version: number;
}

export interface Explain {
  sql: string;
  parameters: unknown[];
  segments: string[];
  served_by: string;
  estimated_rows: number | null;
}

export interface DimensionInfo {
  id: string;
  label: string;
  description?: string;
  kind: 'dimension' | 'tag';
}

export interface DimensionValue {
  id: string | null;
  label: string | null;
  aliases?: string[];
  cost: string | null;
  currency: string | null;
}

export interface Source {
  id: string;
  name: string;
  provider: string | null;
  billing_account: string | null;
  dataset: string | null;
  format: string | null;
  created_at: string;
  deliveries: number;
  rows: number;
  billing_periods: string[];
  charges_until: string | null;
  last_loaded_at: string | null;
  billed: { currency: string; amount: string }[];
  final: boolean | null;
}

export interface Delivery {
  id: string | null;
  source: string;
  provider: string | null;
  format: string | null;
  billing_period: string | null;
  status: 'loaded' | 'unchanged' | 'superseded' | 'refused';
  files?: { path: string; bytes: number; sha256: string; rows: number }[];
  rows_read: number;
  rows_stored: number;
  rows_dropped: { rule: string; rows: number; billed_cost: string | null }[];
  rows_added: { rule: string; rows: number }[];
  currency: string | null;
  billed_cost: string | null;
  effective_cost: string | null;
  native_total: { column: string; amount: string } | null;
  difference: string | null;
  checks: { id: string; ok: boolean; detail: string }[];
  supersedes: string | null;
  warnings: string[];
  errors?: { file?: string; line?: number; column?: number | string; value?: string; rule?: string; message?: string }[];
  seconds: number | null;
  loaded_at?: string | null;
  version?: number;
}

export interface Upload {
  id: string;
  name: string;
  bytes: number;
  sha256: string;
}

export interface Job {
  id: string;
  kind: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  phase: string | null;
  progress: number | null;
  rows_done: number | null;
  rows_total: number | null;
  bytes_done: number | null;
  bytes_total: number | null;
  rate_rows_s: number | null;
  eta_s: number | null;
  result: { deliveries: Delivery[] } | null;
  error: Problem | null;
}

export interface View {
  id: string;
  name: string;
  plan: Plan;
}

export interface Page<T> {
  data: T[];
  next_cursor?: string | null;
}
