/* What stands over a page on paper: of what it is, when it was made, and from which version of the ledger. */
import { useQuery } from '@tanstack/react-query';
import { dimensionsQuery } from '~/api/queries';
import { rangeWords } from '~/lib/dates';
import { count } from '~/lib/money';
import { dimensionName, filterValues, METRIC_NAMES, opName } from '~/lib/words';
import { useScope } from './use-scope';

/** `saved`: each part of the page has its own time and filters. */
export function PrintHead({ name, saved }: { name: string; saved: boolean }) {
  const ready = useScope();
  const { data: dimensions } = useQuery(dimensionsQuery());
  if (!ready) return null;
  const { scope, anchor, summary } = ready;
  const filters = scope.filters.map((f) => `${dimensionName(f.field, dimensions)} ${opName(f.op)} ${filterValues(f)}`);
  return (
    <div className="print-head" aria-hidden="true">
      <p><b>Farthing</b> · {name}</p>
      {saved ? <p>Each tile in its own time and filters</p> : (
        <p>
          {METRIC_NAMES[scope.metric]}, {rangeWords(scope.time, anchor.today)}
          {scope.compare ? ` against ${rangeWords(scope.compare, anchor.today)}` : ''}
          {scope.currency ? `, ${scope.currency}` : ''}
          {filters.length ? `. Only: ${filters.join('; ')}` : ''}
        </p>
      )}
      <p>Ledger version {count(summary.ledger_version)}. Made on {new Date().toISOString().slice(0, 10)}.</p>
    </div>
  );
}
