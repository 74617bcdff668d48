/* What the server said, as sentences. */
import { ApiError } from '~/api/client';
import type { Problem } from '~/api/types';

/* what already ends a sentence gets no second full stop */
const sentences = (...said: readonly (string | null | undefined)[]): string => said.filter(Boolean).join('. ').replace(/\.\./g, '.');

/** What happened, and why: for a toast, or over a form. */
export const problemText = (error: unknown): string => (error instanceof ApiError ? sentences(error.problem.title, error.problem.detail) : String(error));

/** Why, and what to do: below a title that stands already. */
export const problemSense = (p: Problem): string => sentences(p.detail, p.hint);
