/* What waits for somebody: the open cases of the most money. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { openCasesQuery } from '~/api/queries';
import { dayText, type Day } from '~/lib/dates';
import { parse } from '~/lib/decimal';
import { countOf } from '~/lib/money';
import { useKeptScope } from '~/shell/use-scope';
import { Icon } from '~/ui/icon';
import { Section } from '~/ui/parts';
import { Loaded } from '~/ui/states';
import { estimateText, scopeName, timesText } from '../../anomalies/words';

export const NEEDS_PX = 168; /* three cases */

export function Needs({ today }: { today: Day }) {
  const open = useQuery(openCasesQuery());
  const search = useKeptScope();
  const n = open.data?.counts.open;
  return (
    <Section title="Needs you" {...(n ? { sub: countOf(n, 'open case') } : {})} tools={<Link to="/anomalies" search={search} className="btn btn-quiet">Anomalies</Link>}>
      <Loaded query={open} height={NEEDS_PX}>
        {({ data }) =>
          data.length ? (
            <ul className="list needs">
              {data.map((c) => (
                <li key={c.id}>
                  <Icon name="pulse" />
                  <Link to="/anomalies/$id" params={{ id: c.id }} search={search} className="ell b" title={c.title}>{scopeName(c.scope)}</Link>
                  <span className={c.direction === 'up' ? 'n bad' : 'n'}>{estimateText(parse(c.impact_per_day), c.currency, true)} a day</span>
                  <span className="d ell">{timesText(c)}, from {dayText(c.start, today)}</span>
                  <span className="e ell">{c.owner ?? 'no owner'}</span>
                </li>
              ))}
            </ul>
          ) : (
            <p className="t2">Nothing unusual is open.</p>
          )
        }
      </Loaded>
    </Section>
  );
}
