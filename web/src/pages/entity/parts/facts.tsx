/* What is known of a thing: to what it belongs, since when, and its tags, each a way on. */
import type { EntityDetail } from '~/api/types';
import { dayText } from '~/lib/dates';
import { countOf } from '~/lib/money';
import { ValueLink } from '../../value-link';
import { PARTS } from '../kinds';

export function Facts({ entity, today }: { entity: EntityDetail; today: string }) {
  const parts = PARTS.flatMap(([key, name]) => {
    const part = entity[key];
    return part ? [{ key, name, part }] : [];
  });
  const day = (text: string | null) => (text ? dayText(text, today) : '–');
  return (
    <dl className="facts">
      {parts.map(({ key, name, part }) => (
        <div key={key}>
          <dt>{name}</dt>
          <dd><ValueLink dimension={key} id={part.id} label={part.name} className="link" /></dd>
        </div>
      ))}
      <div><dt>First seen</dt><dd>{day(entity.first_seen)}</dd></div>
      <div><dt>Last seen</dt><dd>{day(entity.last_seen)}</dd></div>
      <div><dt>All time</dt><dd>{countOf(entity.charges, 'charge')}</dd></div>
      {entity.id === entity.name ? null : <div className="facts-id"><dt>Id</dt><dd className="mono">{entity.id}</dd></div>}
    </dl>
  );
}

/** A tag opens everything that has it. */
export function Tags({ tags }: { tags: Readonly<Record<string, string | null>> }) {
  const all = Object.entries(tags);
  if (!all.length) return null;
  return (
    <ul className="tag-list" aria-label="Tags, as last seen">
      {all.map(([key, value]) => (
        <li key={key} className="chip">
          <ValueLink dimension={`tag:${key}`} id={value} label={`${key} = ${value ?? '–'}`} className="chip-open">
            {key} <b className="ell">{value ?? '–'}</b>
          </ValueLink>
        </li>
      ))}
    </ul>
  );
}
