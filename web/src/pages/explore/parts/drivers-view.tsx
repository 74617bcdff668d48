/* What made the change: its parts on top, names and their parts below, each list to the last digit the same change. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { allRowsQuery } from '~/api/queries';
import { Waterfall, StepCell } from '~/charts/waterfall';
import { steps } from '~/charts/geometry';
import { rangeWords } from '~/lib/dates';
import { useRowHeight } from '~/lib/density';
import { abs, compare, format, toPixels } from '~/lib/decimal';
import { changePercent, moneyText } from '~/lib/money';
import { only, type Filter } from '~/lib/plan';
import { dimensionName } from '~/lib/words';
import { Icon } from '~/ui/icon';
import { Money } from '~/ui/money';
import { Beside, Section, Segmented, Swatch } from '~/ui/parts';
import { Empty, Loaded } from '~/ui/states';
import { placesOf } from '../../places';
import { useToldQuery, withBeside } from '~/api/told';
import { EFFECTS, driversOf, partsIn, partsText, totalOf, type Driver, type Drivers, type EffectKind, type Effects } from '../drivers';
import type { Dimension } from '../rows';
import { changePlan, driversPlan, type Question } from '../use-explore';
import { BRIDGE, PartsBridge, partAsked, type OnPart } from './bridge';
import type { Target } from './mark-menu';
import { PartDrawer, type PartAsked } from './part-drawer';

const KINDS = ['charge_category', 'service_category', 'sub_account', 'region'] as const;
const KIND_HINTS: Readonly<Record<string, string>> = {
  Usage: 'what was used', Purchase: 'commitments bought', Credit: 'granted, applied', Tax: 'what states take', Adjustment: 'corrected later',
};
type Kind = 'part' | (typeof KINDS)[number];
const MOST_STEPS = 6;
const MOST_ROWS = 10;

function ByKind({ q, currency, onPart }: { q: Question; currency: string; onPart: OnPart }) {
  const [kind, setKind] = useState<Kind>('part');
  const whole = useQuery({ ...allRowsQuery(driversPlan(q, BRIDGE)), enabled: kind === 'part' });
  const query = useToldQuery(useQuery({ ...allRowsQuery(changePlan(q, kind === 'part' ? [] : [kind])), enabled: kind !== 'part' }));
  const name = kind === 'part' ? 'Part' : dimensionName(kind, undefined);
  return (
    <Section
      title={`By ${name.toLowerCase()}`}
      tools={
        <>
          <span className="key hide-s hide-m">
            <span><Swatch colour="var(--up)" />Dearer</span>
            <span><Swatch colour="var(--down)" />Cheaper</span>
          </span>
          <Segmented label="Split by" value={kind} onChange={setKind} options={[['part', 'Part'], ...KINDS.map((k) => [k, dimensionName(k, undefined)] as const)]} />
        </>
      }
    >
      {/* keys: what one has answered is nothing to the other */}
      {kind === 'part' ? (
        <Loaded key="part" query={whole} height={262} skeleton="bars">
          {(result) => <PartsBridge total={totalOf(result)} currency={currency} onPart={onPart} all={q.scope.filters} height={262} />}
        </Loaded>
      ) : <Loaded key="names" query={query} height={262} skeleton="bars">
        {(result) => {
          const { rows, total } = driversOf(result, { id: kind, name }, MOST_STEPS);
          return (
            <Waterfall
              steps={rows.map((r) => ({ key: r.key, label: withBeside(r.label, r.beside), hint: KIND_HINTS[r.label] ?? changePercent(r.now, r.before), change: format(r.change) }))}
              total={format(total.change)}
              totalLabel="Change"
              totalHint="sums exactly"
              currency={currency}
              height={262}
              label={`Change by ${name.toLowerCase()}: ${rows.map((r) => `${withBeside(r.label, r.beside)} ${moneyText(r.change, currency, { symbol: true, sign: true })}`).join(', ')}; together ${moneyText(total.change, currency, { symbol: true, sign: true })}.`}
            />
          );
        }}
      </Loaded>}
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
    const parts = partsIn(r.parts).length ? `${partsText(r.parts, currency)}; ` : '';
    return `${parts}${parts ? how.replace(/^./, (c) => c.toLowerCase()) : how}${where ? `; most in ${where}` : ''}`;
  };
  return (
    <ul className="list words">
      {most.map((r) => (
        <li key={r.key}>
          <Icon name={r.change.units > 0n ? 'up' : 'fall'} className={r.change.units > 0n ? 'up' : 'down'} />
          <b className="ell" title={withBeside(r.label, r.beside)}>{withBeside(r.label, r.beside)}</b>
          <span className="m n">{moneyText(r.change, currency, { symbol: true, sign: true })}</span>
          <span className="d">{sense(r).replace(/^./, (c) => c.toUpperCase())}.</span>
        </li>
      ))}
    </ul>
  );
}

