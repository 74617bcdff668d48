/* What people do: drill, share, reopen, search, compare, export, upload; with the pointer and without. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessible, heading, nothingBroke, oneLine, picture, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const WIDE = '/explore?by=["service","sub_account"]&compare=year&metric=billed_cost&time=2026-10-01..2026-11-01&filters=[{"field":"tag:Team","op":"in","values":["Orders","Search"]}]';
const EC2 = 'Amazon Elastic Compute Cloud';

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const amountOf = (text) => text.match(/\$[\d,]+\.\d\d/)?.[0];
const units = (text) => {
  const [whole, fraction = ''] = text.replace('-', '').split('.');
  return (text.startsWith('-') ? -1n : 1n) * BigInt(whole + fraction.padEnd(10, '0'));
};

/** The middle of a bar's lowest part. */
async function clickMark(page, share) {
  const box = await page.locator('.chart svg').first().boundingBox();
  await page.mouse.click(box.x + box.width * share, box.y + box.height - 40);
  await page.getByRole('menu').waitFor();
}

for (const [what, address] of Object.entries({ trend: WIDE, drivers: `${WIDE}&view=drivers`, charges: `${WIDE}&view=charges` }))
  test(`a link opened again asks the same bytes: ${what}`, async (context) => {
    const first = await visit(context, address);
    await settled(first.page);
    await first.page.getByRole('button', { name: 'Share' }).click();
    await first.page.getByRole('menuitem', { name: 'Copy link to these dates' }).click();
    const link = await clipboard(first.page);
    const second = await visit(context, link.replace(context.base, ''));
    await settled(second.page);
    assert.ok(first.questions.length >= 1);
    assert.deepEqual([...new Set(second.questions)].sort(), [...new Set(first.questions)].sort());
    await nothingBroke(second);
    await first.close();
    await second.close();
  });

test('a link with words becomes a link with the same question in dates', async (context) => {
  const words = await visit(context, '/explore?time=mtd');
  await settled(words.page);
  await words.page.getByRole('button', { name: 'Share' }).click();
  await words.page.getByRole('menuitem', { name: 'Copy link to these dates' }).click();
  const link = await clipboard(words.page);
  assert.match(decodeURIComponent(link), /time=2026-11-01\.\.2026-11-21/);
  const dates = await visit(context, link.replace(context.base, ''));
  await settled(dates.page);
  assert.deepEqual([...new Set(dates.questions)].sort(), [...new Set(words.questions)].sort());
  await words.close();
  await dates.close();
});

test('a plan in the address is a page', async (context) => {
  const plan = { kind: 'query', subject: 'cost', measures: ['list_cost'], time: { start: '2026-09-01', end: '2026-10-01' }, group_by: ['region'], order: { by: 'list_cost', dir: 'desc' } };
  const visitor = await visit(context, `/explore?plan=${encodeURIComponent(JSON.stringify(plan))}`);
  await settled(visitor.page);
  await visitor.page.getByRole('button', { name: 'Copy as' }).click();
  await visitor.page.getByRole('menuitem', { name: 'Plan' }).click();
  assert.equal(await clipboard(visitor.page), JSON.stringify(plan));
  await visitor.close();
});

