/* What can be done with one figure: narrow to it, leave it out, look inside. */
import { useQuery } from '@tanstack/react-query';
import { costsQuery } from '~/api/queries';
import { plan, type Filter } from '~/lib/plan';
import type { Range } from '~/lib/dates';
import { count } from '~/lib/money';
import type { Decimal } from '~/lib/decimal';
import { Money } from '~/ui/money';
import { Act, MenuAt, Rule, type Spot } from '~/ui/menu';
import { Swatch } from '~/ui/parts';

export interface Target {
  spot: Spot;
  label: string;
  colour: string | null;
  when: string;
  time: Range; /* of the figure: a bucket or the whole range */
  filters: readonly Filter[]; /* that make the figure */
  dimension: string;
  dimensionName: string;
  id: string | null;
  amount: Decimal | null;
}

/** A target in the chart, with its place there. */
export type MarkTarget = Target & { mark?: { series: number; bucket: number } };

export interface TargetActs {
  only: () => void;
  leaveOut: () => void;
  breakDown: () => void;
  resources: () => void;
  charges: () => void;
  note: (() => void) | null; /* only on a figure of one step of time */
}

function ChargeCount({ target }: { target: Target }) {
  const { data } = useQuery(costsQuery(plan({ measures: ['charge_count'], time: target.time, filters: target.filters })));
  const n = data?.totals[0]?.['charge_count'];
  return n === undefined || n === null ? null : <em>{count(Number(n))}</em>;
}

export function MarkMenu({ target, currency, next, page, acts, onClose }: {
  target: Target;
  currency: string;
  next: string;
  page: { name: string; open: () => void } | null; /* of the value, or of its tag */
  acts: TargetActs;
  onClose: () => void;
}) {
  const thing = target.dimensionName.toLowerCase();
  return (
    <MenuAt
      spot={target.spot}
      label={target.label}
      onClose={onClose}
      header={
        <>
          <b>
            {target.colour ? <Swatch colour={target.colour} /> : null}
            <span className="ell">{target.label}</span>
            <span className="grow" />
            <span className="t3 font-normal whitespace-nowrap">{target.when}</span>
          </b>
          <Money value={target.amount} currency={currency} symbol />
        </>
      }
    >
      <Act icon="filter" hotkey="f" onSelect={acts.only}>Only this {thing}</Act>
      <Act icon="minus" hotkey="x" onSelect={acts.leaveOut}>Leave it out</Act>
      <Act icon="drill" hotkey="b" onSelect={acts.breakDown}>Break down by {next.toLowerCase()}</Act>
      <Rule />
      {page ? <Act icon="right" hotkey="o" onSelect={page.open}>Open {page.name} page</Act> : null}
      <Act icon="box" onSelect={acts.resources}>Resources</Act>
      <Act icon="rows" hint={<ChargeCount target={target} />} onSelect={acts.charges}>Charge rows</Act>
      {acts.note ? (
        <>
          <Rule />
          <Act icon="note" hotkey="n" onSelect={acts.note}>Add a note</Act>
        </>
      ) : null}
    </MenuAt>
  );
}
