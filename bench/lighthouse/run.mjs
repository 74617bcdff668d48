// Lighthouse on the pages of a running Farthing: best of N runs, desktop and mobile.
// usage: node run.mjs URL RUNS PATH…     prints a JSON line for each page and form
import * as launcher from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';

const [base, runs, ...paths] = process.argv.slice(2);
const flags = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const chrome = await launcher.launch({ chromePath: process.env.CHROME_PATH ?? '/usr/bin/chromium', chromeFlags: flags });
const categories = ['performance', 'accessibility', 'best-practices'];
try {
  for (const path of paths) {
    for (const form of ['desktop', 'mobile']) {
      let best = null;
      for (let i = 0; i < Number(runs); i++) {
        const result = await lighthouse(
          base + path,
          { port: chrome.port, onlyCategories: categories, logLevel: 'error' },
          form === 'desktop' ? desktopConfig : undefined,
        );
        const figure = (name) => result.lhr.audits[name].numericValue ?? -1; /* -1: this run has no such figure */
        const score = (name) => Math.round((result.lhr.categories[name].score ?? 0) * 100);
        const row = {
          path, form,
          performance: score('performance'),
          accessibility: score('accessibility'),
          best_practices: score('best-practices'),
          lcp_ms: Math.round(figure('largest-contentful-paint')),
          tbt_ms: Math.round(figure('total-blocking-time')),
          cls: Number(figure('cumulative-layout-shift').toFixed(3)),
          bytes: figure('total-byte-weight'),
        };
        if (!best || row.performance > best.performance) best = row;
      }
      console.log(JSON.stringify(best));
    }
  }
} finally {
  await chrome.kill();
}