test('a question that Explore cannot draw is said to be one, wherever it is opened', async (context) => {
  const plan = { kind: 'query', subject: 'cost', measures: ['effective_cost'], time: { start: '2026-10-01', end: '2026-11-01' }, group_by: ['service'], order: { by: 'effective_cost', dir: 'desc' }, limit: 3 };
  const ways = {
    palette: async (page) => {
      await page.goto(`${context.base}/`);
      await settled(page);
      await page.keyboard.press('/');
      await page.getByRole('combobox').fill('three dear');
      await page.getByRole('option', { name: 'Three dearest services' }).click();
    },
    list: async (page) => {
      await page.goto(`${context.base}/dashboards?show=views`);
      await page.getByRole('link', { name: 'Three dearest services' }).click();
    },
    panel: async (page) => {
      await page.goto(`${context.base}/explore`);
      await page.getByRole('button', { name: 'Save view' }).click();
      await page.getByRole('dialog').getByRole('link', { name: 'Three dearest services' }).click();
    },
    address: (page) => page.goto(`${context.base}/explore?plan=${encodeURIComponent(JSON.stringify(plan))}`),
    short: (page) => page.goto(`${context.base}/v/view-three`),
  };
  for (const [name, open] of Object.entries(ways)) {
    const visitor = await visit(context, '/sources');
    const { page } = visitor;
    await settled(page);
    await open(page);
    await page.getByRole('heading', { name: /^Explore cannot draw this question\. ?It has a limit of rows/ }).waitFor();
    await settled(page);
    assert.doesNotMatch(await page.locator('#page').innerText(), /\$/, `${name}: no figure of another question`);
    await page.getByRole('button', { name: 'Copy as' }).click();
    await page.getByRole('menuitem', { name: 'Plan' }).click();
    await page.getByText('Plan copied').waitFor();
    assert.equal(await clipboard(page), JSON.stringify(plan), name);
    if (name === 'address') {
      await picture(page, join(context.out, 'explore-unshown.png'));
      await accessible(page);
      await page.getByRole('link', { name: 'Open without it' }).click();
      await page.waitForURL(/time=2026-10-01/);
      await settled(page);
      assert.match(await heading(page), /\$/);
    }
    await nothingBroke(visitor);
    await visitor.close();
  }
});

test('a mark opens what it is made of, to the cent', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  await clickMark(page, 0.5);
  const amount = amountOf(oneLine(await page.getByRole('menu').innerText()));
  await accessible(page);
  await page.getByRole('menuitem', { name: /Charge rows/ }).click();
  await page.getByRole('dialog').getByRole('cell', { name: 'Total' }).waitFor();
  assert.ok((await page.getByRole('dialog').locator('tfoot').innerText()).includes(amount), amount);
  await page.locator('dialog tbody button').first().click();
  await page.getByText('One charge').waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await nothingBroke(visitor);
  await visitor.close();
});

