/* A question that Explore cannot draw, as a saved one from elsewhere may be: said, and never made another one unasked. */
import { Link } from '@tanstack/react-router';
import type { Summary } from '~/api/types';
import type { Plan } from '~/lib/plan';
import { searchOf, unshown } from '~/lib/search';
import { FreshnessLine } from '~/shell/freshness';
import { CopyAs, Export } from './tools';

const SAID: Readonly<Record<string, string>> = {
  limit: 'a limit of rows', where: 'a condition that filters cannot say', having: 'tests on its rows', trend: 'a trend', part: 'a part of a change', as_of: 'an older version of the ledger',
  time_basis: 'time by billing period',
};

export function UnshownPage({ plan, summary }: { plan: Plan; summary: Summary }) {
  const more = unshown(plan) ?? '';
  return (
    <div className="page">
      <div className="head">
        <div>
          <h1>
            Explore cannot draw this question.
            <span>It has {SAID[more] ?? more.replaceAll('_', ' ')}: drawn here, it would be another one.</span>
          </h1>
          <FreshnessLine freshness={summary.freshness} />
        </div>
      </div>
      <div className="tools">
        <Link to="/explore" search={searchOf(plan)} className="btn">Open without it</Link>
        <span className="grow" />
        <CopyAs plan={plan} />
        <Export plan={plan} name="farthing-question.csv" />
      </div>
      <pre className="code" tabIndex={0} role="region" aria-label="The question">{JSON.stringify(plan, null, 2)}</pre>
    </div>
  );
}
