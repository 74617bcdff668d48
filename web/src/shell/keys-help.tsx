import { useState } from 'react';
import { Dialog } from '~/ui/dialog';
import { Icon } from '~/ui/icon';
import { keysAreOn, setKeys } from './use-keys';

const KEYS: readonly (readonly [string, readonly string[]])[] = [
  ['Search, go anywhere', ['/']],
  ['Overview', ['g', 'o']],
  ['Explore', ['g', 'e']],
  ['Dashboards', ['g', 'b']],
  ['Anomalies', ['g', 'a']],
  ['Sources', ['g', 's']],
  ['Reconciliation', ['g', 'r']],
  ['FOCUS', ['g', 'f']],
  ['Last 7 days', ['d']],
  ['Last 30 days', ['w']],
  ['Month to date', ['m']],
  ['Earlier, later', ['[', ']']],
  ['Next comparison', ['c']],
  ['Chart or table', ['t']],
  ['Next row, row before', ['j', 'k']],
  ['Along a chart', ['←', '→']],
  ['Open a row, a mark', ['Enter']],
  ['Close, undo a selection', ['Esc']],
  ['This help', ['?']],
];

/* Of the case that is chosen, or of all that are selected. */
const CASE_KEYS: readonly (readonly [string, readonly string[]])[] = [
  ['Select', ['x']],
  ['Acknowledge', ['a']],
  ['Snooze', ['s']],
  ['Resolve', ['r']],
  ['False positive', ['f']],
  ['Comment', ['c']],
];

function List({ keys }: { keys: typeof KEYS }) {
  return (
    <dl>
      {keys.map(([what, pressed]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd className="flex gap-1">
            {pressed.map((k) => (
              <kbd key={k}>{k}</kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function KeysHelp({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(keysAreOn);
  const toggle = () => {
    setKeys(!on);
    setOn(!on);
  };
  return (
    <Dialog label="Keyboard help" className="pop keys" onClose={onClose}>
      <div className="sec">
        <h2>Keys</h2>
        <span className="grow" />
        <button type="button" className="item w-auto" role="switch" aria-checked={on} onClick={toggle}>
          <span className="ck">{on ? <Icon name="check" /> : null}</span>
          Single keys
        </button>
        <button type="button" className="btn btn-quiet btn-icon" aria-label="Close" onClick={onClose}>
          <Icon name="x" />
        </button>
      </div>
      <List keys={KEYS} />
      <div className="sec mt-3"><h2>On Anomalies</h2></div>
      <List keys={CASE_KEYS} />
    </Dialog>
  );
}
