/* The focus is never lost: it comes back from what closes, and goes on from what is removed or drawn anew. */
import { nothingBroke, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const EC2 = 'Amazon Elastic Compute Cloud';

/** Waits until what has the focus fits: its label, or what it says. */
const focusIs = (page, says) =>
  page.waitForFunction((text) => {
    const e = document.activeElement;
    return new RegExp(text).test(e.getAttribute('aria-label') ?? e.textContent);
  }, says, { timeout: 5000 }).catch(async () => assert.fail(`the focus is on ${await page.evaluate(() => `${document.activeElement.tagName} ${document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.slice(0, 60)}`)}, not on ${says}`));

async function at(context, path) {
  const visitor = await visit(context, path);
  await settled(visitor.page);
  return visitor;
}

test('focus comes back from a menu, and from what a menu has opened', async (context) => {
  const visitor = await at(context, '/explore');
  const { page } = visitor;
  const row = page.getByRole('button', { name: EC2, exact: true });
  await row.focus();
  for (const act of [null, /Charge rows/]) {
    await page.keyboard.press('Enter');
    await page.getByRole('menu', { name: EC2 }).waitFor();
    if (act) {
      await page.getByRole('menuitem', { name: act }).press('Enter');
      await page.getByRole('dialog').getByRole('region', { name: 'Charge rows' }).waitFor();
    }
    await page.keyboard.press('Escape');
    await focusIs(page, `^${EC2}$`);
  }
  const chart = page.getByRole('slider');
  await chart.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  await page.getByRole('menuitem', { name: 'Add a note' }).press('Enter');
  await page.getByRole('dialog', { name: 'Add a note' }).waitFor();
  await page.keyboard.press('Escape');
  await focusIs(page, '^Effective cost by day');
  await nothingBroke(visitor);
  await visitor.close();
});

test('focus stays where a table is sorted and its rows come anew', async (context) => {
  const visitor = await at(context, '/explore');
  const { page } = visitor;
  const sort = page.getByRole('button', { name: /^Change, USD/ });
  await sort.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/order=/);
  await settled(page);
  await focusIs(page, '^Change, USD');
  await page.keyboard.press('Enter');
  await page.waitForURL(/asc/);
  await settled(page);
  await focusIs(page, '^Change, USD');
  await visitor.close();
});

test('focus goes on to the next filter, and from the last one to the page', async (context) => {
  const visitor = await at(context, '/explore?filters=[{"field":"service","op":"not_in","values":["BigQuery"]},{"field":"tag:Team","op":"in","values":["Orders"]}]');
  const { page } = visitor;
  await page.getByRole('button', { name: 'Remove filter Service' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove filter Service' }).waitFor({ state: 'detached' });
  await focusIs(page, '^Remove filter Team$');
  await page.keyboard.press('Enter');
  await page.locator('[data-chip]').waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement !== document.body);
  await visitor.close();
});

test('focus goes on from what is removed: a dashboard, a tile, a saved view', async (context) => {
  const visitor = await at(context, '/dashboards/board-many');
  const { page } = visitor;
  await page.getByRole('button', { name: 'Arrange' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('article', { name: /^Tile 2, / }).focus();
  await page.keyboard.press('Delete');
  await focusIs(page, '^Tile 3, 2 of 39');
  await page.getByRole('button', { name: 'Change Tile 5' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Remove' }).press('Enter');
  await focusIs(page, '^(Change )?Tile 6');
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  await focusIs(page, '^Arrange$');
  await page.goto(`${context.base}/dashboards`);
  await settled(page);
  await page.evaluate(() => fetch('/api/v1/dashboards', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'A first one' }) }));
  await page.reload();
  await settled(page);
  await page.getByRole('button', { name: 'Change A first one' }).press('Enter');
  await page.getByRole('button', { name: 'Remove', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Remove it for everybody' }).press('Enter');
  await page.getByRole('link', { name: 'A first one' }).waitFor({ state: 'detached' });
  await focusIs(page, '^Change (?!A first)');
  await nothingBroke(visitor);
  await visitor.close();
});

test('focus is on the page that a row has opened', async (context) => {
  const visitor = await at(context, '/');
  const { page } = visitor;
  await page.getByRole('link', { name: 'prod-edge' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/accounts\//);
  await page.waitForFunction(() => document.activeElement.id === 'page');
  await visitor.close();
});

test('a row opens wherever it is pressed: on its bar, on the page, in a tile, in a drawer', async (context) => {
  const visitor = await at(context, '/');
  const { page } = visitor;
  await page.getByRole('region', { name: 'Accounts' }).getByRole('row', { name: /^prod-edge/ }).locator('svg').click();
  await page.waitForURL(/\/accounts\/410937225017/);
  await settled(page);
  await page.getByRole('region', { name: 'Resources', exact: true }).locator('tbody tr').first().locator('svg').click();
  await page.waitForURL(/\/resources\//);
  await settled(page);
  await page.getByRole('button', { name: 'Charges', exact: true }).first().click();
  await page.getByRole('dialog').locator('tbody tr').first().getByRole('cell').nth(1).click();
  await page.getByRole('dialog').getByRole('button', { name: 'All rows' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const before = page.url();
  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector('h1')));
  await page.getByRole('region', { name: 'Beside it' }).locator('tbody tr:not([aria-current])').first().locator('svg').click();
  await page.waitForURL((url) => url.href !== before);
  await nothingBroke(visitor);
  await visitor.close();
});
