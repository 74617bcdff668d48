/*
 * The budget: what the first page loads, and everything. Sizes are gzip -9, as a server sends them.
 *
 * usage: size.mjs [DIST]     TAP on standard output, exit 1 when anything is too large
 */
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = resolve(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));
const LIMITS_KB = { 'first route, JS': 200, 'all JS': 400, 'all CSS': 20, fonts: 50 };

const sizeOf = (name) => {
  const bytes = readFileSync(join(dist, 'assets', name));
  return extname(name) === '.woff2' ? bytes.length : gzipSync(bytes, { level: 9 }).length;
};

const files = readdirSync(join(dist, 'assets'));
const total = (names) => names.reduce((sum, name) => sum + sizeOf(name), 0);
const byKind = (kind) => files.filter((name) => extname(name) === kind);

/** What the page names, and what those modules import before anything is shown: the overview's chunk too. */
function firstRoute() {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const wanted = [...html.matchAll(/assets\/([\w.-]+\.js)/g)].map((m) => m[1]);
  const seen = new Set(wanted);
  const overview = byKind('.js').find((name) => name.startsWith('overview-'));
  for (const name of [overview, ...wanted]) {
    if (!name) continue;
    seen.add(name);
    for (const m of readFileSync(join(dist, 'assets', name), 'utf8').matchAll(/from\s*["']\.\/([\w.-]+\.js)["']/g)) seen.add(m[1]);
  }
  return [...seen];
}

const measured = {
  'first route, JS': total(firstRoute()),
  'all JS': total(byKind('.js')),
  'all CSS': total(byKind('.css')),
  fonts: total(byKind('.woff2')),
};

console.log(`1..${Object.keys(LIMITS_KB).length}`);
let failed = 0;
Object.entries(LIMITS_KB).forEach(([what, limit], i) => {
  const kb = measured[what] / 1000;
  const ok = kb <= limit;
  if (!ok) failed++;
  console.log(`${ok ? 'ok' : 'not ok'} ${i + 1} - ${what} is ${kb.toFixed(1)} kB of at most ${limit} kB`);
});
process.exit(failed ? 1 : 0);
