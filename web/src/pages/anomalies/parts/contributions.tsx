/* What a case is made of, by each dimension; every list adds up to the change. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { dimensionsQuery } from '~/api/queries';
import type { Anomaly, AnomalyContributions } from '~/api/types';
import { rangeText, rangeWords, type Day } from '~/lib/dates';
import { parse } from '~/lib/decimal';
import { countOf, moneyText } from '~/lib/money';
import { only, withFilter } from '~/lib/plan';
import type { ExploreSearch } from '~/lib/search';
import { dimensionName, middleCut, valueName } from '~/lib/words';
import { useKeptScope, useScope } from '~/shell/use-scope';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { barShare, isNew, scopeFilters, splits } from '../words';

type Dimension = AnomalyContributions['dimensions'][number];

/* What to look at next behind a value. */
const NEXT: Readonly<Record<string, string>> = { sub_account: 'service', service: 'usage_type', region: 'service', usage_type: 'resource', resource: 'usage_type', charge_category: 'service' };

/** The charges of the case in Explore, against as many days before; those of one currency, as billed. */
export function useExplore(c: Anomaly, made: AnomalyContributions): (dimension?: string, value?: string | null) => ExploreSearch {
  const { metric: _, currency: __, in: ___, filters: ____, ...kept } = useKeptScope();
  const anchor = useScope()?.anchor;
  const several = anchor !== undefined && (anchor.currencies.length > 1 || Boolean(anchor.reporting));
  return (dimension, value) => {
    const own = scopeFilters(c.scope);
    const filters = dimension === undefined ? own : withFilter(own, only(dimension, value ?? null));
    return {
      ...kept,
      time: rangeText({ start: made.start, end: made.end }),
      compare: rangeText({ start: made.before_start, end: made.before_end }),
      ...(several ? { currency: c.currency } : {}),
      ...(filters.length ? { filters } : {}),
      by: [dimension === undefined ? (made.dimensions[0]?.dimension ?? 'service') : (NEXT[dimension] ?? 'service')],
    };
  };
}

function Bar({ share }: { share: number }) {
  const width = share === 0 ? 0 : Math.max(1, Math.abs(share) * 84);
  return (
    <svg width="84" height="8" aria-hidden="true">
      <rect width={width} height="8" rx="1" fill={share < 0 ? 'var(--down)' : 'var(--up)'} />
    </svg>
  );
}

function List({ d, name, currency, to }: { d: Dimension; name: string; currency: string; to: ReturnType<typeof useExplore> }) {
  const all = [...d.values, ...(d.rest ? [d.rest] : [])];
  return (
    <section aria-label={name}>
      <h3>{name}</h3>
      <ul>
        {d.values.map((v) => {
          const label = valueName(v.label ?? v.value, name);
          return (
            <li key={v.value ?? '\u0000'} className="cb">
              <Link to="/explore" search={to(d.dimension, v.value)} className="ell" title={v.value ?? label}>
                {d.dimension === 'resource' ? middleCut(label, 34) : label}
                {isNew(v) ? <span className="tag ml-2">new</span> : null}
              </Link>
              <Bar share={barShare(v.change, all)} />
              <Money value={v.change} currency={currency} sign />
            </li>
          );
        })}
        {d.rest ? (
          <li className="cb t2">
            <span className="ell">{countOf(d.rest.value_count, 'other')}</span>
            <Bar share={barShare(d.rest.change, all)} />
            <Money value={d.rest.change} currency={currency} sign />
          </li>
        ) : null}
      </ul>
    </section>
  );
}

export function Contributions({ c, made, today }: { c: Anomaly; made: AnomalyContributions; today: Day }) {
  const dimensions = useQuery(dimensionsQuery()).data;
  const to = useExplore(c, made);
  const change = moneyText(parse(made.change), c.currency, { symbol: true, sign: true });
  const told = made.dimensions.filter((d, i) => i === 0 || splits(d));
  const same = made.dimensions.filter((d, i) => i > 0 && !splits(d) && d.values.length);
  const before = rangeWords({ start: made.before_start, end: made.before_end }, today);
  return (
    <section aria-label="Where it comes from">
      <div className="sec mt-5">
        <h2>Where it comes from</h2>
        <p className="hide-m">{change} against the mean of {before}; each list adds up to it</p>
        <span className="grow" />
        <Link to="/explore" search={to()} className="btn btn-quiet"><Icon name="explore" />Explore</Link>
      </div>
      {made.dimensions.length ? (
        <div className="cbs">
          {told.map((d) => <List key={d.dimension} d={d} name={dimensionName(d.dimension, dimensions)} currency={c.currency} to={to} />)}
        </div>
      ) : (
        <p className="t2">The ledger has no charges of these days any more.</p>
      )}
      {same.length ? <p className="foot-note">The same in all of it: {same.map((d) => `${dimensionName(d.dimension, dimensions)} ${d.values[0]!.label ?? d.values[0]!.value ?? 'none'}`).join(', ')}.</p> : null}
    </section>
  );
}

/** What had no cost in the days before. */
export function SeenFirst({ c, made }: { c: Anomaly; made: AnomalyContributions }) {
  const to = useExplore(c, made);
  const of = made.dimensions.find((d) => d.dimension === 'resource') ?? made.dimensions.find((d) => d.values.some(isNew));
  const seen = of?.values.filter(isNew) ?? [];
  return (
    <section aria-label="Seen first in these days">
      <h3>Seen first in these days</h3>
      {of && seen.length ? (
        <ul>
          {seen.map((v) => (
            <li key={v.value ?? '\u0000'} className="pair">
              <Link to="/explore" search={to(of.dimension, v.value)} className="ell mono" title={v.value ?? undefined}>{middleCut(v.label ?? v.value ?? '–', 40)}</Link>
              <Money value={v.actual} currency={c.currency} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="t2 s">Nothing: what costs more was there before.</p>
      )}
    </section>
  );
}
