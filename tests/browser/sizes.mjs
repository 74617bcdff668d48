/* The budget of the application. */
import { sizes } from '../../web/tools/size.mjs';
import { assert, test } from './tap.mjs';

for (const what of ['first route, JS', 'all JS', 'all CSS', 'fonts'])
  test(`${what} stays in its budget`, ({ dist }) => {
    const row = sizes(dist).find((r) => r.what === what);
    console.log(`# ${what}: ${row.kb.toFixed(1)} kB of at most ${row.limit} kB`);
    assert.ok(row.kb <= row.limit, `${row.kb.toFixed(1)} kB of at most ${row.limit} kB`);
  });
