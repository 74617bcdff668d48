/* What a delivery changed: the page that a restatement opens, in all of its states. */
import { join } from 'node:path';
import { accessible, heading, noSidewaysScroll, nothingBroke, oneLine, picture, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const PAGE = '/sources/aws-2026-10-2';

async function opened(context, path = PAGE, look = {}) {
  const visitor = await visit(context, path, look);
  await settled(visitor.page);
  return visitor;
}

/** "+1,234.50" in hundredths, as a whole number. */
const units = (text) => BigInt(text.replace(/[^\d−]/g, '').replace('−', '-') || '0');

for (const theme of ['light', 'dark'])
  for (const width of [1440, 1024, 390])
    test(`delivery, ${theme}, ${width} px: clean and accessible`, async (context) => {
      const visitor = await opened(context, PAGE, { theme, width, height: width === 390 ? 844 : 1000 });
      await picture(visitor.page, join(context.out, `delivery-${width}-${theme}.png`));
      await nothingBroke(visitor);
      await noSidewaysScroll(visitor.page);
      await accessible(visitor.page);
      await visitor.close();
    });

test('delivery: a restatement leads to what it changed, and its rows add up by each split', async (context) => {
  const visitor = await opened(context, '/sources');
  const { page } = visitor;
  await page.getByRole('region', { name: /^Restatement/ }).getByRole('link', { name: 'What changed' }).click();
  await page.waitForURL(/\/sources\/aws-2026-10-2/);
  await settled(page);
  assert.match(oneLine(await heading(page)), /^aws billed October 2026 anew: \$[\d,.]+, \+\$[\d,.]+ on what stood before\. .* changed most, \+\$[\d,.]+; 41 charges more\.$/);
  for (const split of ['Service', 'Account', 'Day', 'Charge', 'Resource']) {
    await page.getByRole('button', { name: split, exact: true }).click();
    const table = page.getByRole('table', { name: `By ${split.toLowerCase()}, USD` });
    await table.waitFor();
    const rows = await table.locator('tbody tr').all();
    const cells = await Promise.all(rows.map((r) => r.locator('td').allInnerTexts()));
    const total = await table.locator('tfoot td').allInnerTexts();
    const charges = cells.reduce((n, c) => n + units(c[1]), 0n);
    assert.equal(charges, 41n, `charges by ${split}`);
    const off = cells.reduce((n, c) => n + units(c[5]), 0n) - units(total[5]);
    assert.ok(off >= -BigInt(rows.length) && off <= BigInt(rows.length), `cents by ${split} are off by ${off}`);
  }
  assert.equal(await page.locator('.note-bad').count(), 0);
  await page.goBack();
  await page.waitForURL(/\/sources/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('delivery: a row opens its charges, and the report its checks', async (context) => {
  const visitor = await opened(context);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Report and checks' }).click();
  await page.getByRole('dialog', { name: 'Delivery aws-2026-10-2' }).getByRole('heading', { name: 'Checks' }).waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('toolbar', { name: 'Scope' }).count(), 0, 'no scope that has no effect');
  const row = page.getByRole('table', { name: /^By service/ }).locator('tbody tr').first();
  const after = oneLine(await row.locator('td').nth(3).innerText());
  await row.getByRole('button').click();
  await page.waitForURL(/\/explore\?.*view=charges/);
  const address = decodeURIComponent(page.url());
  assert.match(address, /"source".*"aws".*"billing_period".*"2026-10".*"service"/);
  assert.match(address, /currency=USD/);
  await settled(page);
  assert.ok(oneLine(await page.locator('tfoot').innerText()).includes(`$${after}`), `${after} is the sum of what opens`);
  await nothingBroke(visitor);
  await visitor.close();
});

test('delivery: accounts go by their names', async (context) => {
  const visitor = await opened(context, `${PAGE}?split=sub_account`);
  const { page } = visitor;
  const button = page.getByRole('table', { name: 'By account, USD' }).getByRole('button').first();
  await page.getByRole('table', { name: 'By account, USD' }).getByText('prod-core').waitFor();
  assert.doesNotMatch(await page.getByRole('table', { name: 'By account, USD' }).innerText(), /41093722501\d/);
  await button.click();
  await page.waitForURL(/\/explore/);
  assert.match(decodeURIComponent(page.url()), /"sub_account".*"41093722501\d"/, 'and are asked for by their ids');
  await visitor.close();
});

test('delivery: what has been replaced since opens no charges', async (context) => {
  const visitor = await opened(context, '/sources/aws-2026-10-1');
  assert.ok((await visitor.page.getByRole('table', { name: /^By service/ }).locator('tbody tr').count()) > 3);
  assert.equal(await visitor.page.getByRole('table', { name: /^By service/ }).getByRole('button').count(), 0);
  await visitor.page.getByText('its charges have been replaced since').waitFor();
  await visitor.close();
});

test('delivery: links keep the scope', async (context) => {
  const visitor = await opened(context, `${PAGE}?metric=list_cost`);
  await visitor.page.getByRole('link', { name: 'All sources' }).click();
  await visitor.page.waitForURL(/\/sources\?metric=list_cost/);
  await visitor.page.getByRole('region', { name: /^Restatement/ }).getByRole('link', { name: 'What changed' }).click();
  await visitor.page.waitForURL(/\/sources\/aws-2026-10-2\?metric=list_cost/);
  await visitor.close();
});

test('delivery: the first of a month says that everything came with it', async (context) => {
  const visitor = await opened(context, '/sources/google-2026-09-1?split=time');
  assert.match(oneLine(await heading(visitor.page)), /^google billed September 2026 with \$[\d,.]+\. The first delivery of it/);
  assert.equal(await visitor.page.locator('tbody .tag').count(), 30, 'each day is new');
  await picture(visitor.page, join(context.out, 'delivery-first.png'));
  await accessible(visitor.page);
  await visitor.close();
});

test('delivery: the same again says that nothing differs', async (context) => {
  const visitor = await opened(context, '/sources/azure-2026-11-2');
  assert.match(oneLine(await heading(visitor.page)), /delivered November 2026 again, the same to the last digit/);
  await visitor.page.getByText('Nothing differs').waitFor();
  await picture(visitor.page, join(context.out, 'delivery-same.png'));
  await accessible(visitor.page);
  await visitor.close();
});

test('delivery: two currencies have a table each', async (context) => {
  const visitor = await opened(context, PAGE, { state: 'two-currencies' });
  const { page } = visitor;
  await page.getByRole('table', { name: 'By service, EUR' }).waitFor();
  await page.getByRole('table', { name: 'By service, USD' }).waitFor();
  assert.match(oneLine(await heading(page)), /€[\d,.]+ and \$[\d,.]+/);
  await picture(page, join(context.out, 'delivery-two-currencies.png'));
  await accessible(page);
  await visitor.close();
});

test('delivery: one that is not there, and no server, say so', async (context) => {
  const gone = await opened(context, '/sources/no-such', { expectErrors: true });
  await gone.page.getByText('nothing has this id').waitFor();
  await accessible(gone.page);
  await gone.close();
  const down = await visit(context, PAGE, { state: 'down', expectErrors: true });
  await down.page.getByText('No answer from the server').first().waitFor();
  assert.ok((await down.page.getByRole('button', { name: 'Try again' }).count()) > 0);
  await accessible(down.page);
  await down.close();
});
