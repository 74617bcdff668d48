/*
 * What a source is called on screen. Its name is either a person's word, or made of provider, account and dataset
 * ("aws-410937225016-larkfield-cur2"): then the provider says enough, and its rest only where there are several.
 */
import { middleCut } from './words';

const ROOM = 26;

/* As the ledger writes it into the name. */
const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9._]/g, '-');

function restOf(name: string, provider: string): string | null {
  const start = `${slug(provider)}-`;
  return provider && name.startsWith(start) ? name.slice(start.length) : null;
}

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
