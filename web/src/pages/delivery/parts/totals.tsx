import type { DeliveryDiff } from '~/api/types';
import { count, signedCount } from '~/lib/money';
import { Change, Money } from '~/ui/money';
import { Section } from '~/ui/parts';

/** The period before and after, by currency. */
export function Totals({ diff }: { diff: DeliveryDiff }) {
  return (
    <Section title="The whole bill">
      <div className="scroller">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col" className="r hide-s">Before</th>
              <th scope="col" className="r">After</th>
              <th scope="col" className="r">Change</th>
            </tr>
          </thead>
          <tbody>
            {diff.totals.flatMap((t) => [
              ...(['billed_cost', 'effective_cost'] as const).map((cost) => (
                <tr key={`${t.currency} ${cost}`}>
                  <td>{cost === 'billed_cost' ? 'Billed' : 'Effective'} cost, {t.currency}</td>
                  <td className="r t2 hide-s"><Money value={t[cost].before} currency={t.currency} /></td>
                  <td className="r"><Money value={t[cost].after} currency={t.currency} /></td>
                  <td className="r"><Change value={t[cost].change} currency={t.currency} /></td>
                </tr>
              )),
              <tr key={`${t.currency} charges`}>
                <td>Charges{diff.totals.length > 1 ? ` in ${t.currency}` : ''}</td>
                <td className="r t2 hide-s">{count(t.charges.before)}</td>
                <td className="r">{count(t.charges.after)}</td>
                <td className={t.charges.change ? 'r' : 'r t3'}>{signedCount(t.charges.change)}</td>
              </tr>,
            ])}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
