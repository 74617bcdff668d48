/*
 * What a source is called on screen. Its name is either a person's word, or made of provider, account and dataset
 * ("aws-410937225016-larkfield-cur2"): then the provider says enough, and its rest only where there are several.
 */
import { formatName, middleCut } from './words';

const ROOM = 26;

/* As the ledger writes it into the name. */
const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9._]/g, '-');

function restOf(name: string, provider: string): string | null {
  const start = `${slug(provider)}-`;
  return provider && name.startsWith(start) ? name.slice(start.length) : null;
}

/** One that is in no list keeps its name, cut where it is long. */
export function sourceNamer(of: readonly { source: string; provider: string }[]): (source: string) => string {
  const names = sourceNames(of);
  return (source) => names.get(source) ?? middleCut(source, ROOM);
}

/** The form of its bills, as people call it; nothing where that is not known. */
export const formOf = (source: string, known: readonly { id: string; name: string; format: string }[] | undefined): string =>
  formatName(known?.find((s) => s.id === source || s.name === source)?.format);

export function sourceNames(of: readonly { source: string; provider: string }[]): Map<string, string> {
  const providers = new Map(of.map((s) => [s.source, s.provider]));
  const made = [...providers].filter(([name, provider]) => restOf(name, provider) !== null).map(([, provider]) => provider);
  return new Map(
    [...providers].map(([name, provider]) => {
      const rest = restOf(name, provider);
      if (rest === null) return [name, middleCut(name, ROOM)];
      const alone = made.filter((p) => p === provider).length === 1;
      return [name, alone ? provider : `${provider}, ${middleCut(rest, ROOM - provider.length)}`];
    }),
  );
}
