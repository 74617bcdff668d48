/*
 * Chromium for the tests: Debian's own, headless, with nothing that talks to the outside; and pages that
 * remember what must never happen: errors, reports of the content security policy, sideways scrolling.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { assert } from './tap.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS });

function watchPolicy() {
  window.reports = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    window.reports.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`),
  );
}

/** A fresh visitor. `state` forces a state of the fixture server. */
export async function visit(context, path, { width = 1440, height = 1000, theme = 'light', state = 'full', expectErrors = false } = {}) {
  const visitor = await context.browser.newContext({
    viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'],
    extraHTTPHeaders: { 'x-fixture': state },
  });
  const page = await visitor.newPage();
  page.setDefaultTimeout(10000);
  const errors = [];
  const questions = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !(expectErrors && /Failed to load resource|ERR_/.test(message.text()))) errors.push(message.text());
  });
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/costs/query')) questions.push(request.postData());
  });
  await page.addInitScript(watchPolicy);
  await page.goto(context.base + path);
  return { page, errors, questions, close: () => visitor.close() };
}


/* The page says something, and nothing is being loaded: looked at twice, further apart than a skeleton takes to
 * appear, because on a busy machine a page is quiet before it has begun too. */
export async function settled(page) {
  const quiet = () => document.querySelector('main')?.textContent.trim() && !document.querySelector('[aria-busy=true], [aria-label=Loading]');
  for (let look = 0; look < 2; look++) {
    await page.waitForFunction(quiet, null, { timeout: 30000 });
    await page.waitForTimeout(200);
  }
  await page.waitForFunction(quiet, null, { timeout: 30000 });
}

/** The whole page in a window as high as it, so that what sticks to an edge of the window stands where it would. */
export async function picture(page, path) {
  const { width, height } = page.viewportSize();
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.max(height, whole) });
  await page.screenshot({ path });
  await page.setViewportSize({ width, height });
}

export async function nothingBroke({ page, errors }) {
  assert.deepEqual(errors, [], 'errors on the page');
  assert.deepEqual(await page.evaluate(() => window.reports), [], 'reports of the content security policy');
}

export async function accessible(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ['violations'] });
    return result.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''}`).join(' | ')}`);
  });
  assert.deepEqual(found, [], 'axe');
}

export async function noSidewaysScroll(page) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= room, `the page is ${wide} px wide in ${room} px`);
}

export const heading = (page) => page.locator('h1').innerText();
export const oneLine = (text) => text.replace(/\s+/g, ' ').trim();
