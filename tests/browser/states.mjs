/* Each page when there is nothing, not yet, not all, or an error: it says why, and what to do. */
import { join } from 'node:path';
import { accessible, heading, nothingBroke, picture as take, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const PAGES = { overview: '/', explore: '/explore', sources: '/sources' };

const picture = (context, visitor, name) => take(visitor.page, join(context.out, `state-${name}.png`));

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name} without a bill names the one next step and no amount`, async (context) => {
    const visitor = await visit(context, path, { state: 'empty' });
    await visitor.page.getByText('Drop a bill here to begin').waitFor();
    await picture(context, visitor, `${name}-empty`);
    const text = await visitor.page.locator('body').innerText();
    assert.doesNotMatch(text, /\$|0\.00/, 'unknown is never 0');
    assert.equal(await visitor.page.locator('.btn-ink').count(), 1, 'one ink button');
    await nothingBroke(visitor);
    await accessible(visitor.page);
    await visitor.close();
  });

  test(`${name} shows a skeleton while it waits, and no figure`, async (context) => {
    const visitor = await visit(context, path, { state: 'slow' });
    const text = await visitor.page.waitForFunction(() => document.querySelector('[aria-label=Loading] .sk, [aria-label=Loading] i') && document.querySelector('#page').innerText);
    assert.doesNotMatch(await text.jsonValue(), /\$/);
    await picture(context, visitor, `${name}-loading`);
    await accessible(visitor.page);
    await settled(visitor.page);
    await nothingBroke(visitor);
    await visitor.close();
  });

  test(`${name} without a server says so and offers to try again`, async (context) => {
    const visitor = await visit(context, path, { state: 'down', expectErrors: true });
    await visitor.page.getByText('No answer from the server').first().waitFor();
    await picture(context, visitor, `${name}-down`);
    assert.ok((await visitor.page.getByRole('button', { name: 'Try again' }).count()) > 0);
    await nothingBroke(visitor);
    await accessible(visitor.page);
    await visitor.close();
  });
}

for (const [name, path] of Object.entries({ overview: '/', explore: '/explore' }))
  test(`${name} with failing questions gives the reason and the request id`, async (context) => {
    const visitor = await visit(context, path, { state: 'failed', expectErrors: true });
    await visitor.page.getByText('The query ran out of its memory limit').first().waitFor();
    await settled(visitor.page);
    await picture(context, visitor, `${name}-failed`);
    const text = await visitor.page.locator('#page').innerText();
    assert.match(text, /req [0-9a-f-]{8,}/);
    assert.match(text, /A coarser grain, or fewer groups, will fit/);
    assert.doesNotMatch(text, /\$0\b/);
    await nothingBroke(visitor);
    await accessible(visitor.page);
    await visitor.close();
  });

test('a card fails alone', async (context) => {
  const visitor = await visit(context, '/', { state: 'failed-one', expectErrors: true });
  await visitor.page.getByText('The query ran out of its memory limit').first().waitFor();
  await settled(visitor.page);
  await picture(context, visitor, 'overview-failed-one');
  assert.match(await heading(visitor.page), /^November stands at \$/);
  assert.ok(await visitor.page.getByRole('link', { name: 'prod-core', exact: true }).isVisible(), 'accounts are there');
  await nothingBroke(visitor);
  await visitor.close();
});

test('a failed card is back after Try again', async (context) => {
  const visitor = await visit(context, '/explore', { state: 'failed', expectErrors: true });
  const { page } = visitor;
  await page.getByText('The query ran out of its memory limit').first().waitFor();
  await page.setExtraHTTPHeaders({ 'x-fixture': 'full' });
  const retry = page.getByRole('button', { name: 'Try again' });
  for (let n = 0; n < 4 && (await retry.count()) > 0; n++) {
    await retry.first().click();
    await settled(page);
  }
  await page.getByRole('button', { name: 'Amazon Elastic Compute Cloud' }).first().waitFor();
  await visitor.close();
});

test('a late source is named, once, and is not taken as 0', async (context) => {
  const visitor = await visit(context, '/');
  await settled(visitor.page);
  assert.equal(await visitor.page.locator('.note').count(), 1);
  assert.match(await visitor.page.locator('.note').innerText(), /oracle is one day late/);
  assert.ok(await visitor.page.getByRole('img', { name: /oracle: 18 days complete, 1 missing/ }).isVisible());
  await visitor.close();
});

test('filters that leave nothing say so and can be removed', async (context) => {
  const visitor = await visit(context, '/explore?filters=[{"field":"service","op":"in","values":["No such service"]}]');
  const { page } = visitor;
  await page.getByText('Nothing fits these filters').waitFor();
  await picture(context, visitor, 'explore-filtered-out');
  await accessible(page);
  await page.getByRole('button', { name: 'Remove the filters' }).click();
  await page.getByRole('button', { name: 'Amazon Elastic Compute Cloud' }).waitFor();
  await visitor.close();
});

test('a time without charges offers another', async (context) => {
  const visitor = await visit(context, '/explore?time=2020-01-01..2020-02-01');
  await visitor.page.getByText('No charge in this time').waitFor();
  assert.doesNotMatch(await visitor.page.locator('#page').innerText(), /\$0/);
  await visitor.close();
});

for (const path of ['/', '/explore', '/sources'])
  test(`two currencies are never in one question, ${path}`, async (context) => {
    const visitor = await visit(context, path, { state: 'two-currencies' });
    await settled(visitor.page);
    const money = visitor.questions.map((q) => JSON.parse(q)).filter((p) => p.measures.some((m) => m.endsWith('_cost')));
    for (const p of money)
      assert.ok(p.filters?.some((f) => f.field === 'currency' && f.values.length === 1), JSON.stringify(p));
    await picture(context, visitor, `two-currencies${path.replaceAll('/', '-')}`);
    await nothingBroke(visitor);
    await visitor.close();
  });
