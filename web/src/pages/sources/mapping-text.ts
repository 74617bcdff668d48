/* The text of a mapping, as far as a person is led through it. */

interface Doubt {
  line: number; /* 1-based */
  key: string;
  why: string;
}

const MARK = /\bCHOOSE\b/;

/** The lines that a person has to settle: what they are about, and what the proposal says of it. */
export function doubtsOf(mapping: string): Doubt[] {
  return mapping.split('\n').flatMap((text, i) => {
    if (!MARK.test(text) || text.trimStart().startsWith('#')) return [];
    const key = /^[\s-]*"?([^":#]+)"?\s*:/.exec(text)?.[1]?.trim() ?? 'here';
    const why = /#\s*(?:CHOOSE:?\s*)?(.*)$/.exec(text)?.[1]?.trim() ?? '';
    return [{ line: i + 1, key, why: why.charAt(0).toUpperCase() + why.slice(1) }];
  });
}

/** Where a line begins and ends in the text. */
export function lineOf(mapping: string, line: number): { start: number; end: number } {
  const lines = mapping.split('\n');
  const start = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
  return { start, end: start + (lines[line - 1]?.length ?? 0) };
}
