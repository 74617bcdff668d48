/* Anomalies: every state and size of the page, cases decided with the pointer and without, and what others do meanwhile. */
import { join } from 'node:path';
import { accessible, heading, noSidewaysScroll, nothingBroke, oneLine, picture, settled, visit } from './browser.mjs';
import { createFixture } from '../../web/fixtures/server.mjs';
import { assert, test } from './tap.mjs';

const PAGES = { inbox: '/anomalies', case: '/anomalies/A-218', over: '/anomalies/A-209?state=resolved' };

async function opened(context, path, look = {}) {
  const visitor = await visit(context, path, look);
  await settled(visitor.page);
  return visitor;
}

/** Cases of its own: what is decided there nobody else meets. */
async function alone(context, path, run, look = {}) {
  const server = createFixture(context.dist);
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const visitor = await opened({ ...context, base: `http://127.0.0.1:${server.address().port}` }, path, look);
  try {
    await run(visitor.page, visitor);
  } finally {
    await visitor.close();
    server.closeAllConnections();
    server.close();
  }
}

const rows = (page) => page.getByRole('list', { name: 'Cases' }).getByRole('listitem');
const row = (page, id) => page.locator(`[data-case="${id}"]`);
const theCase = (page) => page.getByRole('article');
const decided = (page, id, body) =>
  page.evaluate(([which, change]) => fetch(`/api/v1/anomalies/${which}`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: change }).then((r) => r.status), [id, JSON.stringify(body)]);

for (const [name, path] of Object.entries(PAGES))
  for (const theme of ['light', 'dark'])
    for (const width of [1440, 1024, 390])
      test(`anomalies: ${name}, ${theme}, ${width} px: clean and accessible`, async (context) => {
        const visitor = await opened(context, path, { theme, width, height: width === 390 ? 844 : 1000 });
        await picture(visitor.page, join(context.out, `anomalies-${name}-${width}-${theme}.png`));
        await nothingBroke(visitor);
        await noSidewaysScroll(visitor.page);
        await accessible(visitor.page);
        await visitor.close();
      });

test('anomalies: at 320 px they reflow', async (context) => {
  for (const path of Object.values(PAGES)) {
    const visitor = await opened(context, path, { width: 320, height: 640 });
    await noSidewaysScroll(visitor.page);
    await visitor.close();
  }
});

for (const theme of ['light', 'dark'])
  test(`anomalies: each state says what it is, ${theme}`, async (context) => {
    const states = [
      ['/anomalies', 'no-cases', /Nothing unusual is open\.[\s\S]*Detection runs after each import/],
      ['/anomalies', 'never-looked', /Nothing was looked at yet/],
      ['/anomalies?state=snoozed&service=S3', 'full', /No case fits/],
      ['/anomalies?find=zzz', 'full', /Nothing has “zzz” in its words/],
      ['/anomalies', 'failed-cases', /Cases are not known right now[\s\S]*state store is busy[\s\S]*req cases-/],
      ['/anomalies/A-218', 'failed-cases', /state store is busy[\s\S]*VPC|Virtual Private Cloud in prod-core/],
      ['/anomalies', 'failed-case', /Four open cases cost[\s\S]*state store is busy/],
      ['/anomalies/A-999', 'full', /There is no case A-999/],
      ['/anomalies/A-219', 'full', /It is a part of A-218/],
      ['/anomalies/A-205?state=snoozed', 'full', /Snoozed, open again on 4 Dec: A migration runs until then/],
      ['/anomalies/A-171?state=false_positive', 'full', /Seasonal: Comes on the first of each month/],
      ['/anomalies/A-215', 'full', /Without Team/],
      ['/anomalies', 'many-cases', /The 50 largest of 244 open cases/],
      ['/anomalies', 'two-currencies', /open cases/],
      ['/anomalies', 'slow', /Four open cases/],
    ];
    for (const [path, state, says] of states) {
      const visitor = await opened(context, path, { state, theme, expectErrors: true });
      assert.match(await visitor.page.locator('main').innerText(), says, `${path} in the state ${state}`);
      await picture(visitor.page, join(context.out, `anomalies-state-${state}-${path.replace(/\W+/g, '-')}-${theme}.png`));
      await nothingBroke(visitor);
      await accessible(visitor.page);
      await visitor.close();
    }
  });

