import { Link } from '@tanstack/react-router';
import { instantText, periodText, shortDay } from '~/lib/dates';
import { parse, sub } from '~/lib/decimal';
import { count, signedCount } from '~/lib/money';
import { useKeptScope, useSourceName } from '~/shell/use-scope';
import { Change, Money } from '~/ui/money';
import { Section } from '~/ui/parts';
import type { Restatement } from '../balance';

/** A month that was delivered anew: what the ledger said, and what it says since. */
export function RestatementSection({ restatement: { old, now } }: { restatement: Restatement }) {
  const nameOf = useSourceName();
  const kept = useKeptScope();
  const money = (name: string, before: string | null, after: string | null) => {
    const change = before === null || after === null || old.currency !== now.currency ? null : sub(parse(after), parse(before));
    return (
      <tr key={name}>
        <td>{name}</td>
        <td className="r t2 hide-s"><Money value={before} currency={old.currency} /></td>
        <td className="r"><Money value={after} currency={now.currency} /></td>
        <td className="r"><Change value={change} currency={now.currency} /></td>
      </tr>
    );
  };
  const month = now.billing_period ? periodText(now.billing_period) : '';
  return (
    <Section
      title={`Restatement, ${nameOf(now.source)}, ${month}`}
      sub={`replaced in one step on ${now.loaded_at ? `${instantText(now.loaded_at)} UTC` : 'an unknown day'}, the old version kept`}
      tools={now.id ? <Link to="/sources/$id" params={{ id: now.id }} search={kept} className="btn btn-quiet">What changed</Link> : null}
    >
      <div className="scroller">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col" className="r hide-s">{old.loaded_at ? `Of ${shortDay(old.loaded_at.slice(0, 10))}` : 'Before'}</th>
              <th scope="col" className="r">{now.loaded_at ? `Of ${shortDay(now.loaded_at.slice(0, 10))}` : 'After'}</th>
              <th scope="col" className="r">Change</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>Rows stored</td>
              <td className="r t2 hide-s">{count(old.rows_stored)}</td>
              <td className="r">{count(now.rows_stored)}</td>
              <td className="r">{signedCount(now.rows_stored - old.rows_stored)}</td>
            </tr>
            {money(`Billed cost, ${now.currency ?? ''}`, old.billed_cost, now.billed_cost)}
            {money(`Effective cost, ${now.currency ?? ''}`, old.effective_cost, now.effective_cost)}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
