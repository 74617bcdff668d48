/* Bills, their checks and invoices against the ledger: the page in all of its states, and what people do there. */
import { join } from 'node:path';
import { accessible, heading, noSidewaysScroll, nothingBroke, oneLine, picture, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const PAGE = '/reconciliation';
const BILL = `${PAGE}?source=aws&period=2026-10`;

async function opened(context, path = PAGE, look = {}) {
  const visitor = await visit(context, path, look);
  await settled(visitor.page);
  return visitor;
}

async function compared(page, name) {
  await page.setInputFiles('input[aria-label="Invoice to compare"]', { name, mimeType: 'text/csv', buffer: Buffer.from('InvoiceId,BilledCost,BillingCurrency\n') });
  await page.getByRole('region', { name: new RegExp(`^${name} against`) }).waitFor();
}

const answer = async (page) => oneLine(await page.locator('.answer').innerText());

for (const theme of ['light', 'dark'])
  for (const width of [1440, 1024, 390])
    test(`reconciliation, ${theme}, ${width} px: clean and accessible with all bills, one, and invoices`, async (context) => {
      const visitor = await opened(context, PAGE, { theme, width, height: width === 390 ? 844 : 1000, state: 'unbalanced' });
      const { page } = visitor;
      const look = async (name) => {
        await picture(page, join(context.out, `reconciliation-${name}-${width}-${theme}.png`));
        await noSidewaysScroll(page);
        await accessible(page);
      };
      await look('bills');
      await page.getByRole('button', { name: 'aws, October 2026' }).click();
      await page.getByRole('region', { name: 'Checks', exact: true }).waitFor();
      await settled(page);
      await look('bill');
      await compared(page, 'october.csv');
      await look('invoices');
      await page.getByRole('button', { name: 'INV-AWS-202610' }).click();
      await page.getByRole('dialog', { name: 'Invoice INV-AWS-202610' }).waitFor();
      await look('invoice');
      await nothingBroke(visitor);
      await visitor.close();
    });

test('reconciliation: at 320 px it reflows', async (context) => {
  for (const path of [PAGE, BILL]) {
    const visitor = await opened(context, path, { width: 320, height: 640 });
    await noSidewaysScroll(visitor.page);
    await visitor.close();
  }
});

test('reconciliation: all bills hold, said in a sentence, with the remark named', async (context) => {
  const visitor = await opened(context);
  const { page } = visitor;
  assert.match(oneLine(await heading(page)), /^All 56 bills hold: what was delivered is in the ledger, to the last digit\. One has remarks: azure for October 2026\.$/);
  assert.equal(await page.getByRole('toolbar', { name: 'Scope' }).count(), 0, 'no scope that has no effect');
  await page.getByRole('button', { name: /^To look at 1$/ }).click();
  await page.waitForURL(/show=open/);
  assert.equal(await page.locator('tbody tr').count(), 1);
  assert.match(oneLine(await page.locator('tbody tr').innerText()), /^azure Oct 2026 .* Remark$/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('reconciliation: what does not hold comes first, and says by how much and where', async (context) => {
  const visitor = await opened(context, PAGE, { state: 'unbalanced' });
  const { page } = visitor;
  assert.match(oneLine(await heading(page)), /^aws for October 2026 and oracle for September 2026 do not hold\. 54 other bills hold\./);
  const first = page.locator('tbody tr').first();
  assert.match(oneLine(await first.innerText()), /^aws Oct 2026 [\d,.]+ [\d,.]+ −0\.01 1 fails, 5 hold Does not hold$/);
  const right = await first.locator('td').evaluateAll((cells) => cells.slice(2, 5).map((c) => getComputedStyle(c).textAlign));
  assert.deepEqual(right, ['right', 'right', 'right'], 'amounts stand at the right');
  await first.locator('td').nth(4).click();
  await page.waitForURL(/source=aws&period=2026-10|period=2026-10&source=aws/);
  await settled(page);
  assert.match(oneLine(await heading(page)), /^aws for October 2026 does not balance: \$[\d,.]+ delivered, \$[\d,.]+ in the ledger, −\$0\.01 between them\. 5 checks hold; native total does not hold\.$/);
  const check = page.getByRole('region', { name: 'Checks', exact: true }).locator('tbody tr').first();
  assert.match(oneLine(await check.innerText()), /^Native total, USD line_item_unblended_cost .*Amazon Simple Storage Service, 2026-10-07, account 410937225018.* −0\.01 Does not hold$/);
  assert.equal(await page.locator('.exact').count(), 0, 'what does not balance has no such sign');
  await page.goBack();
  await page.getByRole('button', { name: 'oracle, September 2026' }).click();
  await settled(page);
  assert.match(oneLine(await heading(page)), /that no current delivery brought/);
  assert.match(await page.locator('#page').innerText(), /no current delivery brought these charges/);
  await picture(page, join(context.out, 'reconciliation-orphan.png'));
  await nothingBroke(visitor);
  await visitor.close();
});

test('reconciliation: it is reached from Sources and from a delivery, and leads back', async (context) => {
  const visitor = await opened(context, '/sources?currency=USD');
  const { page } = visitor;
  await page.getByRole('region', { name: /^Balance/ }).getByRole('link', { name: /^Checks/ }).click();
  await page.waitForURL(/reconciliation\?.*period=2026-10/);
  assert.match(page.url(), /currency=USD/, 'the scope is kept');
  await settled(page);
  assert.equal(await page.locator('tbody tr').count(), 4, 'one bill for each source');
  await page.getByRole('button', { name: 'All again, not only October 2026' }).click();
  await page.getByRole('button', { name: 'All 56 bills' }).waitFor();
  await page.goto(`${context.base}/sources/aws-2026-10-2`);
  await settled(page);
  await page.getByRole('link', { name: 'Reconciliation', exact: true }).last().click();
  await page.getByRole('region', { name: 'Checks', exact: true }).waitFor();
  assert.match(oneLine(await heading(page)), /^aws for October 2026 holds: \$[\d,.]+ delivered and in the ledger, difference 0\.00\. All 6 checks hold\.$/);
  await page.getByRole('link', { name: 'Delivery aws-2026-10-2' }).click();
  await page.waitForURL(/sources\/aws-2026-10-2/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('reconciliation: an invoice that is exact says so', async (context) => {
  const visitor = await opened(context, BILL);
  const { page } = visitor;
  await compared(page, 'exact.csv');
  assert.match(await answer(page), /^Invoice INV-AWS-202610 is exact: \$[\d,.]+ invoiced and billed, difference 0\.00\.$/);
  await picture(page, join(context.out, 'reconciliation-exact.png'));
  await page.getByRole('region', { name: /^exact.csv against/ }).getByRole('button', { name: 'Close' }).click();
  await page.locator('.answer').waitFor({ state: 'detached' });
  await nothingBroke(visitor);
  await visitor.close();
});

test('reconciliation: what an invoice lacks is named with candidates, which open their charges', async (context) => {
  const visitor = await opened(context);
  const { page } = visitor;
  await compared(page, 'october.csv');
  assert.match(await answer(page), /^2 invoices of 4 are not explained\. 1 service or account differs within\. 2 lines of voided invoices passed over\.$/);
  const rows = (await page.getByRole('region', { name: 'Invoices, table' }).locator('tbody tr').allInnerTexts()).map(oneLine);
  assert.match(rows[0], /^INV-4711 USD 1 1,204\.11 0\.00 \+1,204\.11 Not billed$/);
  assert.match(rows[1], /^INV-AWS-202610 USD 24 [\d,.]+ [\d,.]+ −[\d,.]+ Unexplained$/);
  assert.match(rows[2], /^May be: Charge category Tax, 1 charge [\d,.]+$/);
  assert.ok(rows.some((r) => /^INV-AZURE-202610 .* Rounding$/.test(r)));
  assert.ok(rows.some((r) => /^INV-GOOGLE-202610 .* ±0\.00 Matched$/.test(r)));
  await page.getByRole('button', { name: 'INV-AWS-202610' }).click();
  const drawer = page.getByRole('dialog', { name: 'Invoice INV-AWS-202610' });
  assert.match(oneLine(await drawer.getByRole('row', { name: /^Tax/ }).innerText()), /^Tax 0\.00 [\d,.]+ −[\d,.]+ Not invoiced$/);
  await drawer.getByRole('link', { name: 'Charge category Tax' }).click();
  await page.waitForURL(/\/explore\?.*view=charges/);
  assert.match(decodeURIComponent(page.url()), /currency=USD/);
  assert.match(decodeURIComponent(page.url()), /"invoice".*"INV-AWS-202610".*"charge_category".*"Tax"/);
  await settled(page);
  assert.match(oneLine(await page.locator('#page').innerText()), /1 charge row\./);
  await nothingBroke(visitor);
  await visitor.close();
});

test('reconciliation: an invoice of one bill names what the file lacks, and its answer stays from bill to bill', async (context) => {
  const visitor = await opened(context, BILL);
  const { page } = visitor;
  await compared(page, 'october.csv');
  await page.getByText('Not invoiced').waitFor();
  await page.getByRole('button', { name: 'All again, not only aws' }).click();
  await settled(page);
  await page.locator('.answer').waitFor();
  assert.ok(await page.getByRole('region', { name: 'october.csv against aws, October 2026' }).isVisible(), 'it says what it was compared with');
  await nothingBroke(visitor);
  await visitor.close();
});

test('reconciliation: a file that cannot be read says where, and a slow one can be cancelled', async (context) => {
  const visitor = await opened(context, PAGE, { expectErrors: true });
  const { page } = visitor;
  const put = (name) => page.setInputFiles('input[aria-label="Invoice to compare"]', { name, mimeType: 'text/csv', buffer: Buffer.from('a\n') });
  await put('broken.csv');
  const alert = page.getByRole('alert');
  await alert.getByText('broken.csv:4: "12,30" is no amount').waitFor();
  assert.match(await alert.innerText(), /Amounts have a decimal point/);
  assert.equal(await alert.getByRole('button').count(), 0, 'the message alone is announced');
  await picture(page, join(context.out, 'reconciliation-broken.png'));
  await accessible(page);
  await page.getByRole('button', { name: 'Close' }).click();
  await put('slow.csv');
  await page.getByRole('group', { name: 'Comparison' }).getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('group', { name: 'Comparison' }).waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('alert').count(), 0, 'to cancel is no failure');
  await visitor.close();
});

test('reconciliation: without a bill, a server or an answer it says so', async (context) => {
  const empty = await opened(context, PAGE, { state: 'empty' });
  assert.match(oneLine(await heading(empty.page)), /^Nothing to reconcile yet\. No bill has been loaded\.$/);
  assert.doesNotMatch(await empty.page.locator('#page').innerText(), /\$|0\.00/, 'unknown is never 0');
  await picture(empty.page, join(context.out, 'reconciliation-empty.png'));
  await accessible(empty.page);
  await empty.close();
  const none = await opened(context, `${PAGE}?source=aws&period=2020-01`);
  assert.match(oneLine(await heading(none.page)), /^Nothing to reconcile for aws, January 2020\./);
  await none.page.getByRole('link', { name: 'All bills' }).click();
  await none.page.getByRole('button', { name: 'All 56 bills' }).waitFor();
  await none.close();
  const gone = await opened(context, `${PAGE}?source=nobody`, { expectErrors: true });
  await gone.page.getByText('no source "nobody"').waitFor();
  await gone.page.getByText('Sources are listed by').waitFor();
  await accessible(gone.page);
  await gone.close();
  const failed = await opened(context, PAGE, { state: 'failed', expectErrors: true });
  await failed.page.getByText('The query ran out of its memory limit').waitFor();
  await picture(failed.page, join(context.out, 'reconciliation-failed.png'));
  await failed.close();
  const down = await visit(context, PAGE, { state: 'down', expectErrors: true });
  await down.page.getByText('No answer from the server').first().waitFor();
  await accessible(down.page);
  await down.close();
  const slow = await visit(context, PAGE, { state: 'slow' });
  const text = await slow.page.waitForFunction(() => document.querySelector('[aria-label=Loading] .sk') && document.querySelector('#page').innerText);
  assert.doesNotMatch(await text.jsonValue(), /\$/);
  await picture(slow.page, join(context.out, 'reconciliation-loading.png'));
  await slow.close();
});

test('reconciliation: two currencies have a line each', async (context) => {
  const visitor = await opened(context, `${PAGE}?source=azure&period=2026-10`, { state: 'two-currencies' });
  assert.match(oneLine(await heading(visitor.page)), /holds: €[\d,.]+ and \$[\d,.]+ delivered and in the ledger/);
  const rows = (await visitor.page.getByRole('region', { name: 'Amounts' }).locator('tbody tr').allInnerTexts()).map(oneLine);
  assert.match(rows[0], /^Billed cost, EUR BilledCost/);
  assert.match(rows[1], /^Billed cost, USD BilledCost/);
  await visitor.close();
});

test('reconciliation: without a pointer, from the rail to a check and back', async (context) => {
  const visitor = await opened(context, '/', { state: 'unbalanced' });
  const { page } = visitor;
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.waitForURL(/reconciliation/);
  await settled(page);
  await page.keyboard.press('j');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'aws, October 2026');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Checks', exact: true }).waitFor();
  await page.goBack();
  await page.getByRole('region', { name: 'Bills', exact: true }).waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});