/** A part of a change that opens to its charges; what rates did has none. */
function PartCell({ kind, parts, whose, currency, filters, onPart, ruled = false }: {
  kind: EffectKind;
  parts: Effects;
  whose: string;
  currency: string;
  filters: readonly Filter[] | null;
  onPart: OnPart;
  ruled?: boolean;
}) {
  const value = parts[kind.id];
  if (value.units === 0n) return <span className="t3">·</span>;
  /* beside amounts of cents a ten-thousandth is only noise; the whole of it is in the title */
  const small = Math.abs(toPixels(value)) < 0.005;
  const amount = small ? <span className="t3" title={`${format(value)} ${currency}`}>±0.00</span> : <Money value={value} currency={currency} symbol={ruled} sign ruled={ruled} />;
  if (!filters || !kind.of) return amount;
  return (
    <button
      type="button"
      className="row-link"
      aria-haspopup="dialog"
      aria-label={`${whose}, ${kind.name.toLowerCase()} ${small ? '±0.00' : moneyText(value, currency, { symbol: ruled, sign: true })}`}
      onClick={() => onPart(kind, parts, whose, filters)}
    >
      {amount}
    </button>
  );
}

function DriverTable({ q, drivers, places, dimension, currency, onPick, onPart }: {
  q: Question;
  drivers: Drivers;
  places: ReadonlyMap<string, string> | undefined;
  dimension: Dimension;
  currency: string;
  onPick: (driver: Driver, spot: DOMRect) => void;
  onPart: OnPart;
}) {
  const height = useRowHeight();
  const { rows, total } = drivers;
  const walk = steps(rows.map((r) => toPixels(r.change)));
  const lo = Math.min(0, ...walk.flat());
  const hi = Math.max(0, ...walk.flat());
  const kinds = EFFECTS.filter((e) => [...rows, total].some((r) => r.parts[e.id].units !== 0n));
  const where = dimension.id === 'sub_account' ? 'Service' : 'Where';
  return (
    <div className="scroller">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{dimension.name}</th>
            <th scope="col" className="hide-s hide-m">{where}</th>
            <th scope="col" className="hide-s hide-m">From {moneyText(total.before, currency)} to {moneyText(total.now, currency)}</th>
            <th scope="col" className="r">Change, {currency}</th>
            {kinds.map((k) => <th key={k.id} scope="col" className="r hide-s" title={k.hint}>{k.name}</th>)}
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
                  <Beside text={r.beside} />
                </span>
              </td>
              <td className="hide-s hide-m t2 s fill" title={places?.get(r.key)}>{places?.get(r.key) ?? ''}</td>
              <td className="hide-s hide-m walk"><StepCell from={walk[i]![0]} to={walk[i]![1]} lo={lo} hi={hi} first={i === 0} last={i === rows.length - 1} height={height} /></td>
              <td className="r"><Money value={r.change} currency={currency} sign /></td>
              {kinds.map((k) => (
                <td key={k.id} className="r hide-s">
                  <PartCell kind={k} parts={r.parts} whose={withBeside(r.label, r.beside)} currency={currency} filters={r.others ? null : [...q.scope.filters, only(dimension.id, r.id)]} onPart={onPart} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr className="tot">
            <td>Total</td>
            <td className="hide-s hide-m" />
            <td className="hide-s hide-m" />
            <td className="r"><Money value={total.change} currency={currency} symbol sign ruled /></td>
            {kinds.map((k) => (
              <td key={k.id} className="r hide-s">
                <PartCell kind={k} parts={total.parts} whose="Everything" currency={currency} filters={null} onPart={onPart} ruled />
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
      <p className="foot-note">
        {rangeWords(q.whole.time)} against {rangeWords(q.whole.compare!)}{q.whole.cut ? ', whole days on both sides' : ''}. Rows and columns add up to the change, to the last digit. The bridge takes everything together: its parts may differ from those of the total.
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
  const query = useToldQuery(useQuery({ ...allRowsQuery(driversPlan(q, [dimension.id])), enabled: has }));
  const pairs = useToldQuery(useQuery({ ...allRowsQuery(changePlan(q, [dimension.id, place.id])), enabled: has }));
  const [asked, setAsked] = useState<PartAsked | null>(null);
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
      spot, label: withBeside(r.label, r.beside), colour: null, when: rangeWords(q.whole.time), time: q.whole.time,
      filters: [...q.scope.filters, only(dimension.id, r.id)], dimension: dimension.id, dimensionName: dimension.name, id: r.id, amount: r.now,
    });
  const part: OnPart = (kind, parts, whose, filters) => setAsked(partAsked(kind, parts, whose, filters));
  return (
    <>
      <div className="cols">
        <div><ByKind q={q} currency={currency} onPart={part} /></div>
        <Section title="In words">
          <Loaded query={{ ...query, data: drivers }} height={220}>
            {(d) => <InWords drivers={d} places={places} currency={currency} />}
          </Loaded>
        </Section>
      </div>
      <div className="rule-above">
        <Section title={`By ${dimension.name.toLowerCase()}`} sub="a step is its change; its parts open to resources and charges" tools={tools}>
          <Loaded query={{ ...query, data: drivers }} height={420}>
            {(d) => (d.rows.length ? <DriverTable q={q} drivers={d} places={places} dimension={dimension} currency={currency} onPick={pick} onPart={part} /> : <Empty icon="drill" title="Nothing changed">Every {dimension.name.toLowerCase()} cost exactly the same.</Empty>)}
          </Loaded>
        </Section>
      </div>
      {asked ? <PartDrawer q={q} asked={asked} currency={currency} onClose={() => setAsked(null)} /> : null}
    </>
  );
}
