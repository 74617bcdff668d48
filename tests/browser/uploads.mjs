/* An upload goes on while its person looks at other pages, and none is lost unasked. */
import { join } from 'node:path';
import { accessible, noSidewaysScroll, nothingBroke, oneLine, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const BILL = { name: 'focus-azure.csv.gz', mimeType: 'application/gzip', buffer: Buffer.alloc(300000) };
const news = (page) => page.getByRole('complementary', { name: 'Upload under way' });

async function dropped(context, look = {}) {
  const visitor = await visit(context, '/sources', look);
  await settled(visitor.page);
  await visitor.page.setInputFiles('input[aria-label="Bills to read"]', BILL);
  await visitor.page.locator('.upload').waitFor();
  return visitor;
}

for (const [width, theme] of [[1440, 'light'], [390, 'dark']])
  test(`upload: it goes on behind other pages, ${width} px, ${theme}`, async (context) => {
    const visitor = await dropped(context, { width, theme, height: width === 390 ? 844 : 1000 });
    const { page } = visitor;
    assert.equal(await news(page).count(), 0, 'its card says it all');
    await page.getByRole('link', { name: 'Explore' }).locator('visible=true').first().click();
    await page.waitForURL(/explore/);
    await news(page).getByText('focus-azure.csv.gz: read, and not stored yet').waitFor();
    await settled(page);
    await page.screenshot({ path: join(context.out, `upload-behind-${width}-${theme}.png`) });
    await noSidewaysScroll(page);
    await accessible(page);
    await news(page).getByRole('link', { name: 'Open' }).click();
    await page.waitForURL(/sources/);
    await page.getByRole('button', { name: 'Load into the ledger' }).click();
    await page.goBack();
    await news(page).getByText('focus-azure.csv.gz: in the ledger').waitFor();
    await news(page).getByRole('button', { name: 'Close' }).click();
    await news(page).waitFor({ state: 'detached' });
    await nothingBroke(visitor);
    await visitor.close();
  });

test('upload: leaving the application while it is under way asks first', async (context) => {
  const visitor = await dropped(context);
  const { page } = visitor;
  const held = () => page.evaluate(() => {
    const event = new Event('beforeunload', { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  });
  assert.equal(await held(), true);
  await page.getByText('Dry run').waitFor();
  assert.equal(await held(), false, 'what has been read can be read again');
  await visitor.close();
});

test('upload: a busy server can be asked again', async (context) => {
  const visitor = await dropped(context, { expectErrors: true });
  const { page } = visitor;
  await page.getByText('Dry run').waitFor();
  await page.setExtraHTTPHeaders({ 'x-fixture': 'busy' });
  await page.getByRole('button', { name: 'Load into the ledger' }).click();
  await page.getByRole('alert').getByText('The server is busy').waitFor();
  await page.setExtraHTTPHeaders({ 'x-fixture': 'full' });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Load into the ledger' }).click();
  await page.locator('.upload').getByText('Loaded').waitFor();
  assert.match(oneLine(await page.locator('.upload').innerText()), /Done$/);
  await nothingBroke(visitor);
  await visitor.close();
});
