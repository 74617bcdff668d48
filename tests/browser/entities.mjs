/* Pages of services, accounts, resources and tags: in all of their states, and the ways to them. */
import { join } from 'node:path';
import { accessible, heading, noSidewaysScroll, nothingBroke, oneLine, picture, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const EC2 = '/services/Amazon%20Elastic%20Compute%20Cloud';
const PAGES = { service: EC2, account: '/accounts/410937225016', tag: '/tags/Team' };

async function opened(context, path, look = {}) {
  const visitor = await visit(context, path, look);
  await settled(visitor.page);
  return visitor;
}

/** The first resource of a page, whose id is of the seed. */
async function aResource(page) {
  await page.getByRole('region', { name: 'Resources', exact: true }).locator('tbody a').first().click();
  await page.waitForURL(/\/resources\//);
  await settled(page);
}

for (const [name, path] of Object.entries(PAGES))
  for (const theme of ['light', 'dark'])
    for (const width of [1440, 1024, 390])
      test(`entities: ${name}, ${theme}, ${width} px: clean and accessible`, async (context) => {
        const visitor = await opened(context, path, { theme, width, height: width === 390 ? 844 : 1000 });
        await picture(visitor.page, join(context.out, `entity-${name}-${width}-${theme}.png`));
        await noSidewaysScroll(visitor.page);
        await accessible(visitor.page);
        if (name === 'service') {
          await aResource(visitor.page);
          await picture(visitor.page, join(context.out, `entity-resource-${width}-${theme}.png`));
          await noSidewaysScroll(visitor.page);
          await accessible(visitor.page);
        }
        await nothingBroke(visitor);
        await visitor.close();
      });

test('entities: at 320 px they reflow', async (context) => {
  for (const path of Object.values(PAGES)) {
    const visitor = await opened(context, path, { width: 320, height: 640 });
    await noSidewaysScroll(visitor.page);
    await visitor.close();
  }
});

test('entities: the longest of ids wraps', async (context) => {
  const visitor = await opened(context, '/services/Oracle%20Autonomous%20Database', { width: 390, height: 844 });
  await aResource(visitor.page);
  assert.match(visitor.page.url(), /ocid1\.autonomousdatabase/);
  await noSidewaysScroll(visitor.page);
  await picture(visitor.page, join(context.out, 'entity-long-id-390.png'));
  await visitor.page.goto(`${context.base}/resources/${'ocid1.'.repeat(30)}`);
  await visitor.page.getByText('No charge names this resource').waitFor();
  await noSidewaysScroll(visitor.page);
  await visitor.close();
});

test('entities: a service is opened from Explore, leads to an account, a resource and its charges', async (context) => {
  const visitor = await opened(context, '/explore?metric=billed_cost');
  const { page } = visitor;
  await page.getByRole('button', { name: 'Amazon Elastic Compute Cloud' }).first().click();
  await page.getByRole('menuitem', { name: 'Open service page' }).click();
  await page.waitForURL(/\/services\/Amazon%20Elastic%20Compute%20Cloud\?.*metric=billed_cost/);
  await settled(page);
  assert.match(oneLine(await heading(page)), /^Amazon Elastic Compute Cloud cost \$[\d,.]+ in 30 days\. .* (rose|fell) most,/);
  await page.getByRole('button', { name: 'prod-core' }).first().click();
  await page.getByRole('menuitem', { name: 'Open account page' }).click();
  await page.waitForURL(/\/accounts\/410937225016/);
  await settled(page);
  assert.match(oneLine(await heading(page)), /^prod-core cost \$/);
  await aResource(page);
  assert.equal(await page.getByRole('list', { name: 'Tags, as last seen' }).count(), 1);
  await page.getByRole('button', { name: 'Charges', exact: true }).first().click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('region', { name: 'Charge rows' }).waitFor();
  await drawer.locator('tbody .row-link').first().click();
  await drawer.getByRole('button', { name: 'Origin' }).waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('entities: the parts of a page add up to its headline', async (context) => {
  const visitor = await opened(context, '/accounts/410937225016');
  const { page } = visitor;
  const [amount] = /\$[\d,.]+\d/.exec(await heading(page));
  const totals = await page.locator('tr.tot td.r').allInnerTexts();
  assert.ok(totals.filter((t) => oneLine(t) === amount).length >= 3, `${amount} in ${totals.join(' ')}`);
  await visitor.close();
});

test('entities: the search finds things by name and opens them', async (context) => {
  const visitor = await opened(context, '/');
  const { page } = visitor;
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('bigq');
  await page.getByRole('option', { name: /^BigQuery/ }).first().click();
  await page.waitForURL(/\/services\/BigQuery/);
  await settled(page);
  assert.match(oneLine(await heading(page)), /^BigQuery cost \$/);
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('team');
  await page.getByRole('option', { name: /^Team/ }).first().click();
  await page.waitForURL(/\/tags\/Team/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('entities: the search asks when the typing rests, and shows nothing of other words', async (context) => {
  const visitor = await opened(context, '/');
  const { page } = visitor;
  const asked = [];
  page.on('request', (request) => /\/services\?/.test(request.url()) && asked.push(new URL(request.url()).searchParams.get('q')));
  await page.keyboard.press('/');
  await page.getByRole('combobox').pressSequentially('bigquery', { delay: 20 });
  await page.getByRole('option', { name: /^BigQuery/ }).waitFor();
  assert.ok(asked.length < 4, `asked for ${asked}`);
  await page.route(/\/services\?/, async (route) => {
    await new Promise((done) => setTimeout(done, 800));
    await route.continue().catch(() => undefined);
  });
  await page.getByRole('combobox').fill('lambda');
  await page.getByRole('option', { name: /^BigQuery/ }).waitFor({ state: 'detached', timeout: 500 });
  await page.getByRole('option', { name: /^AWS Lambda/ }).waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('entities: what is saved of a page is what it shows', async (context) => {
  const scope = 'time=2026-10-01..2026-11-01&metric=billed_cost&filters=[{"field":"tag:Environment","op":"in","values":["prod"]}]';
  const pages = { '/accounts/410937225016': ['sub_account', 'service'], [`${EC2}`]: ['service', 'sub_account'], '/tags/Team': [null, 'tag:Team'] };
  for (const [path, [field, by]] of Object.entries(pages)) {
    const visitor = await opened(context, `${path}?${scope}`);
    const { page } = visitor;
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.getByRole('textbox', { name: 'Name of this view' }).fill('Of a page');
    const [request] = await Promise.all([page.waitForRequest((r) => r.method() === 'POST' && r.url().endsWith('/views')), page.keyboard.press('Enter')]);
    const { plan, search } = request.postDataJSON();
    assert.deepEqual(plan.filters.map((f) => f.field), [...(field ? [field] : []), 'tag:Environment']);
    assert.deepEqual(plan.group_by, [by]);
    assert.equal(plan.measures[0], 'billed_cost');
    const amount = oneLine(await page.locator('#page tfoot td').nth(1).innerText());
    await page.goto(`${context.base}/explore?${search}`);
    await settled(page);
    assert.ok((await heading(page)).startsWith(`${amount} in 31 days`), `${amount}: ${await heading(page)}`);
    await visitor.close();
  }
});

test('entities: links keep the scope', async (context) => {
  const scope = 'time=2026-10-01..2026-11-01&compare=previous&metric=billed_cost&filters=[{"field":"tag:Environment","op":"in","values":["prod"]}]';
  for (const path of [...Object.values(PAGES), '/dashboards', '/dashboards/board-empty']) {
    const visitor = await opened(context, `${path}?${scope}`);
    const { page } = visitor;
    const links = await page.locator('main a[href], nav a[href]').evaluateAll((all) => all.map((a) => decodeURIComponent(a.getAttribute('href'))));
    assert.ok(links.length > 5);
    /* a saved view has a scope of its own */
    const lost = links.filter((href) => !href.startsWith('/explore?time=') && !['time=2026-10-01..2026-11-01', 'compare=previous', 'metric=billed_cost', 'Environment'].every((part) => href.includes(part)));
    assert.deepEqual(lost, [], path);
    await visitor.close();
  }
  const visitor = await opened(context, `/accounts/410937225016?${scope}&grain=week&top=5`);
  await visitor.page.getByRole('link', { name: 'Explore', exact: true }).last().click();
  await visitor.page.waitForURL(/\/explore\?.*grain=week/);
  assert.match(visitor.page.url(), /top=5/);
  await visitor.close();
});

test('entities: a tag says how much carries it, and who lacks it', async (context) => {
  const visitor = await opened(context, '/tags/Team');
  const { page } = visitor;
  assert.match(oneLine(await heading(page)), /^[\d.]+% of the cost carries Team\. \$[\d,.]+ of \$[\d,.]+ has none: .*, effective cost\.$/);
  const [, without] = /\$([\d,.]+) of/.exec(await heading(page));
  const lacking = page.getByRole('region', { name: 'Accounts without it' });
  assert.equal(oneLine(await lacking.locator('tr.tot td.r').innerText()), `$${without}`, 'the accounts add up to what has none');
  assert.ok((await page.getByRole('region', { name: 'Coverage' }).locator('tbody tr').count()) >= 4);
  await nothingBroke(visitor);
  await visitor.close();
});

test('entities: what no charge names is said, and leads on', async (context) => {
  for (const [path, title] of [['/services/a%2Fb', 'No charge names this service'], ['/tags/nothing', 'No charge has this tag']]) {
    const visitor = await visit(context, path, { expectErrors: true });
    await visitor.page.getByText(title).waitFor();
    await picture(visitor.page, join(context.out, `entity-missing${path.replaceAll(/\W/g, '-')}.png`));
    assert.doesNotMatch(await visitor.page.locator('#page').innerText(), /\$/);
    await accessible(visitor.page);
    await nothingBroke(visitor);
    await visitor.close();
  }
});

test('entities: a time without charges says when there were some', async (context) => {
  const visitor = await opened(context, `${EC2}?time=2024-01-01..2024-02-01`);
  assert.match(oneLine(await heading(visitor.page)), /^Amazon Elastic Compute Cloud cost nothing\. .* its last charge is of 20 Nov\.$/);
  assert.doesNotMatch(await visitor.page.locator('#page').innerText(), /\$0/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('entities: before the first bill, while waiting, and when questions fail', async (context) => {
  const empty = await visit(context, EC2, { state: 'empty' });
  await empty.page.getByText('Drop a bill here to begin').waitFor();
  await nothingBroke(empty);
  await empty.close();
  const slow = await visit(context, EC2, { state: 'slow' });
  await slow.page.waitForFunction(() => document.querySelector('[aria-label=Loading] .sk, [aria-label=Loading] i'));
  assert.doesNotMatch(await slow.page.locator('#page').innerText(), /\$/);
  await slow.close();
  const failed = await visit(context, EC2, { state: 'failed', expectErrors: true });
  await failed.page.getByText('The query ran out of its memory limit').first().waitFor();
  await settled(failed.page);
  await picture(failed.page, join(context.out, 'entity-failed.png'));
  assert.match(await failed.page.locator('#page').innerText(), /req [0-9a-f-]{8,}/);
  await accessible(failed.page);
  await nothingBroke(failed);
  await failed.close();
});

test('entities: two currencies are never in one question', async (context) => {
  const visitor = await opened(context, '/services/Virtual%20Machines', { state: 'two-currencies' });
  const money = visitor.questions.map((q) => JSON.parse(q)).filter((p) => p.measures.some((m) => m.endsWith('_cost')));
  assert.ok(money.length > 0);
  for (const p of money) assert.ok(p.filters?.some((f) => f.field === 'currency' && f.values.length === 1), JSON.stringify(p));
  await nothingBroke(visitor);
  await visitor.close();
});
