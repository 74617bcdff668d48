/* Charts as pictures of their own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nothingBroke, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

async function taken(page, within, form) {
  await within.getByRole('button', { name: 'Save as picture' }).first().click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: form }).click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** What an SVG says, without its marks; it must stand alone. */
function words({ bytes }) {
  const text = bytes.toString('utf8');
  assert.equal(/var\(|currentColor|class=|<script|foreignObject/.exec(text), null);
  assert.ok(/@font-face\{font-family:Inter;[^}]*url\(data:font\/woff2;base64,/.test(text), 'the font is in it');
  assert.equal(/https?:\/\//.exec(text.replaceAll('http://www.w3.org/', '')), null);
  assert.ok(text.includes('<rect width="100%" height="100%" fill="#fff"'), 'light ground');
  return [...text.matchAll(/<text[^>]*>([^<]*)/g)].map((m) => m[1]).join('\n');
}

for (const theme of ['light', 'dark'])
  test(`a chart of Explore is a picture on light ground that says what it is, ${theme}`, async (context) => {
    const visitor = await visit(context, '/explore?time=2026-10-01..2026-11-01&compare=previous&filters=[{"field":"tag:Team","op":"in","values":["Orders"]}]', { theme });
    const { page } = visitor;
    await settled(page);
    const svg = await taken(page, page.locator('main'), 'Drawing (SVG)');
    writeFileSync(join(context.out, `picture-${theme}.svg`), svg.bytes);
    assert.equal(svg.name, 'farthing-service-2026-10-01.svg');
    const said = words(svg);
    const total = (await page.locator('h1').innerText()).match(/[\d,]+\.\d\d/)[0];
    for (const part of ['Effective cost by day and service', `Total $${total}`, 'Team', 'Orders', 'Source: ', 'Ledger version', 'Amazon', 'Other ('])
      assert.ok(said.includes(part), `${part} in:\n${said}`);
    const png = await taken(page, page.locator('main'), 'Picture (PNG)');
    writeFileSync(join(context.out, `picture-${theme}.png`), png.bytes);
    assert.equal(png.bytes.toString('latin1', 1, 4), 'PNG');
    const wide = Number(/ width="(\d+)"/.exec(svg.bytes.toString('utf8'))[1]);
    assert.equal(png.bytes.readUInt32BE(16), 2 * wide);
    assert.ok(png.bytes.length > 20000, `${png.bytes.length} bytes`);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
    await page.getByRole('button', { name: 'View as table' }).click();
    assert.equal(await page.getByRole('button', { name: 'Save as picture' }).count(), 0);
    await nothingBroke(visitor);
    await visitor.close();
  });

test('a tile of a dashboard and a page of a service give pictures with their names', async (context) => {
  const visitor = await visit(context, '/dashboards/board-platform');
  const { page } = visitor;
  await settled(page);
  const tile = page.getByRole('article').filter({ has: page.getByRole('button', { name: 'Save as picture' }) }).first();
  const name = await tile.getAttribute('aria-label');
  assert.ok(words(await taken(page, tile, 'Drawing (SVG)')).startsWith(name), name);
  await page.goto(`${context.base}/services/Amazon%20Elastic%20Compute%20Cloud`);
  await settled(page);
  const heading = await page.locator('h1').innerText();
  const said = words(await taken(page, page.locator('main'), 'Drawing (SVG)'));
  assert.ok(heading.startsWith(said.split('\n')[0]), said);
  await nothingBroke(visitor);
  await visitor.close();
});

/** Pages of the PDF that the browser makes of what is ready to be printed; its bytes go to `path`. */
async function onPaper(visitor, path) {
  const { page } = visitor;
  await page.evaluate(() => { window.print = () => { window.printed = (window.printed ?? 0) + 1; }; });
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('menuitem', { name: 'Print or save as PDF' }).click();
  await page.waitForFunction(() => window.printed === 1, null, { timeout: 20000 });
  const state = await page.evaluate(() => ({
    theme: document.documentElement.dataset.theme,
    shown: [...document.querySelectorAll('.rail, .scope, .tools, .tabs, .figure-turn, .head .btn')].filter((e) => e.checkVisibility()).length,
    words: document.querySelector('#page').innerText,
    wide: Math.max(...[...document.querySelectorAll('#page svg, #page table')].map((e) => e.getBoundingClientRect().right)),
  }));
  const pdf = await page.pdf({ path, preferCSSPageSize: true });
  await page.waitForFunction(() => !('print' in document.documentElement.dataset));
  return { ...state, pages: pdf.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length ?? 0 };
}

test('a question and a dashboard are printed with what they are and without what is pressed', async (context) => {
  for (const [name, path, words, most] of [
    ['explore', '/explore?time=2026-10-01..2026-11-01&filters=[{"field":"tag:Team","op":"in","values":["Orders"]}]', ['October', 'Only: Team is Orders', 'Ledger version', '$77,609.80', 'aws to'], 3],
    ['dashboard', '/dashboards/board-platform', ['Platform', 'Ledger version', 'aws to'], 6],
    ['many', '/dashboards/board-many', ['Ledger version'], 12],
  ]) {
    const visitor = await visit(context, path, { theme: 'dark', height: 700 });
    await settled(visitor.page);
    const paper = await onPaper(visitor, join(context.out, `print-${name}.pdf`));
    assert.equal(paper.theme, 'light');
    assert.equal(paper.shown, 0, 'what is pressed is not on paper');
    for (const word of words) assert.ok(paper.words.includes(word), `${word} in:\n${paper.words.slice(0, 500)}`);
    assert.ok(paper.wide <= 1034, `${paper.wide} px wide on a sheet of 1032`);
    assert.ok(paper.pages > 0 && paper.pages <= most, `${paper.pages} pages`);
    assert.doesNotMatch(paper.words, /Loading/);
    assert.equal(await visitor.page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    await nothingBroke(visitor);
    await visitor.close();
  }
});

test('a chart of very many marks is a picture, too', async (context) => {
  const visitor = await visit(context, '/explore?time=2025-11-20..2026-11-20&grain=day&top=10');
  const { page } = visitor;
  await settled(page);
  assert.ok(await page.locator('.chart canvas').count(), 'it is drawn on a canvas');
  const png = await taken(page, page.locator('main'), 'Picture (PNG)');
  writeFileSync(join(context.out, 'picture-canvas.png'), png.bytes);
  assert.ok(png.bytes.length > 20000, `${png.bytes.length} bytes`);
  await nothingBroke(visitor);
  await visitor.close();
});
