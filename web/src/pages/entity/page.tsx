/* A service, an account, a resource: what it cost and of what, what it belongs to, and what stands beside it. */
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { EntityDetail, Summary } from '~/api/types';
import { lengthOf, dayText, rangeWords } from '~/lib/dates';
import { KINDS, byOf, questionAt } from '~/lib/entities';
import { moneyText } from '~/lib/money';
import { only, plan } from '~/lib/plan';
import type { Anchor, ExploreSearch, Scope } from '~/lib/search';
import { FreshnessLine } from '~/shell/freshness';
import { useKeptScope, useScope, useScopeSearch, useSetSearch, useSummary } from '~/shell/use-scope';
import { Icon } from '~/ui/icon';
import { Section, Segmented } from '~/ui/parts';
import { Empty, HeadlineToCome, Loaded, PageFailed, Skeleton } from '~/ui/states';
import { ChargesDrawer } from '../explore/parts/charges';
import { Mover, againstText } from '../explore/parts/sentences';
import { totalRow, type Answers } from '../explore/rows';
import type { Question } from '../explore/use-explore';
import { Ranking } from '../ranking';
import { RatesLine } from '../rates-line';
import { StartPage } from '../start';
import { Costs } from './parts/costs';
import { Facts, Tags } from './parts/facts';
import { MonthTable } from './parts/month-table';
import { inside, isMissing, useCosts, useEntity, useNeighbours, useTop } from './use-entity';

type Collection = keyof typeof KINDS;
type EntityQuery = ReturnType<typeof useEntity>;

export const ServicePage = () => <EntityPage collection="services" />;
export const AccountPage = () => <EntityPage collection="accounts" />;
export const ResourcePage = () => <EntityPage collection="resources" />;

export function LoadingPage() {
  return (
    <div className="page" aria-busy="true">
      <div className="head"><div><HeadlineToCome /><div className="fresh">{'\u00a0'}</div></div></div>
      <Skeleton height={352} kind="bars" />
    </div>
  );
}

function EntityPage({ collection }: { collection: Collection }) {
  const { id } = useParams({ strict: false }) as { id: string };
  const summary = useSummary();
  const ready = useScope();
  const search = useScopeSearch();
  if (summary.error && !summary.data) return <PageFailed error={summary.error} onRetry={() => void summary.refetch()} />;
  if (!ready) return <LoadingPage />;
  if (ready.summary.ledger_version === 0) return <StartPage />;
  return <Page key={`${collection} ${id}`} collection={collection} id={id} search={search} {...ready} />;
}

interface PageProps {
  collection: Collection;
  id: string;
  search: ExploreSearch;
  scope: Scope;
  anchor: Anchor;
  summary: Summary;
}

function Headline({ name, answers, q, anchor, currency, entity }: { name: string; answers: Answers | undefined; q: Question; anchor: Anchor; currency: string; entity: EntityDetail | undefined }) {
  if (!answers) return <HeadlineToCome />;
  const total = totalRow(answers);
  const days = lengthOf(q.scope.time);
  if (!total.amount)
    return (
      <h1>
        {name} cost nothing. <span>{rangeWords(q.scope.time, anchor.today)}{entity?.last_seen ? `; its last charge is of ${dayText(entity.last_seen, anchor.today)}` : ''}.</span>
      </h1>
    );
  return (
    <h1>
      {name} cost {moneyText(total.amount, currency)} in {days === 1 ? 'one day' : `${days} days`}.{' '}
      <span>
        {againstText(answers, q, anchor.today)}
        {answers.count > 1 ? <Mover answers={answers} q={q} currency={currency} /> : null}
      </span>
    </h1>
  );
}

function Missing({ collection, id }: { collection: Collection; id: string }) {
  const kept = useKeptScope();
  const kind = KINDS[collection];
  return (
    <div className="page">
      <h1 className="sr">No such {kind.name}</h1>
      <Empty icon="box" title={`No charge names this ${kind.name}`} action={<Link to="/explore" search={{ ...kept, by: [kind.dimension] }} className="btn">All {collection}</Link>}>
        <span className="mono">{id}</span> is in no bill that you can see, at no time.
      </Empty>
    </div>
  );
}

