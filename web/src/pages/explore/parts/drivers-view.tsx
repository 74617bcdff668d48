/* What made the change: by kind on top, by name below, each list to the last digit the same change. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { allRowsQuery } from '~/api/queries';
import { Waterfall, StepCell } from '~/charts/waterfall';
import { steps } from '~/charts/geometry';
import { rangeWords } from '~/lib/dates';
import { useRowHeight } from '~/lib/density';
import { abs, compare, format, toPixels } from '~/lib/decimal';
import { changePercent, moneyText, sharePercent } from '~/lib/money';
import { only } from '~/lib/plan';
import { dimensionName } from '~/lib/words';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { Section, Segmented, Swatch } from '~/ui/parts';
import { Empty, Loaded } from '~/ui/states';
import { placesOf } from '../../places';
import { driversOf, type Driver, type Drivers } from '../drivers';
import type { Dimension } from '../rows';
import { driversPlan, type Question } from '../use-explore';
import type { Target } from './mark-menu';

const KINDS = ['charge_category', 'service_category', 'sub_account', 'region'] as const;
const KIND_HINTS: Readonly<Record<string, string>> = {
  Usage: 'what was used', Purchase: 'commitments bought', Credit: 'granted, applied', Tax: 'what states take', Adjustment: 'corrected later',
};
const MOST_STEPS = 6;
const MOST_ROWS = 10;

function ByKind({ q, currency }: { q: Question; currency: string }) {
  const [kind, setKind] = useState<(typeof KINDS)[number]>('charge_category');
  const query = useQuery(allRowsQuery(driversPlan(q, [kind])));
  const name = dimensionName(kind, undefined);
  return (
    <Section
      title={`By ${name.toLowerCase()}`}
      tools={
        <>
          <span className="key hide-s hide-m">
            <span><Swatch colour="var(--up)" />Dearer</span>
            <span><Swatch colour="var(--down)" />Cheaper</span>
          </span>
          <Segmented label="Split by" value={kind} onChange={setKind} options={KINDS.map((k) => [k, dimensionName(k, undefined)] as const)} />
        </>
      }
    >
      <Loaded query={query} height={262} skeleton="bars">
        {(result) => {
          const { rows, total } = driversOf(result, { id: kind, name }, MOST_STEPS);
          return (
            <Waterfall
              steps={rows.map((r) => ({ key: r.key, label: r.label, hint: KIND_HINTS[r.label] ?? changePercent(r.now, r.before), change: format(r.change) }))}
              total={format(total.change)}
              totalLabel="Change"
              totalHint="sums exactly"
              currency={currency}
              height={262}
              label={`Change by ${name.toLowerCase()}: ${rows.map((r) => `${r.label} ${moneyText(r.change, currency, { symbol: true, sign: true })}`).join(', ')}; together ${moneyText(total.change, currency, { symbol: true, sign: true })}.`}
            />
          );
        }}
      </Loaded>
    </Section>
  );
}

/** The four that matter most, as one would say them. */
function InWords({ drivers, places, currency }: { drivers: Drivers; places: ReadonlyMap<string, string> | undefined; currency: string }) {
  const most = drivers.rows.filter((r) => !r.others).sort((a, b) => compare(abs(b.change), abs(a.change))).slice(0, 4);
  const sense = (r: Driver) => {
    const by = changePercent(r.now, r.before);
    const how = by === 'new' ? 'not there before' : r.now.units === 0n ? 'no longer there' : by.endsWith('×') ? `${by} as much as before` : `${by.slice(1)} ${by.startsWith('+') ? 'more' : 'less'} than before`;
    const where = places?.get(r.key);
    return where ? `${how}; most in ${where}` : how;
  };
  return (
    <ul className="list words">
      {most.map((r) => (
        <li key={r.key}>
          <Icon name={r.change.units > 0n ? 'up' : 'fall'} className={r.change.units > 0n ? 'up' : 'down'} />
          <b className="ell" title={r.label}>{r.label}</b>
          <span className="m n">{moneyText(r.change, currency, { symbol: true, sign: true })}</span>
          <span className="d">{sense(r).replace(/^./, (c) => c.toUpperCase())}.</span>
        </li>
      ))}
    </ul>
  );
}