test('anomalies: before the first bill, while waiting, and without a server', async (context) => {
  const empty = await visit(context, '/anomalies', { state: 'empty' });
  await empty.page.getByText('Drop a bill here to begin').waitFor();
  await nothingBroke(empty);
  await empty.close();
  const slow = await visit(context, '/anomalies', { state: 'slow' });
  await slow.page.waitForFunction(() => document.querySelector('[aria-label=Loading] .sk, [aria-label=Loading] i'));
  assert.doesNotMatch(await slow.page.locator('#page').innerText(), /\$/);
  await slow.close();
  const down = await visit(context, '/anomalies', { state: 'down', expectErrors: true });
  await down.page.getByText('No answer from the server').first().waitFor();
  await down.close();
});

test('anomalies: the most money comes first, whatever its way', async (context) => {
  const { page, close } = await opened(context, '/anomalies');
  const sums = await rows(page).evaluateAll((all) => all.map((li) => Math.abs(Number(li.querySelector('.m').textContent.replace(/[^\d.]/g, '')))));
  assert.deepEqual(sums, [...sums].sort((a, b) => b - a));
  assert.match(await page.getByRole('navigation', { name: 'State' }).innerText(), /Open\s*4\s*Acknowledged\s*1\s*Snoozed\s*1\s*Resolved\s*2\s*False positive\s*1/);
  await close();
});

test('anomalies: what a case is made of adds up, and opens as the same charges', async (context) => {
  const visitor = await opened(context, '/anomalies/A-209?state=resolved');
  const { page } = visitor;
  const region = page.getByRole('region', { name: 'Where it comes from' });
  const said = /([−+]\$[\d,.]+\d) against/.exec(oneLine(await region.innerText()))[1];
  const micro = (text) => Math.round(Number(text.replace('−', '-').replace(/[+$,]/g, '')) * 100);
  for (const name of ['Resource', 'Account', 'Region', 'Team']) {
    const parts = await region.getByRole('region', { name, exact: true }).locator('.m').allInnerTexts();
    const sum = parts.reduce((a, t) => a + micro(t), 0);
    assert.ok(Math.abs(sum - micro(said)) <= parts.length, `${name}: ${parts} make ${sum}, not ${said}`);
  }
  await region.getByRole('link', { name: 'prod-core' }).click();
  await page.waitForURL(/\/explore\?.*time=2026-10-27\.\.2026-11-09/);
  await settled(page);
  const filters = JSON.parse(new URL(page.url()).searchParams.get('filters'));
  assert.deepEqual(filters.map((f) => f.field).sort(), ['service', 'sub_account']);
  await nothingBroke(visitor);
  await visitor.close();
});

test('anomalies: a case is opened, acknowledged, commented and resolved', async (context) => {
  await alone(context, '/anomalies', async (page, visitor) => {
    await row(page, 'A-218').getByRole('link').click();
    await page.waitForURL(/\/anomalies\/A-218/);
    await theCase(page).getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('A-218 is acknowledged').waitFor();
    await row(page, 'A-218').waitFor({ state: 'detached' });
    assert.match(await theCase(page).innerText(), /A-218[\s\S]*Acknowledged/);
    await theCase(page).getByLabel('Comment').fill('Looks like the new peering.\nAsked the orders team.');
    await theCase(page).getByRole('button', { name: 'Comment' }).click();
    await theCase(page).getByText('Looks like the new peering.').waitFor();
    await theCase(page).getByRole('button', { name: 'Resolve…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Resolve' });
    assert.ok(await dialog.getByRole('button', { name: 'Resolve' }).isDisabled(), 'a cause is needed');
    await accessible(page);
    await dialog.getByLabel('What it came from').fill('orders-api read S3 through NAT');
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    await page.getByText('A-218 is resolved').waitFor();
    await theCase(page).getByText('It came from: orders-api read S3 through NAT').waitFor();
    await page.getByRole('link', { name: /^Resolved\s*3/ }).click();
    await row(page, 'A-218').waitFor();
    await nothingBroke(visitor);
  });
});

