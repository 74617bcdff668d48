/*
 * The budget: what the first page loads, and everything. Sizes are gzip -9, as a server sends them.
 *
 * usage: size.mjs [DIST]     TAP on standard output, exit 1 when anything is too large
 */
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMITS_KB = { 'first route, JS': 200, 'all JS': 400, 'all CSS': 20, fonts: 50 };

/** What the page names, the first page's own chunk, and what these import before anything is shown. */
function firstRoute(assets, files) {
  const html = readFileSync(join(assets, '..', 'index.html'), 'utf8');
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const text = readFileSync(join(assets, name), 'utf8');
    for (const m of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) visit(m[1]);
  };
  for (const m of html.matchAll(/assets\/([\w.-]+\.js)/g)) visit(m[1]);
  files.filter((name) => /^overview-.*\.js$/.test(name)).forEach(visit);
  return [...seen];
}

/** [{what, kb, limit}] of a built application. */
export function sizes(dist) {
  const assets = join(dist, 'assets');
  const files = readdirSync(assets);
  const sizeOf = (name) => {
    const bytes = readFileSync(join(assets, name));
    return extname(name) === '.woff2' ? bytes.length : gzipSync(bytes, { level: 9 }).length;
  };
  const total = (names) => names.reduce((sum, name) => sum + sizeOf(name), 0) / 1000;
  const byKind = (kind) => files.filter((name) => extname(name) === kind);
  const kb = {
    'first route, JS': total(firstRoute(assets, files)),
    'all JS': total(byKind('.js')),
    'all CSS': total(byKind('.css')),
    fonts: total(byKind('.woff2')),
  };
  return Object.entries(LIMITS_KB).map(([what, limit]) => ({ what, limit, kb: kb[what] }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = sizes(resolve(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url))));
  console.log(`1..${rows.length}`);
  rows.forEach(({ what, kb, limit }, i) =>
    console.log(`${kb <= limit ? 'ok' : 'not ok'} ${i + 1} - ${what} is ${kb.toFixed(1)} kB of at most ${limit} kB`),
  );
  process.exit(rows.some(({ kb, limit }) => kb > limit) ? 1 : 0);
}
