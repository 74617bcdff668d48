/* What is known of a thing: to what it belongs, since when, and its tags, each a way on. */
import { Link } from '@tanstack/react-router';
import type { EntityDetail } from '~/api/types';
import { pageOf } from '~/lib/entities';
import { dayText } from '~/lib/dates';
import { countOf } from '~/lib/money';
import { only, withFilter } from '~/lib/plan';
import { useKeptScope } from '~/shell/use-scope';
import { PARTS } from '../kinds';

function Part({ dimension, part }: { dimension: string; part: { id: string; name: string } }) {
  const kept = useKeptScope();
  const page = pageOf(dimension, part.id);
  const title = part.id === part.name ? part.name : `${part.name}, ${part.id}`;
  return page ? (
    <Link to={page.to} params={page.params} search={kept} className="link" title={title}>{part.name}</Link>
  ) : (
    <Link to="/explore" search={{ ...kept, filters: withFilter(kept.filters ?? [], only(dimension, part.id)) }} className="link" title={title}>{part.name}</Link>
  );
}

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
          <dd><Part dimension={key} part={part} /></dd>
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
  const kept = useKeptScope();
  const all = Object.entries(tags);
  if (!all.length) return null;
  return (
    <ul className="tag-list" aria-label="Tags, as last seen">
      {all.map(([key, value]) => (
        <li key={key} className="chip">
          <Link to="/explore" search={{ ...kept, filters: withFilter(kept.filters ?? [], only(`tag:${key}`, value)) }} className="chip-open" title={`Everything with ${key} = ${value ?? ''}`}>
            {key} <b className="ell">{value ?? '–'}</b>
          </Link>
        </li>
      ))}
    </ul>
  );
}
