/* One currency: the menu, the rates under the headline, a gap, the organisation's choice, rates brought by a file. */
import { join } from 'node:path';
import { accessible, heading, noSidewaysScroll, nothingBroke, picture, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const asked = (visitor) => visitor.questions.map((q) => JSON.parse(q)).filter((p) => p.measures[0] === 'effective_cost');

async function choose(page, name) {
  await page.getByRole('toolbar', { name: 'Scope' }).getByRole('button', { name: /^(in )?(USD|EUR|GBP)$/ }).click();
  await page.getByRole('menuitemcheckbox', { name }).click();
  await settled(page);
}

test('everything is shown in the currency that is chosen, with its rates', async (context) => {
  const visitor = await visit(context, '/explore');
  await settled(visitor.page);
  assert.equal(await visitor.page.locator('[data-rates]').count(), 0);
  await choose(visitor.page, /^In EUR/);
  assert.match(visitor.page.url(), /[?&]in=EUR/);
  assert.match(await heading(visitor.page), /€|EUR/);
  assert.match(await visitor.page.locator('[data-rates]').innerText(), /Converted into EUR by the rates of each day: USD at about 0\.86/);
  assert.ok(asked(visitor).some((p) => p.currency === 'EUR' && !p.filters));
  await accessible(visitor.page);
  await choose(visitor.page, /^USD/);
  assert.match(await heading(visitor.page), /\$/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('a rate that is missing is named, and the way back stays', async (context) => {
  const visitor = await visit(context, '/explore?in=GBP');
  await visitor.page.getByText(/no exchange rate from USD to GBP/).first().waitFor();
  await choose(visitor.page, /^USD/);
  assert.match(await heading(visitor.page), /\$/);
  await visitor.close();
});

for (const theme of ['light', 'dark'])
  for (const width of [1440, 390])
    for (const [name, path] of [['overview', '/?in=EUR'], ['sources', '/sources']])
      test(`rates on ${name}, ${theme}, ${width} px`, async (context) => {
        const visitor = await visit(context, path, { theme, width, height: width === 390 ? 844 : 1000 });
        await settled(visitor.page);
        if (name === 'sources') await visitor.page.getByRole('heading', { name: 'Exchange rates' }).scrollIntoViewIfNeeded();
        await picture(visitor.page, join(context.out, `rates-${name}-${width}-${theme}.png`));
        await nothingBroke(visitor);
        await noSidewaysScroll(visitor.page);
        await accessible(visitor.page);
        await visitor.close();
      });

test('rates that are not there, and rates that failed, say so', async (context) => {
  const none = await visit(context, '/sources', { state: 'no-rates' });
  await none.page.getByText('No exchange rates yet').waitFor();
  await none.close();
  const failed = await visit(context, '/sources', { state: 'failed-rates', expectErrors: true });
  await failed.page.getByText('The state store is busy').waitFor();
  await failed.close();
});

test('the organisation reports in a currency until it says otherwise; rates are brought by a file', async (context) => {
  const visitor = await visit(context, '/sources');
  await settled(visitor.page);
  const reports = visitor.page.getByLabel('The organisation reports');
  await visitor.page.getByLabel('File of exchange rates').setInputFiles({
    name: 'own.csv', mimeType: 'text/csv', buffer: Buffer.from('date,from,to,rate\n2026-11-19,USD,CHF,0.81\n'),
  });
  await visitor.page.getByRole('cell', { name: 'own.csv' }).waitFor();
  await reports.selectOption('EUR');
  await visitor.page.getByText('Everybody’s figures are in EUR now').waitFor();
  await visitor.page.goto(`${context.base}/explore`);
  await settled(visitor.page);
  assert.match(await visitor.page.locator('[data-rates]').innerText(), /Converted into EUR/);
  await choose(visitor.page, /^USD/);
  assert.ok(asked(visitor).some((p) => p.currency === null));
  await visitor.page.goto(`${context.base}/sources`);
  await settled(visitor.page);
  await reports.selectOption('');
  await visitor.page.getByText('Everybody’s figures are as billed now').waitFor();
  await visitor.close();
});
