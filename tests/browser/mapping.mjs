/* A bill of unknown columns: proposed, settled, tried on the first lines, read, and loaded; and all that can go wrong. */
import { join } from 'node:path';
import { accessible, noSidewaysScroll, nothingBroke, oneLine, picture, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const HOSTING = { name: 'hosting.csv', mimeType: 'text/csv', buffer: Buffer.from('Datum;Produkt;Menge;Preis;Rabatt\n') };

async function dropped(context, look = {}, file = HOSTING) {
  const visitor = await visit(context, '/sources', look);
  await settled(visitor.page);
  await visitor.page.setInputFiles('input[aria-label="Bills to read"]', file);
  await visitor.page.getByText('Its columns are not known').waitFor();
  return visitor;
}

const editor = (page) => page.getByRole('textbox', { name: 'What makes which column' });
const read = (page) => page.getByRole('button', { name: 'Read the file by this' });
const status = async (page) => oneLine(await page.getByRole('dialog').getByRole('status').innerText());

async function settle(page, currency = 'EUR') {
  const text = await editor(page).inputValue();
  await editor(page).fill(text.replace(/ {2}# CHOOSE: is the.*/, '').replace(/\{value: CHOOSE\}.*/, `{value: ${currency}}`));
}

for (const theme of ['light', 'dark'])
  for (const width of [1440, 1024, 390])
    test(`mapping of unknown columns, ${theme}, ${width} px: clean and accessible in each step`, async (context) => {
      const visitor = await dropped(context, { theme, width, height: width === 390 ? 844 : 1000 });
      const { page } = visitor;
      const look = async (name) => {
        await picture(page, join(context.out, `mapping-${name}-${width}-${theme}.png`));
        await noSidewaysScroll(page);
        await accessible(page);
      };
      assert.equal(await page.locator('.btn-ink').count(), 1, 'one ink button');
      await look('unknown');
      await page.getByRole('button', { name: 'Explain its columns' }).click();
      await page.getByRole('region', { name: 'The file’s first lines' }).waitFor();
      await look('proposed');
      await settle(page);
      await page.getByRole('region', { name: 'What the first lines become' }).waitFor();
      await look('settled');
      await nothingBroke(visitor);
      await visitor.close();
    });

test('mapping: a bill of unknown columns is explained, read and loaded', async (context) => {
  const visitor = await dropped(context);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Explain its columns' }).click();
  await editor(page).waitFor();
  assert.match(await status(page), /^2 lines are yours to settle/);
  assert.ok(await read(page).isDisabled());
  const doubts = page.getByRole('list', { name: 'To settle' });
  assert.match(oneLine(await doubts.innerText()), /Line 7, BilledCost Is the discount a percentage.* Line 8, BillingCurrency Its code/);
  await doubts.getByRole('button', { name: 'Line 8, BillingCurrency' }).click();
  assert.match(await page.evaluate(() => window.getSelection().toString()), /^ {2}BillingCurrency/);
  await settle(page);
  const became = page.getByRole('region', { name: 'What the first lines become' });
  await became.waitFor();
  assert.match(oneLine(await became.locator('tbody tr').first().innerText()), /2026-10-01T00:00:00Z Server 2222\.1 EUR/);
  assert.match(await status(page), /^The first lines can be read/);
  await read(page).click();
  await page.locator('.upload').getByText('Dry run').waitFor();
  assert.match(oneLine(await page.locator('.upload').innerText()), /3 read, 3 to store .*€2,323\.60.* equal/);
  await page.getByRole('button', { name: 'Change the mapping' }).click();
  assert.match(await editor(page).inputValue(), /value: EUR/, 'as it was settled');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Load into the ledger' }).click();
  await page.locator('.upload').getByText('Loaded').waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('mapping: one that names no column of the file says so, with the line', async (context) => {
  const visitor = await dropped(context, { expectErrors: true });
  const { page } = visitor;
  await page.getByRole('button', { name: 'Explain its columns' }).click();
  await editor(page).waitFor();
  await settle(page);
  await editor(page).fill((await editor(page).inputValue()).replace('"Datum"', '"Betrag"'));
  await page.getByRole('alert').getByText('line 10: the file has no column "Betrag". The nearest is "Datum".').waitFor();
  assert.ok(await read(page).isDisabled());
  await picture(page, join(context.out, 'mapping-wrong.png'));
  await accessible(page);
  await editor(page).fill((await editor(page).inputValue()).replace('"Betrag"', '"Datum"'));
  await page.getByRole('region', { name: 'What the first lines become' }).waitFor();
  assert.ok(await read(page).isEnabled());
  await nothingBroke(visitor);
  await visitor.close();
});

test('mapping: a value that the first lines are refused for is shown where it is', async (context) => {
  const visitor = await dropped(context);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Explain its columns' }).click();
  await editor(page).waitFor();
  await settle(page, 'euro');
  const became = page.getByRole('region', { name: 'What the first lines become' });
  await became.getByText('“euro”: currency').first().waitFor();
  assert.match(await status(page), /^3 of the first lines are refused/);
  assert.ok(await read(page).isDisabled());
  await picture(page, join(context.out, 'mapping-refused.png'));
  await accessible(page);
  await visitor.close();
});

test('mapping: it can be settled without a mouse', async (context) => {
  const visitor = await dropped(context);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Explain its columns' }).focus();
  await page.keyboard.press('Enter');
  await editor(page).waitFor();
  for (let n = 0; n < 12 && !(await editor(page).evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press('Tab');
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('columns:\n  BillingCurrency: {value: EUR}\n');
  await page.getByRole('region', { name: 'What the first lines become' }).waitFor();
  for (let n = 0; n < 8 && !(await read(page).evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('.upload').getByText('Dry run').waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('mapping: an emptied editor stays, and the proposal comes back', async (context) => {
  const visitor = await dropped(context);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Explain its columns' }).click();
  await editor(page).waitFor();
  const proposed = await editor(page).inputValue();
  await editor(page).fill('');
  await page.getByText('It is empty').waitFor();
  await page.waitForTimeout(600);
  assert.ok(await editor(page).isVisible());
  assert.ok(await read(page).isDisabled());
  await editor(page).fill('columns:\n');
  assert.equal(await editor(page).inputValue(), 'columns:\n');
  await page.getByRole('button', { name: 'Discard what I wrote' }).click();
  await page.waitForFunction((text) => document.querySelector('textarea').value === text, proposed);
  await nothingBroke(visitor);
  await visitor.close();
});

test('mapping: what was written stays until it is read by or discarded, whatever the server says', async (context) => {
  const visitor = await dropped(context, { expectErrors: true });
  const { page } = visitor;
  await page.getByRole('button', { name: 'Explain its columns' }).click();
  await editor(page).waitFor();
  await settle(page);
  const written = await editor(page).inputValue();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Explore' }).first().click();
  await page.waitForURL(/explore/);
  await page.getByRole('complementary', { name: 'Upload under way' }).getByRole('link', { name: 'Open' }).click();
  await page.waitForURL(/sources/);
  await page.getByRole('button', { name: 'Go on with the mapping' }).click();
  assert.equal(await editor(page).inputValue(), written, 'closed and left, it is there');
  await page.getByRole('region', { name: 'What the first lines become' }).waitFor();
  await page.setExtraHTTPHeaders({ 'x-fixture': 'busy' });
  await read(page).click();
  const alert = page.locator('.upload').getByRole('alert');
  await alert.getByText('The server is busy').waitFor();
  assert.match(await alert.innerText(), /Try again in a moment/);
  await page.getByRole('button', { name: 'Go on with the mapping' }).click();
  assert.equal(await editor(page).inputValue(), written, 'refused with 503, it is there');
  await editor(page).fill(`${written}# one more line\n`);
  await page.getByRole('dialog').getByRole('alert').waitFor();
  assert.match(await status(page), /^It could not be tried\. What you wrote is kept\./);
  await accessible(page);
  await page.setExtraHTTPHeaders({ 'x-fixture': 'full' });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('region', { name: 'What the first lines become' }).waitFor();
  await read(page).click();
  await page.locator('.upload').getByText('Dry run').waitFor();
  await page.getByRole('button', { name: 'Change the mapping' }).click();
  assert.match(await editor(page).inputValue(), /# one more line/, 'read by it, it is the mapping');
  assert.equal(await page.getByRole('button', { name: 'Discard what I wrote' }).count(), 0);
  await nothingBroke(visitor);
  await visitor.close();
});

test('mapping: the drawer is no part of what is announced, and cells that are cut say all', async (context) => {
  const visitor = await dropped(context);
  const { page } = visitor;
  const alert = page.locator('.upload').getByRole('alert');
  assert.match(oneLine(await alert.innerText()), /Say which kind it is with --format/, 'the hint of the server is there');
  assert.equal(await alert.getByRole('button').count(), 0);
  await page.getByRole('button', { name: 'Explain its columns' }).click();
  await editor(page).waitFor();
  assert.equal(await page.locator('[role=alert] dialog').count(), 0);
  const long = page.getByRole('region', { name: 'The file’s first lines' }).getByRole('cell', { name: /^Speicher mit einem Namen/ });
  assert.equal(await long.getAttribute('title'), await long.innerText());
  await visitor.close();
});

test('mapping: a file that no mapping can be made of says why', async (context) => {
  const visitor = await dropped(context, { expectErrors: true }, { ...HOSTING, name: 'hosting-picture.csv' });
  const { page } = visitor;
  await page.getByRole('button', { name: 'Explain its columns' }).click();
  await page.getByText('hosting-picture.csv: the header is not UTF-8').waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await visitor.close();
});