function Page({ collection, id, search, scope, anchor, summary }: PageProps) {
  const kind = KINDS[collection];
  const own = [only(kind.dimension, id)];
  const within = inside(scope, own);
  const entity = useEntity(collection, id, scope);
  const by = byOf(kind, search);
  const question = questionAt(`/${collection}/`, id, search)!;
  const costs = useCosts(search, by[0], within, anchor, summary);
  const [charges, setCharges] = useState(false);
  if (isMissing(entity.error)) return <Missing collection={collection} id={id} />;
  const currency = scope.currency ?? costs.table.result?.currency ?? 'USD';
  const name = entity.data?.name ?? id;
  return (
    <div className="page">
      <div className="head">
        <div>
          {costs.table.error && !costs.table.data ? (
            <h1>{name} <span>This question failed. The reason stands below.</span></h1>
          ) : (
            <Headline name={name} answers={costs.table.data} q={costs.q} anchor={anchor} currency={currency} entity={entity.data} />
          )}
          <FreshnessLine freshness={summary.freshness} />
          <RatesLine rates={costs.table.result?.rates} currency={currency} />
        </div>
        <Ways question={question} onCharges={() => setCharges(true)} />
      </div>
      <div className="rule-above">
        <Loaded query={entity} height={76}>
          {(known) => (
            <>
              <Facts entity={known} today={anchor.today} />
              {known.tags ? <Tags tags={known.tags} /> : null}
            </>
          )}
        </Loaded>
      </div>
      <div className="rule-above mt-4">
        <Costs
          costs={costs} own={own} question={question} search={search} scope={within} anchor={anchor} summary={summary} currency={currency} title="Cost" name={name}
          tools={<ByChoice options={kind.by} value={by[0]} />}
          nothing={`${rangeWords(scope.time, anchor.today)}, with these filters. Another time may have some.`}
        />
      </div>
      <Beside collection={collection} id={id} entity={entity} by={by[0]} scope={scope} within={within} currency={currency} />
      {charges ? <ChargesDrawer plan={plan({ measures: [], time: within.time, filters: within.filters, rows: true })} name={name} onClose={() => setCharges(false)} /> : null}
    </div>
  );
}

/** From here on: the same charges in Explore, and each of them. */
function Ways({ question, onCharges }: { question: ExploreSearch; onCharges: () => void }) {
  return (
    <div className="flex gap-2 pt-1">
      <button type="button" className="btn" onClick={onCharges}><Icon name="rows" />Charges</button>
      <Link to="/explore" search={question} className="btn hide-s"><Icon name="explore" />Explore</Link>
    </div>
  );
}

function ByChoice({ options, value }: { options: readonly (readonly [string, string])[]; value: string }) {
  const set = useSetSearch();
  return <span className="hide-s"><Segmented label="By" value={value} onChange={(next) => set({ by: next === options[0]![0] ? undefined : [next], order: undefined })} options={options} /></span>;
}

/** What stands beside a resource; the resources of anything else. */
function Beside({ collection, id, entity, by, scope, within, currency }: { collection: Collection; id: string; entity: EntityQuery; by: string; scope: Scope; within: Scope; currency: string }) {
  if (collection === 'resources') return entity.data?.service && entity.data.sub_account ? <Neighbours entity={entity} known={entity.data} id={id} scope={scope} currency={currency} /> : null;
  return (
    <div className="cols cols-b mt-5">
      <div>{by === 'resource' ? <Charges within={within} currency={currency} /> : <Resources within={within} currency={currency} />}</div>
      <Months entity={entity} />
    </div>
  );
}

function Resources({ within, currency }: { within: Scope; currency: string }) {
  const top = useTop('resource', within);
  return (
    <Section title="Resources" sub="the dearest">
      <Loaded query={top} height={300}>{(result) => <Ranking result={result} dimension="resource" currency={currency} top={10} />}</Loaded>
    </Section>
  );
}

function Charges({ within, currency }: { within: Scope; currency: string }) {
  const top = useTop('charge_category', within);
  return (
    <Section title="Kinds of charge">
      <Loaded query={top} height={300}>{(result) => <Ranking result={result} dimension="charge_category" currency={currency} top={10} />}</Loaded>
    </Section>
  );
}

function Neighbours({ entity, known, id, scope, currency }: { entity: EntityQuery; known: EntityDetail; id: string; scope: Scope; currency: string }) {
  const beside = useNeighbours(known, scope);
  return (
    <div className="cols cols-b mt-5">
      <div>
        <Section title="Beside it" sub={`${known.service!.name} in ${known.sub_account!.name}`}>
          <Loaded query={beside} height={300}>{(result) => <Ranking result={result} dimension="resource" currency={currency} top={10} here={id} />}</Loaded>
        </Section>
      </div>
      <Months entity={entity} />
    </div>
  );
}

function Months({ entity }: { entity: EntityQuery }) {
  return (
    <Section title="By month" sub="of this time">
      <Loaded query={entity} height={160}>{(known) => <MonthTable entity={known} />}</Loaded>
    </Section>
  );
}
