/* A chart with its sentence for those who do not see it, and the same figures as a table on demand. */
import { useRef, useState, type ReactNode } from 'react';
import { Money } from '~/ui/money';
import { Icon } from '~/ui/icon';
import { Act, Menu } from '~/ui/menu';
import { problemText } from '~/ui/problem';
import { useToast } from '~/ui/toast';
import type { Caption } from './picture';
import type { Series } from './stack';

/** `caption`: what a picture of it says; without, there is none to be had. */
export function Figure({ sentence, table, caption, children }: { sentence: string; table: ReactNode; caption?: () => Caption; children: ReactNode }) {
  const [asTable, setAsTable] = useState(false);
  const ref = useRef<HTMLElement>(null);
  return (
    <figure ref={ref} className={asTable ? 'figure' : 'figure figure-chart'}>
      <figcaption className="sr">{sentence}</figcaption>
      {asTable ? <div className="scroller-y" tabIndex={0} role="region" aria-label="Figures of the chart">{table}</div> : children}
      <div className="figure-turn">
        {caption && !asTable ? <Picture of={() => ref.current} caption={caption} /> : null}
        <button type="button" className="btn btn-quiet btn-mini" data-key="t" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          <Icon name={asTable ? 'overview' : 'table'} />
          {asTable ? 'View as chart' : 'View as table'}
        </button>
      </div>
    </figure>
  );
}

function Picture({ of, caption }: { of: () => Element | null; caption: () => Caption }) {
  const say = useToast();
  const save = (form: 'svg' | 'png') =>
    import('./picture')
      .then(({ savePicture }) => savePicture(of()!, caption(), form))
      .catch((error: unknown) => say(problemText(error), { bad: true }));
  return (
    <Menu label="Save as picture" align="end" trigger={<button type="button" className="btn btn-quiet btn-mini" aria-label="Save as picture" title="Save as picture"><Icon name="download" /></button>}>
      <Act icon="file" onSelect={() => void save('png')}>Picture (PNG)</Act>
      <Act icon="file" onSelect={() => void save('svg')}>Drawing (SVG)</Act>
    </Menu>
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
