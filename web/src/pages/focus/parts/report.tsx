/* The rules that are broken, those that could not be checked, and the files. */
import { useState } from 'react';
import type { FocusFinding, FocusReport } from '~/api/types';
import { count, countOf } from '~/lib/money';
import { Drawer } from '~/ui/dialog';
import { Icon } from '~/ui/icon';
import { Section, Segmented } from '~/ui/parts';
import { Empty } from '~/ui/states';

const tagOf = (f: FocusFinding) => (f.violation ? 'tag tag-bad' : 'tag tag-warn');

type Shown = 'all' | 'binding' | 'advice';

export function Findings({ findings }: { findings: readonly FocusFinding[] }) {
  const [shown, setShown] = useState<Shown>('all');
  const [open, setOpen] = useState<FocusFinding | null>(null);
  const binding = findings.filter((f) => f.violation);
  const rows = findings.filter((f) => shown === 'all' || f.violation === (shown === 'binding'));
  if (!findings.length)
    return (
      <Section title="Broken rules">
        <Empty icon="check" title="None">Every rule that could be checked holds, the recommendations too.</Empty>
      </Section>
    );
  return (
    <Section
      title="Broken rules"
      sub="a row opens places, values and what to do"
      tools={
        <Segmented
          label="Which rules"
          value={shown}
          options={[['all', 'All'], ['binding', `Binding ${count(binding.length)}`], ['advice', `Advice ${count(findings.length - binding.length)}`]]}
          onChange={setShown}
        />
      }
    >
      {rows.length ? (
        <table className="table focus-table">
          <thead>
            <tr>
              <th>Rule</th>
              <th className="hide-s">Level</th>
              <th className="r">Times</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((f) => (
              <tr key={f.rule}>
                <td>
                  <button type="button" className="row-link" onClick={() => setOpen(f)}>{f.text}</button>
                  <span className="mono t3">{f.rule}</span>
                </td>
                <td className="hide-s"><span className={tagOf(f)}>{f.level}</span></td>
                <td className="r n">{count(f.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p className="s t2 pt-2">None of these.</p>
      )}
      {open ? <Finding f={open} onClose={() => setOpen(null)} /> : null}
    </Section>
  );
}

const placeOf = (s: FocusFinding['samples'][number]) => (s.line ? `line ${count(s.line)}` : s.record ? `record ${count(s.record)}` : 'the file as a whole');

function Finding({ f, onClose }: { f: FocusFinding; onClose: () => void }) {
  return (
    <Drawer title={f.rule} onClose={onClose} tools={<span className={tagOf(f)}>{f.level}</span>}>
      <p className="b">{f.text}</p>
      <dl className="kv mt-3">
        <dt>Broken</dt>
        <dd className="n">{f.count === 1 ? 'once' : `${count(f.count)} times`}</dd>
        {f.column && f.column !== '*' ? (
          <>
            <dt>Column</dt>
            <dd className="mono">{f.column}</dd>
          </>
        ) : null}
        {f.where ? (
          <>
            <dt>Where</dt>
            <dd className="mono">{f.where}</dd>
          </>
        ) : null}
        <dt>What to do</dt>
        <dd>{f.fix}</dd>
        {f.joins ? (
          <>
            <dt>Joins</dt>
            <dd className="mono">{f.joins}</dd>
          </>
        ) : null}
      </dl>
      <h3 className="mt-5 b">{f.samples.length < f.count ? `The first ${count(f.samples.length)} that differ` : 'Places'}</h3>
      <ul className="checks mt-2">
        {f.samples.map((s, i) => (
          <li key={i}>
            <Icon name="file" className="t3" />
            <div>
              {placeOf(s)}<small>{s.file}</small>
              <small className="mono">{s.values}</small>
            </div>
          </li>
        ))}
      </ul>
    </Drawer>
  );
}

export function NotChecked({ outcomes }: { outcomes: FocusReport['outcomes'] }) {
  const [all, setAll] = useState(false);
  const aside = outcomes.filter((o) => o.result === 'not checked');
  if (!aside.length) return null;
  return (
    <Section
      title="Could not be checked"
      sub={`${countOf(aside.length, 'rule')}, neither held nor broken`}
      tools={<button type="button" className="btn btn-quiet" aria-expanded={all} onClick={() => setAll(!all)}>{all ? 'Hide' : 'Show'}</button>}
    >
      {all ? (
        <ul className="checks">
          {aside.map((o) => (
            <li key={o.rule}>
              <Icon name="minus" className="t3" />
              <div><span className="mono">{o.rule}</span><small>{o.why}</small></div>
            </li>
          ))}
        </ul>
      ) : null}
    </Section>
  );
}

export function Files({ files }: { files: FocusReport['files'] }) {
  return (
    <Section title="Files">
      <ul className="checks">
        {files.map((f) => (
          <li key={f.path}>
            <Icon name="file" className={f.dataset ? 't3' : 'warn'} />
            <div>
              <span className="break-all">{f.path}</span>
              <small className="n">
                {f.dataset ? `${f.dataset}, FOCUS ${f.version} (${f.version_from}), ${countOf(f.rows, 'row')}, ${countOf(f.columns, 'column')}` : 'no file of FOCUS'}
              </small>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