test('a charge row opens where it comes from', async (context) => {
  const visitor = await visit(context, '/explore?view=charges');
  const { page } = visitor;
  await settled(page);
  await page.getByRole('region', { name: 'Charge rows' }).locator('tbody button').first().click();
  await page.getByRole('button', { name: 'Origin' }).click();
  const drawer = page.getByRole('dialog', { name: 'Where it comes from' });
  await drawer.getByText('cur-00001.csv.gz').waitFor();
  assert.equal(await drawer.locator('tr[aria-current]').count(), 1, 'the charge that was asked for is marked');
  assert.ok(oneLine(await drawer.innerText()).includes('savings-plan-unused'), 'and what a rule added says which');
  assert.ok(oneLine(await drawer.innerText()).includes('BoxUsage:m6i.large'), 'the record is there as it was delivered');
  await accessible(page);
  await page.screenshot({ path: join(context.out, 'origin.png') });
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  await page.getByText('One charge').waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('accounts of one name are told apart by who bills them', async (context) => {
  for (const width of [1440, 390]) {
    const visitor = await visit(context, '/', { width });
    const { page } = visitor;
    const accounts = page.getByRole('region', { name: 'Accounts' });
    for (const provider of ['AWS', 'Microsoft']) await accounts.getByRole('row', { name: new RegExp(`^data-platform ?${provider}`) }).waitFor();
    assert.equal(await accounts.getByRole('row', { name: /^prod-core ?AWS/ }).count(), 0, 'a name of its own says enough');
    await visitor.close();
  }
  const visitor = await visit(context, '/explore?by=["sub_account"]');
  const { page } = visitor;
  const row = page.getByRole('row', { name: /^data-platform ?Microsoft/ });
  await row.waitFor();
  await row.getByRole('button').click();
  await page.getByRole('menu', { name: 'data-platform (Microsoft)' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('dialog', { name: 'Filter' }).getByRole('button', { name: 'Account', exact: true }).click();
  await page.getByRole('checkbox', { name: /^data-platform ?Google Cloud/ }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('data-pl');
  await page.getByRole('option', { name: /^data-platform ?Microsoft/ }).waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('the labels under a chart stand apart', async (context) => {
  for (const path of ['/explore', '/explore?time=2026-09-22..2026-11-21', '/explore?time=12m', '/explore?time=7d']) {
    const visitor = await visit(context, path, { width: 390, height: 844 });
    const ticks = visitor.page.locator('.chart text.tick');
    await ticks.first().waitFor();
    const boxes = await ticks.evaluateAll((all) => all.map((t) => t.getBoundingClientRect()).map(({ left, right }) => [left, right]));
    assert.ok(boxes.length > 1, `${path}: ${boxes.length} labels`);
    boxes.slice(1).forEach(([left], i) => assert.ok(left >= boxes[i][1] + 8, `${path}: ${left} after ${boxes[i][1]}`));
    await visitor.close();
  }
});

test('only, leave out and back', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  const whole = await heading(page);
  await page.getByRole('button', { name: EC2 }).click();
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('f');
  await page.locator('[data-chip]').waitFor();
  await settled(page);
  assert.notEqual(await heading(page), whole);
  await page.goBack();
  await settled(page);
  assert.equal(await heading(page), whole, 'Back is undo');
  await page.getByRole('button', { name: EC2 }).click();
  await page.getByRole('menuitem', { name: 'Leave it out' }).click();
  await settled(page);
  assert.match(oneLine(await page.locator('[data-chip]').innerText()), /Service is not/);
  assert.equal(await page.getByRole('button', { name: EC2, exact: true }).count(), 0);
  await page.locator('[data-chip] button').first().focus();
  await page.keyboard.press('Backspace');
  await settled(page);
  assert.equal(await heading(page), whole, 'Backspace takes the last chip');
  await visitor.close();
});

test('breaking down a name narrows to it and goes inside', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  const cell = page.getByRole('row', { name: new RegExp(EC2) }).getByRole('cell').nth(1);
  const amount = oneLine(await cell.innerText());
  await page.getByRole('button', { name: EC2 }).click();
  await page.getByRole('menuitem', { name: 'Break down by account' }).click();
  await page.getByRole('button', { name: 'prod-core' }).waitFor();
  await settled(page);
  assert.ok((await heading(page)).includes(amount), 'the sum of what opens is what was clicked');
  await visitor.close();
});

test('the table adds up: names and Other are the total', async (context) => {
  const visitor = await visit(context, '/explore');
  await settled(visitor.page);
  const cents = (text) => BigInt(text.replace(/[^\d−-]/g, '').replace('−', '-'));
  const column = await visitor.page.locator('table').last().locator('tbody tr td:nth-child(2)').allInnerTexts();
  const total = await visitor.page.locator('tfoot td:nth-child(2)').innerText();
  const sum = column.reduce((a, t) => a + cents(t), 0n);
  const off = sum - cents(total);
  assert.ok(off >= -5n && off <= 5n, `rounded cents may differ by half a cent a row, not by ${off}`);
  await visitor.close();
});

test('a chart longer than a page of rows is whole', async (context) => {
  const visitor = await visit(context, '/explore?time=12m&grain=day&top=10&compare=none');
  const { page } = visitor;
  await settled(page);
  await page.getByRole('button', { name: 'View as table' }).click();
  const last = page.getByRole('region', { name: 'Figures of the chart' }).getByRole('row', { name: /Wed 18 Nov/ }).last();
  const cells = await last.getByRole('cell').allInnerTexts();
  assert.equal(cells.length, 12);
  for (const cell of cells.slice(1, 11)) assert.doesNotMatch(cell, /^0\.00$|^–$/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('the overview and what it opens agree to the cent', async (context) => {
  const visitor = await visit(context, '/');
  const { page } = visitor;
  await settled(page);
  const row = page.getByRole('region', { name: 'Accounts' }).getByRole('row', { name: /prod-edge/ });
  const amount = oneLine(await row.getByRole('cell').nth(1).innerText());
  await page.getByRole('link', { name: 'prod-edge' }).click();
  await page.waitForURL(/\/accounts\//);
  await page.locator('tfoot').waitFor();
  await settled(page);
  assert.ok((await heading(page)).startsWith(`prod-edge cost $${amount} in 19 days`), `${amount}: ${await heading(page)}`);
  await visitor.close();
});

test('the overview says what the month is expected to come to, with its band', async (context) => {
  const visitor = await visit(context, '/');
  const section = visitor.page.getByRole('region', { name: 'Month to date' });
  const said = oneLine(await section.getByText(/^Expected for November/).innerText());
  const [expected, lo, hi] = said.match(/\$[\d,]+\.\d\d/g).map((t) => Number(t.replace(/[$,]/g, '')));
  assert.ok(lo < expected && expected < hi, said);
  assert.match(said, /\(95%\)\.$/);
  const [now] = (await heading(visitor.page)).match(/\$[\d,]+\.\d\d/);
  assert.ok(expected > Number(now.replace(/[$,]/g, '')), `${said} ${now}`);
  assert.match(await section.getByRole('img').getAttribute('aria-label'), /Expected for November/);
  await nothingBroke(visitor);
  await visitor.close();
  const failed = await visit(context, '/', { state: 'failed-forecast', expectErrors: true });
  await failed.page.getByText('What November will come to is not known right now.').waitFor();
  await nothingBroke(failed);
  await failed.close();
});

test('what is downloaded adds up to the total', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  const total = amountOf(await heading(page));
  const taken = async (form) => {
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: form, exact: true }).click()]);
    return download;
  };
  const download = await taken('CSV');
  const [head, ...lines] = readFileSync(await download.path(), 'utf8').trim().split('\n');
  const at = head.split(',').indexOf('effective_cost');
  const sum = lines.reduce((a, l) => a + units(l.split(',')[at]), 0n);
  const cents = (sum + 50000000n) / 100000000n;
  assert.equal(`${cents}`, total.replace(/\D/g, ''));
  for (const [form, ending] of [['Excel workbook', 'xlsx'], ['Parquet', 'parquet']]) {
    const asked = new URL((await taken(form)).url()).searchParams;
    assert.equal(asked.get('format'), ending);
    assert.match(asked.get('download'), new RegExp(`^farthing-service-[0-9-]+\\.${ending}$`));
  }
  await visitor.close();
});

test('a question is copied as command, call and SQL', async (context) => {
  const visitor = await visit(context, '/explore?filters=[{"field":"tag:Team","op":"in","values":["Orders"]}]');
  const { page } = visitor;
  await settled(page);
  const copied = async (name, said = name) => {
    await page.getByRole('button', { name: 'Copy as' }).click();
    await page.getByRole('menuitem', { name }).click();
    await page.getByText(`${said} copied`, { exact: true }).waitFor();
    return clipboard(page);
  };
  assert.match(await copied('Command line', 'Command'), /^farthing costs --group-by service .*--where 'tag\.Team = "Orders"'/);
  assert.match(await copied('API call'), /^curl -sS http:\/\/127\.0\.0\.1:\d+\/api\/v1\/costs\/query .*"tag:Team"/);
  assert.match(await copied('SQL'), /^select .*\n-- parameters: \["2026-10-22","2026-11-21"\]$/s);
  await visitor.close();
});

test('a filter is found by typing, with its cost beside it', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('textbox', { name: 'Search dimensions' }).fill('serv');
  await page.getByRole('button', { name: 'Service', exact: true }).last().click();
  await page.getByRole('textbox', { name: 'Search Service' }).fill('queue');
  const value = page.getByRole('checkbox', { name: /Amazon Simple Queue Service [\d,]+\.\d\d/ });
  await value.waitFor();
  await page.getByRole('checkbox', { name: /Elastic Compute/ }).waitFor({ state: 'detached' }); /* what was there before the typing */
  await settled(page);
  await accessible(page);
  await value.click();
  await page.keyboard.press('Escape');
  await settled(page);
  assert.match(oneLine(await page.locator('[data-chip]').innerText()), /Service is Amazon Simple Queue Service/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('without a pointer: search, go, read a chart, narrow, leave', async (context) => {
  const visitor = await visit(context, '/');
  const { page } = visitor;
  await settled(page);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the page');
  await page.keyboard.press('/');
  await page.getByRole('combobox').pressSequentially('bigq');
  await page.getByRole('option', { name: /BigQuery/ }).waitFor();
  await accessible(page);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/services\/BigQuery/);
  await page.locator('tfoot').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard help' }).waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.waitForURL(/sources/);
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Search' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.waitForURL(/explore/);
  await settled(page);
  const chart = page.getByRole('slider');
  await chart.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowLeft');
  assert.match(await chart.getAttribute('aria-valuetext'), /^Thu 19 Nov, \$[\d,.]+/);
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('Escape');
  await nothingBroke(visitor);
  await visitor.close();
});

test('single keys change time and comparison, and can be turned off', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  await page.keyboard.press('m');
  await page.waitForURL(/time=mtd/);
  await page.keyboard.press('[');
  await page.waitForURL(/2026-10-12\.\.2026-11-01/);
  await page.keyboard.press('?');
  await page.getByRole('switch', { name: 'Single keys' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('d');
  await page.keyboard.press('Control+k'); /* is heard after it, with all keys off */
  await page.getByRole('combobox').waitFor();
  assert.match(page.url(), /2026-10-12/);
  await visitor.close();
});

test('the theme is chosen, kept and there before the first paint', async (context) => {
  const visitor = await visit(context, '/');
  const { page } = visitor;
  await settled(page);
  await page.getByRole('button', { name: 'Display' }).first().click();
  await page.getByRole('menuitemcheckbox', { name: 'Dark' }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.reload({ waitUntil: 'commit' });
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  await visitor.close();
});

test('a view is saved and found again', async (context) => {
  const visitor = await visit(context, '/explore?by=["region"]');
  const { page } = visitor;
  await settled(page);
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByRole('textbox', { name: 'Name of this view' }).fill('Cost by region');
  await page.keyboard.press('Enter');
  await page.getByText('is saved').waitFor();
  await page.goto(`${context.base}/`);
  await settled(page);
  await page.keyboard.press('/');
  await page.getByRole('combobox').pressSequentially('cost by reg');
  await page.getByRole('option', { name: 'Cost by region' }).first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Views' }).click();
  assert.equal(await page.getByRole('textbox', { name: 'Name of this view' }).count(), 0, 'the overview is no one question');
  const remove = page.getByRole('button', { name: 'Remove the view Cost by region' });
  await remove.click();
  await page.getByText('is removed').waitFor();
  await remove.waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('link', { name: 'Cost by region', exact: true }).count(), 0);
  await nothingBroke(visitor);
  await visitor.close();
});

const signedUnits = (text) => BigInt(text.replace(/[^\d−-]/g, '').replace('−', '-'));

test('drivers add up to the change, by kind and by name, and open to what they are made of', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  const change = amountOf((await page.locator('tfoot td').nth(6).innerText()).replace(/^[+−]/, ''));
  await page.getByRole('link', { name: /Drivers of change/ }).click();
  await page.waitForURL(/view=drivers/);
  await settled(page);
  assert.ok((await heading(page)).includes(change), `${change}: ${await heading(page)}`);
  const rows = await page.locator('#page tbody tr td:nth-child(4)').allInnerTexts();
  assert.ok(rows.length >= 8);
  const off = rows.reduce((t, r) => t + signedUnits(r), 0n) - signedUnits(await page.locator('#page tfoot td:nth-child(4)').innerText());
  assert.ok(off >= -6n && off <= 6n, `rounded cents may differ by half a cent a row, not by ${off}`);
  assert.ok((await page.getByRole('group', { name: /^Change by part: / }).getAttribute('aria-label')).includes(`together −${change}.`));
  await page.getByRole('button', { name: 'Region', exact: true }).click();
  await page.getByRole('img', { name: /^Change by region/ }).waitFor();
  await page.getByRole('button', { name: EC2, exact: true }).click();
  await page.getByRole('menuitem', { name: 'Break down by account' }).click();
  await page.locator('[data-chip]').waitFor();
  await settled(page);
  await nothingBroke(visitor);
  await visitor.close();
});

test('drivers without a comparison say so, and offer one', async (context) => {
  const visitor = await visit(context, '/explore?view=drivers&compare=none');
  const { page } = visitor;
  await page.getByText('Nothing to compare with').waitFor();
  await page.getByRole('button', { name: 'Compare with the time before' }).click();
  await page.getByRole('group', { name: /^Change by part/ }).waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('drivers: a part of a change opens to resources and charges that add up to it', async (context) => {
  const visitor = await visit(context, '/explore?view=drivers');
  const { page } = visitor;
  await settled(page);
  for (const name of ['Quantity', 'Price', 'New', 'Gone', 'Commitment'])
    await page.locator('#page thead th', { hasText: name }).waitFor();
  const cells = await page.locator('#page tfoot td').allInnerTexts();
  const [whole, ...parts] = cells.slice(3).filter((c) => /\d/.test(c)).map(signedUnits);
  const off = parts.reduce((t, p) => t + p, 0n) - whole;
  assert.ok(off >= -5n && off <= 5n, `rounded cents may differ by half a cent a part, not by ${off}`);
  const cell = page.getByRole('button', { name: /^Amazon Elastic Compute Cloud, new / });
  const amount = (await cell.getAttribute('aria-label')).replace(/^.* new ([+−])/, '$1$');
  await cell.focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Amazon Elastic Compute Cloud: new' });
  assert.equal(await drawer.locator('tfoot td').last().innerText(), amount);
  await picture(page, join(context.out, 'drivers-part.png'));
  await drawer.getByRole('button', { name: /^Charges, / }).first().click();
  await drawer.getByRole('region', { name: 'Charge rows' }).waitFor();
  await drawer.getByRole('button', { name: /^Charges, / }).last().click();
  await drawer.getByText('No charge rows').waitFor(); /* what is new has no charge before */
  await accessible(page);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.includes(', new '));
  assert.equal(await page.locator('#page tfoot button').count(), 0); /* it adds up rows, whose prices are their own */
  const bar = page.locator('#page svg').getByRole('button', { name: /^New: / });
  await bar.focus();
  await page.keyboard.press('Enter');
  const all = page.getByRole('dialog', { name: 'Everything: new' });
  assert.equal(await all.locator('tfoot td').last().innerText(), await all.locator('.drawer-body b').first().innerText());
  await page.keyboard.press('Escape');
  await all.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('New: '));
  await bar.click();
  await all.waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('a note is added to a day, seen on the pages, and taken back', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  await page.getByRole('button', { name: /Note on Fri 6 Nov: Load test/ }).waitFor();
  await clickMark(page, 0.85);
  await page.getByRole('menuitem', { name: 'Add a note' }).click();
  await accessible(page);
  await page.getByRole('textbox', { name: 'What happened' }).fill('Cache tier moved');
  await page.locator('dialog input[type=date]').fill('2026-11-16');
  await page.getByRole('button', { name: 'Add the note' }).click();
  const mark = page.getByRole('button', { name: 'Note on Mon 16 Nov: Cache tier moved' });
  await mark.waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.getByText('Cache tier moved').first().waitFor({ state: 'attached' });
  await page.goBack();
  await mark.click();
  await page.getByRole('button', { name: 'Remove the note Cache tier moved' }).click();
  await mark.waitFor({ state: 'detached' });
  await nothingBroke(visitor);
  await visitor.close();
});

test('rows stand closer when asked to, and still do after coming back', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  const height = async () => (await page.locator('tbody tr').first().boundingBox()).height;
  const before = await height();
  await page.getByRole('button', { name: 'Display' }).first().click();
  await page.getByRole('menuitemcheckbox', { name: 'Compact' }).click();
  assert.ok((await height()) <= before - 5);
  await page.reload();
  await settled(page);
  assert.ok((await height()) <= before - 5);
  await page.screenshot({ path: join(context.out, 'explore-compact.png') });
  await visitor.close();
});

test('any figure of a row opens what the row is about', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  const cell = page.getByRole('row', { name: new RegExp(EC2) }).getByRole('cell').nth(1);
  const amount = oneLine(await cell.innerText());
  await cell.click();
  await page.getByRole('menu').waitFor();
  assert.ok(oneLine(await page.getByRole('menu').innerText()).includes(amount));
  await page.keyboard.press('Escape');
  await nothingBroke(visitor);
  await visitor.close();
});

test('j and k go through the rows, Enter opens one', async (context) => {
  const visitor = await visit(context, '/explore');
  const { page } = visitor;
  await settled(page);
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press('j');
  assert.equal(await focused(), EC2);
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  assert.equal(await focused(), EC2);
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('Escape');
  await nothingBroke(visitor);
  await visitor.close();
});

test('beyond 4,000 marks the bars are on a canvas, in the colours of the table, and can be read by keys', async (context) => {
  const visitor = await visit(context, '/explore?time=2025-10-01..2026-11-20&grain=day&top=10&compare=none');
  const { page } = visitor;
  await settled(page);
  await page.locator('.chart canvas').waitFor();
  const inked = () =>
    page.evaluate(() => {
      const canvas = document.querySelector('.chart canvas');
      const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set();
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) colours.add(`rgb(${data[i]}, ${data[i + 1]}, ${data[i + 2]})`);
      const swatches = [...document.querySelectorAll('#page tbody .sw')].slice(0, 10).map((s) => getComputedStyle(s).backgroundColor);
      return { width, height, missing: swatches.filter((s) => !colours.has(s)), swatches: new Set(swatches).size };
    });
  const light = await inked();
  assert.deepEqual(light.missing, [], 'each colour of the table is on the canvas');
  assert.ok(light.swatches >= 9 && light.width > 900);
  await page.getByRole('button', { name: 'Display' }).first().click();
  await page.getByRole('menuitemcheckbox', { name: 'Dark' }).click();
  assert.deepEqual((await inked()).missing, [], 'drawn anew in the other theme');
  const chart = page.getByRole('slider');
  await chart.focus();
  await page.keyboard.press('Home');
  assert.match(await chart.getAttribute('aria-valuetext'), /^Wed 1 Oct 2025, \$[\d,.]+/);
  await page.screenshot({ path: join(context.out, 'explore-canvas-dark.png') });
  await nothingBroke(visitor);
  await visitor.close();
});

test('what has been delivered anew is shown as such, with what it changed', async (context) => {
  const visitor = await visit(context, '/sources');
  const { page } = visitor;
  await settled(page);
  const section = page.getByRole('region', { name: /^Restatement, aws, October/ });
  const [stored, billed] = await section.locator('tbody tr').allInnerTexts();
  assert.match(oneLine(stored), /Rows stored [\d,]+ [\d,]+ \+41$/);
  assert.match(oneLine(billed), /Billed cost, USD ([\d,.]+) ([\d,.]+) \+[\d,.]+$/);
  await page.getByRole('button', { name: /^All \d/ }).click();
  const old = page.getByRole('row', { name: /2 Nov 03:01/ });
  assert.match(oneLine(await old.innerText()), /October 2026, until 6 Nov .*Superseded/);
  await visitor.close();
});

test('the rows of a delivery can be added up by eye', async (context) => {
  const visitor = await visit(context, '/sources');
  await settled(visitor.page);
  const rows = await visitor.page.getByRole('region', { name: /^Balance/ }).locator('tbody tr, tfoot tr').all();
  assert.ok(rows.length > 2);
  for (const row of rows) {
    const cells = await row.locator('td').allInnerTexts();
    const [read, out, added, stored] = cells.slice(1, 5).map((c) => Number(c.replace(/[^\d]/g, '')));
    assert.equal(read - out + added, stored, cells.join(' '));
  }
  await visitor.close();
});

test('a bill is read first and stored when the person says so', async (context) => {
  const visitor = await visit(context, '/sources');
  const { page } = visitor;
  await settled(page);
  await page.setInputFiles('input[aria-label="Bills to read"]', { name: 'focus-azure.csv.gz', mimeType: 'application/gzip', buffer: Buffer.alloc(300000) });
  await page.getByText('Dry run').waitFor();
  await accessible(page);
  assert.match(oneLine(await page.locator('.upload').innerText()), /read, [\d,]+ to store .* equal/);
  await page.getByRole('button', { name: 'Load into the ledger' }).click();
  await page.locator('.upload').getByText('Loaded').waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await nothingBroke(visitor);
  await visitor.close();
});

test('a bill that cannot be read says where and why', async (context) => {
  const visitor = await visit(context, '/sources');
  const { page } = visitor;
  await settled(page);
  await page.setInputFiles('input[aria-label="Bills to read"]', { name: 'broken.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n') });
  await page.getByText('The file cannot be read').waitFor();
  assert.match(await page.locator('.upload').innerText(), /line 1,204, column 17/);
  await accessible(page);
  await visitor.close();
});

test('a delivery opens to its files, checks and balance', async (context) => {
  const visitor = await visit(context, '/sources');
  const { page } = visitor;
  await settled(page);
  await page.getByRole('button', { name: '20 Nov 06:38' }).click();
  const text = oneLine(await page.getByRole('dialog').innerText());
  const [, read, out, added, stored] = text.match(/([\d,]+) read − ([\d,]+) left out \+ ([\d,]+) added = ([\d,]+) stored/).map((n) => Number(n.replaceAll(',', '')));
  assert.equal(read - out + added, stored);
  assert.match(text, /0, exact/);
  await accessible(page);
  await visitor.close();
});
