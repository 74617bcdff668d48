/*
 * The web in a real browser, over the fixture server. Pictures go to tests/browser/out/.
 *
 * usage: run.mjs [PART-OF-A-NAME]
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFixture } from '../../web/fixtures/server.mjs';
import { launch } from './browser.mjs';
import { runAll } from './tap.mjs';
import './sizes.mjs';
import './pages.mjs';
import './states.mjs';
import './flows.mjs';
import './anomalies.mjs';
import './dashboards.mjs';
import './delivery.mjs';
import './entities.mjs';
import './focus.mjs';
import './keyboard.mjs';
import './mapping.mjs';
import './people.mjs';
import './pictures.mjs';
import './rates.mjs';
import './reconciliation.mjs';
import './uploads.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = process.env.FARTHING_WEB_DIST ?? join(here, '../../web/dist');
const out = join(here, 'out');

mkdirSync(out, { recursive: true });
const server = createFixture(dist);
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const browser = await launch();
const failed = await runAll({ browser, base: `http://127.0.0.1:${server.address().port}`, out, dist }, process.argv[2]);
await browser.close();
server.closeAllConnections();
server.close();
process.exit(failed ? 1 : 0);