test('anomalies: by keys alone', async (context) => {
  await alone(context, '/anomalies', async (page, visitor) => {
    const key = async (...keys) => {
      for (const k of keys) await page.keyboard.press(k);
    };
    const at = () => page.evaluate(() => document.activeElement.closest('[data-case]')?.dataset.case);
    await key('j', 'j');
    const second = await at();
    assert.equal(second, 'A-217');
    await key('Enter');
    await page.waitForURL(/\/anomalies\/A-217/);
    await theCase(page).getByText('A-217 ·').waitFor();
    assert.equal(await at(), 'A-217', 'the list keeps the focus');
    await key('c');
    await page.waitForFunction(() => document.activeElement.tagName === 'TEXTAREA');
    await page.keyboard.type('jars x');
    assert.equal(await theCase(page).getByLabel('Comment').inputValue(), 'jars x', 'no key fires while something is typed');
    await key('Control+Enter');
    await theCase(page).locator('.events').getByText('jars x').waitFor();
    await key('Escape');
    await row(page, 'A-217').getByRole('link').focus();
    await key('a');
    await page.getByText('A-217 is acknowledged').waitFor();
    await row(page, 'A-217').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement.closest('[data-case]')?.dataset.case === 'A-216');
    await key('x', 'j', 'x');
    assert.equal(await page.getByRole('toolbar', { name: 'Selected cases' }).count(), 1);
    await key('f');
    const dialog = page.getByRole('dialog', { name: 'False positive' });
    await dialog.getByText('2 cases: no anomaly').waitFor();
    await accessible(page);
    await key('ArrowDown', 'Enter');
    await page.getByText('2 cases are no anomaly').waitFor();
    assert.match(await heading(page), /^One open case costs/);
    await key('r');
    await page.getByRole('dialog', { name: 'Resolve' }).waitFor();
    await key('Escape', 's');
    const snooze = page.getByRole('dialog', { name: 'Snooze' });
    await snooze.getByLabel('Why').fill('The migration runs');
    await snooze.getByRole('button', { name: 'Two weeks' }).click();
    await snooze.getByRole('button', { name: 'Snooze' }).click();
    await page.getByText('A-218 is snoozed').waitFor();
    await page.getByRole('link', { name: /^Snoozed\s*2/ }).click();
    await row(page, 'A-218').getByText('until 4 Dec').waitFor();
    assert.ok(!page.url().includes('compare='), 'c means another thing on other pages');
    await page.evaluate(() => document.activeElement.blur());
    await key('g', 'a');
    await page.waitForURL((url) => url.pathname === '/anomalies');
    await key('?');
    assert.match(await page.getByRole('dialog', { name: 'Keyboard help' }).innerText(), /On Anomalies[\s\S]*Acknowledge[\s\S]*False positive/);
    await nothingBroke(visitor);
  });
});

test('anomalies: a decision is taken back', async (context) => {
  await alone(context, '/anomalies', async (page, visitor) => {
    await row(page, 'A-218').getByRole('checkbox').click();
    await row(page, 'A-217').getByRole('checkbox').click();
    await page.getByRole('toolbar', { name: 'Selected cases' }).getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('2 cases are acknowledged').waitFor();
    await row(page, 'A-218').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, 'A-218').waitFor();
    assert.equal(await rows(page).count(), 4);
    await nothingBroke(visitor);
  });
});

test('anomalies: a case gets an owner', async (context) => {
  await alone(context, '/anomalies/A-218', async (page) => {
    await theCase(page).getByRole('button', { name: 'Assign' }).click();
    const dialog = page.getByRole('dialog', { name: 'Assign' });
    await dialog.getByLabel('E-mail').fill('lea@meridian.example');
    await dialog.getByRole('button', { name: 'Assign' }).click();
    await row(page, 'A-218').getByText('lea@meridian.example').waitFor();
    await theCase(page).locator('.events').getByText('gave it to lea@meridian.example').waitFor();
  });
});

test('anomalies: who was faster is not overwritten unknowingly', async (context) => {
  await alone(context, '/anomalies/A-218', async (page, visitor) => {
    await page.route('**/api/v1/anomalies/A-218', (route) => (route.request().method() === 'GET' ? route.abort() : route.continue()));
    assert.equal(await decided(page, 'A-218', { owner: 'tom@meridian.example' }), 200);
    await theCase(page).getByRole('button', { name: 'Acknowledge' }).click();
    const told = theCase(page).getByText('Somebody has changed this case since you opened it');
    await told.waitFor();
    assert.equal(await page.getByText('A-218 is acknowledged').count(), 0);
    await picture(page, join(context.out, 'anomalies-conflict.png'));
    await accessible(page);
    await page.unroute('**/api/v1/anomalies/A-218');
    await theCase(page).getByRole('button', { name: 'Show theirs, drop mine' }).click();
    await theCase(page).getByText('tom@meridian.example').first().waitFor();
    await told.waitFor({ state: 'detached' });
    await theCase(page).getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('A-218 is acknowledged').waitFor();
    await nothingBroke(visitor);
  }, { expectErrors: true });
});

test('anomalies: what others decide comes by itself', async (context) => {
  await alone(context, '/anomalies', async (page) => {
    assert.equal(await decided(page, 'A-215', { state: 'acknowledged' }), 200);
    await row(page, 'A-215').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: /^Anomalies\s*3/ }).waitFor();
  });
});

