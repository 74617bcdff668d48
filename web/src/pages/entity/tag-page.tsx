/* A tag key: how much of the cost carries it, what its values cost, and who lacks it most. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { allRowsQuery, costsQuery, dimensionsQuery } from '~/api/queries';
import type { Result, Summary } from '~/api/types';
import { bucketText, rangeWords, type Grain } from '~/lib/dates';
import { parse, sub } from '~/lib/decimal';
import { questionAt } from '~/lib/entities';
import { moneyText, sharePercent } from '~/lib/money';
import { only, plan } from '~/lib/plan';
import { grainOf, type Anchor, type ExploreSearch, type Scope } from '~/lib/search';
import { FreshnessLine } from '~/shell/freshness';
import { useKeptScope, useScope, useScopeSearch, useSummary } from '~/shell/use-scope';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { Section } from '~/ui/parts';
import { Empty, HeadlineToCome, Loaded, PageFailed } from '~/ui/states';
import { Ranking } from '../ranking';
import { RatesLine } from '../rates-line';
import { StartPage } from '../start';
import { LoadingPage } from './page';
import { Costs } from './parts/costs';
import { useCosts, useTop } from './use-entity';

export function TagPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const summary = useSummary();
  const ready = useScope();
  const search = useScopeSearch();
  if (summary.error && !summary.data) return <PageFailed error={summary.error} onRetry={() => void summary.refetch()} />;
  if (!ready) return <LoadingPage />;
  if (ready.summary.ledger_version === 0) return <StartPage />;
  return <Page key={id} tag={id} search={search} {...ready} />;
}

/** Untagged cost is effective cost, whatever the scope's metric. */
const coveragePlan = (tag: string, scope: Scope, grain: Grain) =>
  plan({ measures: ['untagged_cost', 'untagged_share', 'effective_cost'], time: scope.time, filters: scope.filters, currency: scope.convert, tag_key: tag, grain });

function Page({ tag, search, scope, anchor, summary }: { tag: string; search: ExploreSearch; scope: Scope; anchor: Anchor; summary: Summary }) {
  const dimension = `tag:${tag}`;
  const known = useQuery(dimensionsQuery());
  const kept = useKeptScope();
  const question = questionAt('/tags/', tag, search)!;
  const whole = useQuery(costsQuery(coveragePlan(tag, scope, 'none')));
  const costs = useCosts(search, dimension, scope, anchor, summary);
  const currency = scope.currency ?? whole.data?.currency ?? 'USD';
  if (known.data && !known.data.some((d) => d.id.toLowerCase() === dimension.toLowerCase()))
    return (
      <div className="page">
        <h1 className="sr">No such tag</h1>
        <Empty icon="note" title="No charge has this tag" action={<Link to="/explore" search={kept} className="btn">Explore</Link>}>
          <span className="mono">{tag}</span> is on no charge that you can see, at no time.
        </Empty>
      </div>
    );
  return (
    <div className="page">
      <div className="head">
        <div>
          {whole.error && !whole.data ? <h1>{tag} <span>This question failed. The reason stands below.</span></h1> : <Headline tag={tag} result={whole.data} time={rangeWords(scope.time, anchor.today)} currency={currency} />}
          <FreshnessLine freshness={summary.freshness} />
          <RatesLine rates={whole.data?.rates} currency={currency} />
        </div>
        <div className="flex gap-2 pt-1">
          <Link to="/explore" search={question} className="btn"><Icon name="explore" />Explore</Link>
        </div>
      </div>
      <div className="rule-above">
        <Costs
          costs={costs} own={[]} question={question} search={search} scope={scope} anchor={anchor} summary={summary} currency={currency} title={`Cost by ${tag}`} name={`Cost by ${tag}`}
          nothing={`${rangeWords(scope.time, anchor.today)}, with these filters. Another time may have some.`}
        />
      </div>
      <div className="cols cols-b mt-5">
        <div><Coverage tag={tag} search={search} scope={scope} currency={currency} today={anchor.today} /></div>
        <Lacking tag={tag} scope={scope} currency={currency} />
      </div>
    </div>
  );
}

const shareOf = (untagged: string, all: string): string => sharePercent(sub(parse(all), parse(untagged)), parse(all));

function Headline({ tag, result, time, currency }: { tag: string; result: Result | undefined; time: string; currency: string }) {
  if (!result) return <HeadlineToCome />;
  const total = result.totals[0];
  const all = total?.['effective_cost'];
  const without = total?.['untagged_cost'];
  if (typeof all !== 'string' || typeof without !== 'string' || !result.rows.length) return <h1>Nothing was charged. <span>{time}, with these filters.</span></h1>;
  if (parse(without).units === 0n) return <h1>All of the cost carries {tag}. <span>{time}, effective cost.</span></h1>;
  return (
    <h1>
      {shareOf(without, all)} of the cost carries {tag}. <span>{moneyText(parse(without), currency)} of {moneyText(parse(all), currency)} has none: {time}, effective cost.</span>
    </h1>
  );
}

/** How much carries the tag, step by step. */
function Coverage({ tag, search, scope, currency, today }: { tag: string; search: ExploreSearch; scope: Scope; currency: string; today: string }) {
  const auto = grainOf(search, scope.time);
  const grain = auto === 'day' || auto === 'hour' ? 'week' : auto;
  const steps = useQuery(allRowsQuery(coveragePlan(tag, scope, grain)));
  return (
    <Section title="Coverage" sub={`by ${grain}, effective cost`}>
      <Loaded query={steps} height={240}>
        {(result) => (
          <table className="table">
            <thead>
              <tr><th scope="col">Time</th><th scope="col" className="r">Without, {currency}</th><th scope="col" className="r hide-s">All, {currency}</th><th scope="col">Carries it</th></tr>
            </thead>
            <tbody>
              {[...result.rows].sort((a, b) => (String(a['time']) < String(b['time']) ? -1 : 1)).map((row) => {
                const without = String(row['untagged_cost']);
                const all = String(row['effective_cost']);
                const share = 1 - Number(row['untagged_share'] ?? 1); /* of a bar: pixels */
                return (
                  <tr key={String(row['time'])}>
                    <td>{bucketText(String(row['time']), grain, today)}</td>
                    <td className="r"><Money value={without} currency={currency} /></td>
                    <td className="r hide-s"><Money value={all} currency={currency} /></td>
                    <td>
                      <span className="shr">
                        <svg className="hide-s" width="84" height="8" aria-hidden="true">
                          <rect width="84" height="8" rx="1" fill="var(--hover)" />
                          <rect width={Math.max(0, Math.min(1, share)) * 84} height="8" rx="1" fill="var(--s5)" />
                        </svg>
                        <span className="n t2">{shareOf(without, all)}</span>
                      </span>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      </Loaded>
    </Section>
  );
}

function Lacking({ tag, scope, currency }: { tag: string; scope: Scope; currency: string }) {
  const top = useTop('sub_account', scope, [only(`tag:${tag}`, null)]);
  return (
    <Section title="Accounts without it" sub="the dearest">
      <Loaded query={top} height={240}>{(result) => <Ranking result={result} dimension="sub_account" currency={currency} top={8} />}</Loaded>
    </Section>
  );
}
