/* Cases one after the other, as TAP. A case fails by throwing; the others still run. */
import { strict as assert } from 'node:assert';

const cases = [];

export const test = (name, run) => cases.push({ name, run });
export { assert };

/** Runs what was declared; only those whose name contains `wanted` when it is given. */
export async function runAll(context, wanted) {
  const chosen = cases.filter((c) => !wanted || c.name.includes(wanted));
  let failed = 0;
  console.log(`1..${chosen.length}`);
  for (const [i, { name, run }] of chosen.entries()) {
    try {
      await run(context);
      console.log(`ok ${i + 1} - ${name}`);
    } catch (error) {
      failed++;
      console.log(`# ${String(error?.stack ?? error).replaceAll('\n', '\n# ')}`);
      console.log(`not ok ${i + 1} - ${name}`);
    }
  }
  return failed;
}
