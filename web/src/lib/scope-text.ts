/*
 * A scope as filters: the text that filtersText() writes, read back. A condition that people can write and filters
 * cannot say is null here, and is shown and edited as text.
 */
import type { Filter } from './plan';

const NAME = String.raw`(?:(?:tag|label)\.(?:[A-Za-z_][A-Za-z0-9_]*|"(?:[^"\\]|\\.)*")|[A-Za-z_][A-Za-z0-9_]*)`;
const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const TERM = new RegExp(
  String.raw`^\s*(?:(not)\s+)?(${NAME})\s+(?:(=|contains)\s+(${TEXT})|in\s+\((\s*${TEXT}(?:\s*,\s*${TEXT})*\s*)\)|is\s+(missing|present))\s*`,
);

const unquoted = (text: string): string => text.slice(1, -1).replaceAll(/\\(.)/g, '$1');

function fieldOf(name: string): string {
  const m = /^(tag|label)\.(.*)$/s.exec(name);
  return m ? `${m[1]}:${m[2]!.startsWith('"') ? unquoted(m[2]!) : m[2]}` : name;
}

function termOf(m: RegExpExecArray): Filter | null {
  const [, not, name, op, value, list, is] = m;
  const field = fieldOf(name!);
  const values = list ? [...list.matchAll(new RegExp(TEXT, 'g'))].map((t) => unquoted(t[0])) : value ? [unquoted(value)] : [];
  if (not) return list ? { field, op: 'not_in', values } : null;
  if (is) return { field, op: is as 'missing' | 'present', values: [] };
  return { field, op: op === 'contains' ? 'contains' : 'in', values };
}

export function filtersOf(text: string): Filter[] | null {
  const out: Filter[] = [];
  for (let rest = text; ; ) {
    const m = TERM.exec(rest);
    const filter = m && termOf(m);
    if (!m || !filter) return null;
    out.push(filter);
    rest = rest.slice(m[0].length);
    if (!rest) return out;
    if (!/^and\s/.test(rest)) return null;
    rest = rest.slice(3);
  }
}
