/* A chart with its sentence for those who do not see it, and the same figures as a table on demand. */
import { useState, type ReactNode } from 'react';
import { Money } from '~/ui/money';
import { Icon } from '~/ui/icon';
import type { Series } from './stack';

export function Figure({ sentence, table, children }: { sentence: string; table: ReactNode; children: ReactNode }) {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className={asTable ? 'figure' : 'figure figure-chart'}>
      <figcaption className="sr">{sentence}</figcaption>
      {asTable ? <div className="scroller-y" tabIndex={0} role="region" aria-label="Figures of the chart">{table}</div> : children}
      <div className="figure-turn">
        <button type="button" className="btn btn-quiet btn-mini" data-key="t" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          <Icon name={asTable ? 'overview' : 'table'} />
          {asTable ? 'View as chart' : 'View as table'}
        </button>
      </div>
    </figure>
  );
}

export function SeriesTable({ buckets, name, series, currency }: {
  buckets: readonly string[];
  name: (bucket: string) => string;
  series: readonly Series[];
  currency: string;
}) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Time</th>
          {series.map((s) => (
            <th key={s.key} scope="col" className="r">{s.label}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {buckets.map((b, i) => (
          <tr key={b}>
            <td>{name(b)}</td>
            {series.map((s) => (
              <td key={s.key} className="r">
                <Money value={s.values[i] ?? null} currency={currency} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
