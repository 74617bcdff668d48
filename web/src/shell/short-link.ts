/* A short address of what Explore shows. */
import { makeLink } from '~/api/keep';
import { searchText } from '~/lib/kept-search';
import type { ExploreSearch } from '~/lib/search';

export const shortLink = async (search: ExploreSearch): Promise<string> => `${location.origin}/l/${await makeLink(searchText(search))}`;
