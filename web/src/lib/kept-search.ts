/* The address of a question as text: what is kept of it, and read again. */
import { defaultParseSearch, defaultStringifySearch } from '@tanstack/react-router';
import type { Plan } from './plan';
import { DEFAULT_TIME, readExplore, searchOfPlan, type ExploreSearch } from './search';

/** What Explore has behind its "?". */
export const searchText = (search: ExploreSearch): string => defaultStringifySearch(search as Record<string, unknown>).replace(/^\?/, '');

export const readSearchText = (text: string): ExploreSearch => readExplore(defaultParseSearch(`?${text}`));

/** The same for what is kept: never empty, since an empty one is none. */
export const keptText = (search: ExploreSearch): string => searchText({ ...search, time: search.time ?? DEFAULT_TIME });

/** A saved question as Explore asks it: relative words stay words where they were kept. */
export const searchOfKept = (kept: { plan: Plan; search?: string | undefined }): ExploreSearch =>
  kept.search ? readSearchText(kept.search) : searchOfPlan(kept.plan);