test('anomalies: narrowed by severity, service, account and words, in the address', async (context) => {
  const visitor = await opened(context, '/anomalies');
  const { page } = visitor;
  await page.getByRole('button', { name: 'Any service' }).click();
  await page.getByRole('button', { name: /^Amazon Redshift/ }).click();
  await page.waitForURL(/service=Amazon/);
  await settled(page);
  assert.equal(await rows(page).count(), 1);
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('searchbox', { name: 'Find a case' }).fill('vpc prod');
  await page.waitForURL(/find=vpc/);
  assert.equal(await rows(page).count(), 1);
  await page.getByRole('searchbox', { name: 'Find a case' }).fill('');
  await page.getByRole('button', { name: 'Any severity' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Low' }).click();
  await page.waitForURL(/severity=/);
  await settled(page);
  assert.deepEqual(await rows(page).evaluateAll((all) => all.map((li) => li.dataset.case)), ['A-215']);
  await nothingBroke(visitor);
  await visitor.close();
});

test('anomalies: many are read page by page, and found in all of them', async (context) => {
  const visitor = await opened(context, '/anomalies', { state: 'many-cases' });
  const { page } = visitor;
  assert.equal(await rows(page).count(), 50);
  await page.getByRole('button', { name: 'More cases' }).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-case]').length === 100);
  await page.getByRole('searchbox', { name: 'Find a case' }).fill('A-1239');
  await page.waitForFunction(() => document.querySelectorAll('[data-case]').length === 1);
  await visitor.close();
});

test('anomalies: another setting is tried on the past', async (context) => {
  const visitor = await opened(context, '/anomalies');
  const { page } = visitor;
  await page.getByRole('button', { name: 'Preview' }).click();
  const drawer = page.getByRole('dialog', { name: 'What would have alarmed' });
  const count = async () => Number(/^(\d+) cases? would/m.exec(await drawer.innerText())?.[1]);
  await drawer.getByText('would have been opened').waitFor();
  const before = await count();
  await picture(page, join(context.out, 'anomalies-preview.png'));
  await accessible(page);
  const slider = drawer.getByRole('slider');
  await slider.focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowLeft');
  assert.match(await drawer.innerText(), /False alarms of a series and year: 0\.02/);
  await drawer.getByRole('button', { name: 'Show' }).click();
  await page.waitForFunction((was) => !document.querySelector('dialog[open]').innerText.includes(`${was} cases would`), before);
  await drawer.getByText('would have been opened').waitFor();
  assert.ok((await count()) < before);
  await nothingBroke(visitor);
  await visitor.close();
});

test('anomalies: the monitors run on demand, and say what they found', async (context) => {
  const visitor = await opened(context, '/anomalies');
  const { page } = visitor;
  await page.getByRole('button', { name: 'Detect now' }).click();
  await page.getByRole('progressbar').waitFor();
  await page.getByText('0 cases opened, 2 changed, 0 gone').waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('anomalies: on a phone it is the list or a case', async (context) => {
  const visitor = await opened(context, '/anomalies', { width: 390, height: 844 });
  const { page } = visitor;
  assert.equal(await theCase(page).count(), 0);
  await row(page, 'A-218').getByRole('link').click();
  await theCase(page).waitFor();
  assert.ok(!(await row(page, 'A-217').isVisible()));
  await page.getByRole('link', { name: 'All cases' }).click();
  await row(page, 'A-217').waitFor();
  await visitor.close();
});

test('anomalies: the overview names what waits, and leads there', async (context) => {
  const visitor = await opened(context, '/');
  const { page } = visitor;
  const needs = page.getByRole('region', { name: 'Needs you' });
  assert.equal(await needs.getByRole('listitem').count(), 3);
  assert.match(oneLine(await needs.innerText()), /4 open cases/);
  await needs.getByRole('link', { name: 'VPC in prod-core' }).click();
  await page.waitForURL(/\/anomalies\/A-218/);
  await theCase(page).waitFor();
  await visitor.close();
});

test('anomalies: who may only look is offered nothing to decide', async (context) => {
  await alone(context, '/', async (page) => {
    await page.getByLabel('E-mail').fill('vic@meridian.example');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: /^Anomalies/ }).first().click();
    await settled(page);
    assert.equal(await page.getByRole('button', { name: 'Acknowledge' }).count(), 0);
    assert.equal(await page.getByRole('button', { name: /Detect now|Preview/ }).count(), 0);
    assert.equal(await page.getByRole('checkbox').count(), 0);
    assert.match(await theCase(page).innerText(), /you need anomalies\.decide/);
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    await page.keyboard.press('r');
    assert.equal(await page.getByRole('dialog').count(), 0);
    await accessible(page);
  }, { state: 'people' });
});
