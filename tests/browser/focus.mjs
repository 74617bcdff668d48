/* The validator: a file is dropped, checked, and what is wrong with it is told; in all of its states. */
import { join } from 'node:path';
import { accessible, heading, noSidewaysScroll, nothingBroke, oneLine, picture, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const drop = (page, ...names) =>
  page.setInputFiles('input[type=file]', names.map((name) => ({ name, mimeType: 'text/csv', buffer: Buffer.alloc(200000) })));

async function checked(context, names, look = {}) {
  const visitor = await visit(context, '/focus', look);
  await settled(visitor.page);
  await drop(visitor.page, ...names);
  await visitor.page.getByRole('link', { name: 'HTML' }).waitFor();
  await settled(visitor.page);
  return visitor;
}

for (const theme of ['light', 'dark'])
  for (const width of [1440, 390])
    test(`the validator, ${theme}, ${width} px: empty and full are clean and accessible`, async (context) => {
      const look = { width, theme, height: width === 390 ? 844 : 1000 };
      const empty = await visit(context, '/focus', look);
      await settled(empty.page);
      await picture(empty.page, join(context.out, `focus-empty-${width}-${theme}.png`));
      await noSidewaysScroll(empty.page);
      await accessible(empty.page);
      assert.equal(await empty.page.locator('.btn-ink').count(), 1, 'one ink button');
      await empty.close();
      const full = await checked(context, ['bill.csv'], look);
      await picture(full.page, join(context.out, `focus-${width}-${theme}.png`));
      await noSidewaysScroll(full.page);
      await accessible(full.page);
      await full.page.getByRole('button', { name: 'BilledCost is a plain decimal number' }).click();
      await picture(full.page, join(context.out, `focus-rule-${width}-${theme}.png`));
      const text = oneLine(await full.page.getByRole('dialog').innerText());
      assert.match(text, /1,204 times .* What to do Write digits with a point/);
      assert.match(text, /line 17 .* BilledCost = 12,30/);
      await accessible(full.page);
      await nothingBroke(full);
      await full.close();
    });

test('a report says how much is broken, and filters by what binds', async (context) => {
  const visitor = await checked(context, ['bill.csv']);
  const { page } = visitor;
  assert.match(oneLine(await heading(page)), /^2 rules of FOCUS 1\.2 are broken, 1,207 times\. 1 recommendation is not met; 2 rules could not be checked\./);
  assert.equal(await page.locator('.focus-table tbody tr').count(), 3);
  await page.getByRole('button', { name: 'Advice 1' }).click();
  assert.equal(await page.locator('.focus-table tbody tr').count(), 1);
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('the column is not there').waitFor();
  await accessible(page);
  assert.match(await page.getByRole('link', { name: 'JUnit' }).getAttribute('href'), /\/jobs\/[0-9a-f-]{36}\/file\?name=report\.xml$/);
  await page.reload();
  await page.getByRole('link', { name: 'HTML' }).waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('a file that breaks nothing is told so, and no number is made up', async (context) => {
  const visitor = await checked(context, ['valid.csv']);
  assert.match(await heading(visitor.page), /^Every rule of FOCUS 1\.2 that binds holds\./);
  await picture(visitor.page, join(context.out, 'focus-valid.png'));
  await accessible(visitor.page);
  await visitor.close();
});

test('a file of something else is named; what is said is of the others', async (context) => {
  const visitor = await checked(context, ['bill.csv', 'odd.csv']);
  assert.match(await visitor.page.locator('.note').innerText(), /odd\.csv is no file of FOCUS/);
  await accessible(visitor.page);
  await visitor.close();
});

test('the version that is chosen is asked for', async (context) => {
  const visitor = await visit(context, '/focus');
  const { page } = visitor;
  await settled(page);
  await page.getByRole('button', { name: '1.4' }).click();
  await page.waitForURL(/version=/);
  await drop(page, 'bill.csv');
  await page.getByText('FOCUS 1.4 (as asked for)').waitFor();
  await visitor.close();
});

test('a check that fails says why, and lets one begin again', async (context) => {
  const visitor = await visit(context, '/focus');
  const { page } = visitor;
  await settled(page);
  await drop(page, 'broken.csv');
  await page.getByText('Limit reached').waitFor();
  await picture(page, join(context.out, 'focus-failed.png'));
  await accessible(page);
  assert.match(oneLine(await page.getByRole('alert').innerText()), /more than 1000 files Check them in parts\. req job/);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByText('Limit reached').waitFor({ state: 'detached' });
  await visitor.close();
});

test('a report that is gone is told', async (context) => {
  const visitor = await visit(context, '/focus?job=01a22788-1908-7c37-a388-26157f41f85e', { expectErrors: true });
  await visitor.page.getByText('nothing has this id').waitFor();
  await accessible(visitor.page);
  await visitor.close();
});

test('the validator without a server says so', async (context) => {
  const visitor = await visit(context, '/focus?job=01a22788-1908-7c37-a388-26157f41f85e', { state: 'down', expectErrors: true });
  await visitor.page.getByText('No answer from the server').first().waitFor();
  await visitor.close();
});
