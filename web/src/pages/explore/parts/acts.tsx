/* The menu of a figure, and where its items lead. */
import { useNavigate } from '@tanstack/react-router';
import { lengthOf, rangeText } from '~/lib/dates';
import { pageOf } from '~/lib/entities';
import { only, plan, without, withFilter, type Filter, type Plan } from '~/lib/plan';
import type { ExploreSearch } from '~/lib/search';
import { dimensionName } from '~/lib/words';
import { useKeptScope } from '~/shell/use-scope';
import { useMay } from '~/shell/use-session';
import { nextDimension, type Question } from '../use-explore';
import { MarkMenu, type Target } from './mark-menu';
import type { NoteAsked } from './notes';

/** `own`: the filters that stand; `go`: to Explore with these parts of the search. */
export function Acts({ target, q, own, currency, go, onClose, onCharges, onNote }: {
  target: Target;
  q: Question;
  own: readonly Filter[];
  currency: string;
  go: (patch: { [K in keyof ExploreSearch]?: ExploreSearch[K] | undefined }) => void;
  onClose: () => void;
  onCharges: (open: { plan: Plan; name: string }) => void;
  onNote: (note: NoteAsked) => void;
}) {
  const mayNote = useMay('annotations.write');
  const navigate = useNavigate();
  const kept = useKeptScope();
  const next = nextDimension(target.dimension, target.filters);
  const page = pageOf(target.dimension, target.id);
  const inside = target.filters.filter((f: Filter) => f.field !== 'currency').reduce<Filter[]>((all, f) => (all.some((x) => JSON.stringify(x) === JSON.stringify(f)) ? all : withFilter(all, f)), []);
  const bucket = rangeText(target.time) !== rangeText(q.scope.time);
  const here = bucket ? { time: rangeText(target.time), ...(lengthOf(target.time) <= 3 && q.grain !== 'hour' ? { grain: 'day' as const } : {}) } : {};
  const then = (run: () => void) => () => {
    onClose();
    run();
  };
  return (
    <MarkMenu
      target={target}
      currency={currency}
      next={dimensionName(next, undefined)}
      page={page ? { name: page.name, open: then(() => void navigate({ to: page.to, params: page.params, search: kept })) } : null}
      onClose={onClose}
      acts={{
        only: then(() => go({ filters: withFilter(own, only(target.dimension, target.id)) })),
        leaveOut: then(() => go({ filters: withFilter(own, without(target.dimension, target.id)) })),
        breakDown: then(() => go({ ...here, filters: inside, by: next === 'service' ? undefined : [next], order: undefined })),
        note: bucket && mayNote ? then(() => onNote({ date: target.time.start, notes: [] })) : null,
        resources: then(() => go({ ...here, filters: inside, by: ['resource'], order: undefined })),
        charges: then(() => onCharges({ name: `${target.label}, ${target.when}`, plan: plan({ measures: [], time: target.time, filters: target.filters, rows: true }) })),
      }}
    />
  );
}