function DriverTable({ q, drivers, places, dimension, currency, onPick }: {
  q: Question;
  drivers: Drivers;
  places: ReadonlyMap<string, string> | undefined;
  dimension: Dimension;
  currency: string;
  onPick: (driver: Driver, spot: DOMRect) => void;
}) {
  const height = useRowHeight();
  const { rows, total } = drivers;
  const walk = steps(rows.map((r) => toPixels(r.change)));
  const lo = Math.min(0, ...walk.flat());
  const hi = Math.max(0, ...walk.flat());
  /* where rises and falls nearly cancel, a share of what is left says nothing */
  const gross = rows.reduce((t, r) => t + Math.abs(toPixels(r.change)), 0);
  const telling = Math.abs(toPixels(total.change)) * 10 >= gross;
  const where = dimension.id === 'sub_account' ? 'Service' : 'Where';
  return (
    <div className="scroller">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{dimension.name}</th>
            <th scope="col" className="hide-s hide-m">{where}</th>
            <th scope="col" className="hide-s">From {moneyText(total.before, currency)} to {moneyText(total.now, currency)}</th>
            <th scope="col" className="r">Change, {currency}</th>
            <th scope="col" className="r hide-s">Of the change</th>
            <th scope="col" className="r hide-s hide-m">Before</th>
            <th scope="col" className="r hide-s">Now</th>
            <th scope="col" className="r">%</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r, i) => (
            <tr key={r.key} className={r.others ? 't2' : ''}>
              <td>
                <span className="nm">
                  {r.others ? r.label : (
                    <button type="button" className="row-link" aria-haspopup="menu" title={r.id ?? ''} onClick={(e) => onPick(r, e.currentTarget.getBoundingClientRect())}>
                      {r.label}
                    </button>
                  )}
                </span>
              </td>
              <td className="hide-s hide-m t2 s fill" title={places?.get(r.key)}>{places?.get(r.key) ?? ''}</td>
              <td className="hide-s walk"><StepCell from={walk[i]![0]} to={walk[i]![1]} lo={lo} hi={hi} first={i === 0} last={i === rows.length - 1} height={height} /></td>
              <td className="r"><Money value={r.change} currency={currency} sign /></td>
              <td className="r hide-s t2">{telling ? sharePercent(r.change, total.change) : <span className="t3" title="rises and falls nearly cancel">–</span>}</td>
              <td className="r hide-s hide-m t2"><Money value={r.before} currency={currency} /></td>
              <td className="r hide-s"><Money value={r.now} currency={currency} /></td>
              <td className="r">{changePercent(r.now, r.before)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr className="tot">
            <td>Total</td>
            <td className="hide-s hide-m" />
            <td className="hide-s" />
            <td className="r"><Money value={total.change} currency={currency} symbol sign ruled /></td>
            <td className="r hide-s" />
            <td className="r hide-s hide-m"><Money value={total.before} currency={currency} symbol ruled /></td>
            <td className="r hide-s"><Money value={total.now} currency={currency} symbol ruled /></td>
            <td className="r">{changePercent(total.now, total.before)}</td>
          </tr>
        </tfoot>
      </table>
      <p className="foot-note">
        {rangeWords(q.whole.time)} against {rangeWords(q.whole.compare!)}{q.whole.cut ? ', whole days on both sides' : ''}. Each list adds up to the change, to the last digit.
      </p>
    </div>
  );
}

export function DriversView({ q, currency, onTarget, onCompare, tools }: {
  q: Question;
  currency: string;
  onTarget: (target: Target) => void;
  onCompare: () => void;
  tools: React.ReactNode;
}) {
  const dimension = q.by[0]!;
  const place: Dimension = dimension.id === 'sub_account' ? { id: 'service', name: 'Service' } : { id: 'sub_account', name: 'Account' };
  const has = q.whole.compare !== null;
  const query = useQuery({ ...allRowsQuery(driversPlan(q, [dimension.id])), enabled: has });
  const pairs = useQuery({ ...allRowsQuery(driversPlan(q, [dimension.id, place.id])), enabled: has });
  if (!has)
    return (
      <Empty icon="drill" title="Nothing to compare with" action={<button type="button" className="btn" onClick={onCompare}>Compare with the time before</button>}>
        {q.scope.compare ? 'There is no bill of that time. ' : ''}Drivers say what changed between two ranges of days.
      </Empty>
    );
  const drivers = query.data && !query.isPlaceholderData ? driversOf(query.data, dimension, MOST_ROWS) : undefined;
  const places = drivers && pairs.data && !pairs.isPlaceholderData ? placesOf(pairs.data, drivers.rows, dimension, place) : undefined;
  const pick = (r: Driver, spot: DOMRect) =>
    onTarget({
      spot, label: r.label, colour: null, when: rangeWords(q.whole.time), time: q.whole.time,
      filters: [...q.scope.filters, only(dimension.id, r.id)], dimension: dimension.id, dimensionName: dimension.name, id: r.id, amount: r.now,
    });
  return (
    <>
      <div className="cols">
        <div><ByKind q={q} currency={currency} /></div>
        <Section title="In words">
          <Loaded query={{ ...query, data: drivers }} height={220}>
            {(d) => <InWords drivers={d} places={places} currency={currency} />}
          </Loaded>
        </Section>
      </div>
      <div className="rule-above">
        <Section title={`By ${dimension.name.toLowerCase()}`} sub="the largest, and the rest as one" tools={tools}>
          <Loaded query={{ ...query, data: drivers }} height={420}>
            {(d) => (d.rows.length ? <DriverTable q={q} drivers={d} places={places} dimension={dimension} currency={currency} onPick={pick} /> : <Empty icon="drill" title="Nothing changed">Every {dimension.name.toLowerCase()} cost exactly the same.</Empty>)}
          </Loaded>
        </Section>
      </div>
    </>
  );
}
