/* Dashboards, saved views and short links: every state and size, arranged with the pointer and without, and opened again. */
import { join } from 'node:path';
import { accessible, heading, noSidewaysScroll, nothingBroke, oneLine, picture, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const BOARD = '/dashboards/board-platform';
const PAGES = { dashboards: '/dashboards', views: '/dashboards?show=views', dashboard: BOARD };
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

/** The tiles can be moved when their toolbar is there. */
async function arranging(page) {
  await page.getByRole('button', { name: 'Arrange' }).click();
  await page.getByRole('toolbar', { name: 'Arranging' }).waitFor();
}

/** To the end and back, so that every tile has been seen. */
async function seeAll(page) {
  await page.evaluate(async () => {
    for (let y = 0; y <= document.documentElement.scrollHeight; y += 400) {
      scrollTo(0, y);
      await new Promise((done) => setTimeout(done, 30));
    }
    scrollTo(0, 0);
  });
  await settled(page);
}

for (const [name, path] of Object.entries(PAGES))
  for (const theme of ['light', 'dark'])
    for (const width of [1440, 1024, 390])
      test(`dashboards: ${name}, ${theme}, ${width} px: clean and accessible`, async (context) => {
        const visitor = await visit(context, path, { width, theme, height: width === 390 ? 844 : 1000 });
        await settled(visitor.page);
        await seeAll(visitor.page);
        await picture(visitor.page, join(context.out, `board-${name}-${width}-${theme}.png`));
        await nothingBroke(visitor);
        await noSidewaysScroll(visitor.page);
        await accessible(visitor.page);
        await visitor.close();
      });

test('dashboards: each state says what it is', async (context) => {
  const states = [
    ['/dashboards', 'nothing-kept', /There is no dashboard yet/],
    ['/dashboards?show=views', 'nothing-kept', /There is no saved view yet/],
    ['/dashboards', 'failed-kept', /The state store is busy/],
    ['/dashboards/board-empty', 'full', /There is no tile yet[\s\S]*Add the first tile/],
    ['/dashboards/board-gone', 'full', /This dashboard is not there/],
    [BOARD, 'failed-kept', /The state store is busy/],
    [BOARD, 'failed', /ran out of its memory/],
    [BOARD, 'failed-one', /ran out of its memory[\s\S]*Teams, last month/],
    [BOARD, 'slow', /Platform/],
    [BOARD, 'two-currencies', /Platform/],
    ['/dashboards', 'empty', /There is no dashboard yet/],
    ['/v/view-gone', 'full', /This view is not there/],
    ['/l/0000000000000000000000', 'full', /This link leads nowhere/],
  ];
  for (const [path, state, says] of states) {
    const visitor = await visit(context, path, { state, expectErrors: true });
    await settled(visitor.page);
    assert.match(await visitor.page.locator('main').innerText(), says, `${path} in the state ${state}`);
    await picture(visitor.page, join(context.out, `board-state-${state}-${path.replace(/\W+/g, '-')}.png`));
    await nothingBroke(visitor);
    await accessible(visitor.page);
    await visitor.close();
  }
});

test('dashboards: a tile that cannot be drawn says why, and the others are there', async (context) => {
  const visitor = await visit(context, BOARD);
  await settled(visitor.page);
  await seeAll(visitor.page);
  const tile = (name) => visitor.page.getByRole('article', { name, exact: true });
  assert.match(await tile('A view of somebody who left').innerText(), /removed, or is not shared/);
  assert.match(await tile('Three services').innerText(), /cannot draw what this question has: limit/);
  assert.match(await tile('This month').innerText(), /\$[\d,]+\.\d\d/);
  assert.match(oneLine(await tile('Services').innerText()), /Total \$[\d,]+\.\d\d/);
  await visitor.close();
});

test('dashboards: what a tile holds has room in it, however small it is', async (context) => {
  for (const [width, look] of [[1440, 'comfortable'], [1024, 'compact'], [390, 'comfortable']]) {
    const visitor = await visit(context, '/dashboards/board-small', { width, height: width === 390 ? 844 : 1000 });
    const { page } = visitor;
    await page.evaluate((density) => (document.documentElement.dataset.density = density), look);
    await seeAll(page);
    await page.getByRole('article', { name: 'Narrow change' }).getByRole('row', { name: /^Change/ }).last().waitFor();
    const over = await page.getByRole('article').evaluateAll((all) => all.flatMap((tile) => {
      const box = tile.getBoundingClientRect();
      const held = [...tile.querySelectorAll('td, .chart svg text')].map((e) => e.getBoundingClientRect());
      return held.some((b) => b.bottom > box.bottom || b.right > box.right + 0.5 || b.left < box.left) ? [tile.getAttribute('aria-label')] : [];
    }));
    assert.deepEqual(over, [], `${width} px, ${look}`);
    await picture(page, join(context.out, `board-small-${width}.png`));
    await nothingBroke(visitor);
    await accessible(page);
    await visitor.close();
  }
});

test('dashboards: a tile opens what it shows, its bridge the charges behind a part', async (context) => {
  const visitor = await visit(context, '/dashboards/board-small');
  const { page } = visitor;
  await settled(page);
  const tile = (name) => page.getByRole('article', { name, exact: true });
  const cell = (row) => oneLine(row).match(/[+−][$\d,.]+$/)[0].replace('$', '');
  const [gone, whole] = [/^Gone/, /^Change \+/].map((name) => tile('Wide change').getByRole('row', { name }));
  const [amount, change] = [cell(await gone.innerText()), cell(await whole.innerText())];
  await gone.getByRole('cell').last().click();
  const drawer = page.getByRole('dialog', { name: 'Everything: gone' });
  assert.equal((await drawer.locator('tfoot td').last().innerText()).replace('$', ''), amount);
  await page.keyboard.press('Escape');
  await tile('Wide change').getByRole('link', { name: 'Wide change' }).click();
  await page.waitForURL(/view=drivers/);
  await page.getByRole('group', { name: /^Change by part/ }).waitFor();
  const told = await page.getByRole('group', { name: /^Change by part/ }).getAttribute('aria-label');
  assert.ok(told.replaceAll('$', '').includes(`Gone ${amount}`) && told.replaceAll('$', '').includes(`together ${change}`), `${amount}, ${change}: ${told}`);
  await page.goBack();
  await tile('Accounts').getByRole('row', { name: /^prod-edge/ }).getByRole('cell').nth(1).click();
  await page.waitForURL(/\/accounts\/410937225017\?.*time=3m/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('dashboards: one of the two lists is the current one, whatever it is cut down to', async (context) => {
  for (const [path, name] of [['/dashboards', 'Dashboards'], ['/dashboards?show=views', 'Saved views'], ['/dashboards?starred=yes', 'Dashboards'], ['/dashboards?show=views&starred=yes', 'Saved views']]) {
    const visitor = await visit(context, path);
    await settled(visitor.page);
    const current = await visitor.page.getByRole('navigation', { name: 'Kept' }).locator('[aria-current]').allInnerTexts();
    assert.equal(current.length, 1, `${path}: ${current}`);
    assert.match(current[0], new RegExp(name));
    await visitor.close();
  }
});

test('dashboards: tiles ask when they come into sight', async (context) => {
  const visitor = await visit(context, '/dashboards/board-many', { height: 700 });
  await settled(visitor.page);
  const first = new Set(visitor.questions).size;
  assert.ok(first > 0 && first < 24, `${first} questions at first`);
  await seeAll(visitor.page);
  assert.ok(new Set(visitor.questions).size > first);
  await nothingBroke(visitor);
  await visitor.close();
});

test("dashboards: all tiles go into the page's time and filters, and back", async (context) => {
  const visitor = await visit(context, BOARD);
  const { page } = visitor;
  await settled(page);
  await page.getByRole('group', { name: 'Time and filters' }).getByRole('button', { name: "The page's" }).click();
  await page.waitForURL(/range=page/);
  await settled(page);
  const before = visitor.questions.length;
  await page.goto(`${context.base}${BOARD}?range=page&time=2026-10-01..2026-11-01&filters=[{"field":"tag:Team","op":"in","values":["Orders"]}]`);
  await settled(page);
  const asked = visitor.questions.slice(before).map((q) => JSON.parse(q)).filter((q) => q.measures.includes('effective_cost'));
  assert.ok(asked.length > 0);
  for (const q of asked) {
    assert.ok(['2026-10-01', '2026-09-01'].includes(q.time.start), `${q.time.start} is neither the range nor what it is compared with`);
    assert.ok(q.filters.some((f) => f.field === 'tag:Team'));
  }
  await page.getByRole('button', { name: 'As saved' }).first().click();
  await page.waitForURL((url) => !url.searchParams.has('range'));
  await visitor.close();
});

test('dashboards: arranged by keys alone, said aloud, and saved', async (context) => {
  const visitor = await visit(context, BOARD);
  const { page } = visitor;
  await settled(page);
  await arranging(page);
  await page.getByRole('article', { name: /^This month/ }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByText('This month is 2 of 8').waitFor({ state: 'attached' });
  await page.keyboard.press('Shift+ArrowRight');
  await page.getByText('This month: 2 columns wide, 1 row high').waitFor({ state: 'attached' });
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^This month, 2 of 8, 2 columns/);
  await page.keyboard.press('Delete');
  await page.getByRole('button', { name: 'Undo' }).click();
  await picture(page, join(context.out, 'board-arranging.png'));
  await accessible(page);
  await page.getByRole('button', { name: 'Add a tile' }).click();
  await page.getByRole('dialog', { name: 'Add a tile' }).getByRole('button', { name: 'Accounts over a quarter' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The arrangement is saved').waitFor();
  await page.reload();
  await settled(page);
  const names = await page.getByRole('article').evaluateAll((all) => all.map((a) => a.getAttribute('aria-label')));
  assert.deepEqual(names.slice(0, 2), ['Last month', 'This month']);
  assert.equal(names.at(-1), 'Accounts over a quarter');
  await nothingBroke(visitor);
  await visitor.close();
});

test('dashboards: a tile is dragged to the place of another', async (context) => {
  const visitor = await visit(context, BOARD);
  const { page } = visitor;
  await settled(page);
  await arranging(page);
  await page.getByRole('article', { name: /^Services/ }).locator('header').dragTo(page.getByRole('article').first().locator('header'));
  assert.match(await page.getByRole('article').first().getAttribute('aria-label'), /^Services, 1 of/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await visitor.close();
});

test('dashboards: an arrangement asks before it is lost, and only then', async (context) => {
  const visitor = await visit(context, '/dashboards/board-small');
  const { page } = visitor;
  await settled(page);
  const asked = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.message());
    void dialog.dismiss();
  });
  const first = page.getByRole('article').first();
  await arranging(page);
  await first.focus();
  await page.keyboard.press('ArrowRight');
  await page.getByText('Low table is 2 of 8').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('link', { name: 'Overview' }).first().click();
  await page.getByRole('button', { name: 'Save', exact: true }).waitFor();
  assert.deepEqual(asked, Array(2).fill('The arrangement is not saved. Leave it?'));
  await page.getByRole('article', { name: /^Low table, 2/ }).focus();
  await page.keyboard.press('ArrowLeft'); /* as it was: nothing would be lost */
  await page.getByText('Low table is 1 of 8').waitFor({ state: 'attached' });
  await page.getByRole('link', { name: 'Overview' }).first().click();
  await page.waitForURL((url) => url.pathname === '/');
  assert.equal(asked.length, 2);
  await page.goto(`${context.base}/dashboards/board-small?range=page`);
  await settled(page);
  await arranging(page);
  await page.getByRole('article').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('button', { name: /^Effective cost/ }).click();
  await page.getByRole('menuitemcheckbox', { name: /^Billed cost/ }).click();
  await page.waitForURL(/metric=billed_cost/); /* the page stays, and what is arranged with it */
  await page.getByRole('article', { name: /^Low table, 2 of 8/ }).waitFor();
  assert.equal(asked.length, 2);
  await visitor.close();
});

test('dashboards: tiles ask when they come into sight while they are arranged, too', async (context) => {
  const visitor = await visit(context, '/dashboards/board-many', { height: 700 });
  const { page } = visitor;
  await settled(page);
  const before = visitor.questions.length;
  await arranging(page);
  await page.getByRole('article', { name: /^Tile 1, 1 of 40/ }).waitFor();
  await settled(page);
  assert.ok(new Set(visitor.questions.slice(before)).size < 24, 'not all at once');
  await seeAll(page);
  await page.getByRole('article', { name: /^Tile 40, / }).getByText(/\$[\d,]+/).first().waitFor();
  await visitor.close();
});

test('dashboards: who was faster is not overwritten unknowingly', async (context) => {
  const visitor = await visit(context, BOARD, { expectErrors: true });
  const { page } = visitor;
  await settled(page);
  await arranging(page);
  await page.getByRole('article').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.evaluate(() => fetch('/api/v1/dashboards/board-platform', { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ description: 'Somebody was faster.' }) }));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Somebody has changed this dashboard').waitFor();
  await picture(page, join(context.out, 'board-conflict.png'));
  await accessible(page);
  await page.getByRole('button', { name: 'Show theirs, drop mine' }).click();
  await page.getByText('Somebody was faster.').waitFor();
  await visitor.close();
});

test('dashboards: explore, drill, save, share, open again: the same bytes', async (context) => {
  const first = await visit(context, '/explore?time=30d&by=["service","sub_account"]&compare=year');
  const { page } = first;
  await settled(page);
  await page.locator('tbody .row-link').first().click();
  await page.getByRole('menuitem', { name: /^Only/ }).click();
  await page.waitForURL(/filters=/);
  await settled(page);
  const questions = [...new Set(first.questions)];
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByRole('textbox', { name: 'Name of this view' }).fill('Drilled');
  await page.getByLabel('Shown to').selectOption('organisation');
  await accessible(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('“Drilled” is saved').waitFor();
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('menuitem', { name: 'Copy short link' }).click();
  await page.getByText('Short link copied').waitFor();
  const link = await clipboard(page);
  assert.match(link, /\/l\/\w{22}$/);
  const id = await page.evaluate(async () => (await (await fetch('/api/v1/views')).json()).data.find((v) => v.name === 'Drilled').id);

  for (const path of [link.replace(context.base, ''), `/v/${id}`]) {
    const again = await visit(context, path);
    await again.page.waitForURL(/\/explore\?/);
    await settled(again.page);
    const asked = [...new Set(again.questions)];
    assert.ok(asked.length > 0);
    for (const q of asked) assert.ok(questions.includes(q), `${path} asks ${q}`);
    await nothingBroke(again);
    await again.close();
  }
  await first.close();
});

test('dashboards: a question is pinned, and stands on the dashboard', async (context) => {
  const visitor = await visit(context, '/explore?by=["region"]');
  const { page } = visitor;
  await settled(page);
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByRole('button', { name: 'Nothing yet' }).click();
  await page.getByText('Pinned to “Nothing yet”').waitFor();
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByRole('article', { name: 'Effective cost by region' }).waitFor();
  assert.match(oneLine(await heading(page)), /^Nothing yet/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('dashboards: made, put into a folder, starred, and removed', async (context) => {
  const visitor = await visit(context, '/dashboards');
  const { page } = visitor;
  await settled(page);
  await page.getByRole('button', { name: 'New dashboard' }).click();
  await page.getByLabel('Name').fill('Made here');
  await page.getByLabel('Folder').fill(' Finance / New ');
  await accessible(page);
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByText('There is no tile yet').waitFor();
  await page.goBack();
  await settled(page);
  await page.getByRole('button', { name: 'Star Made here' }).click();
  await page.getByRole('button', { name: 'Starred' }).click();
  await page.getByRole('row', { name: /Made here/ }).waitFor();
  await page.getByRole('button', { name: 'Change Made here' }).click();
  assert.equal(await page.getByLabel('Folder').inputValue(), 'Finance/New');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('button', { name: 'Remove it for everybody' }).click();
  await page.getByText('“Made here” is removed').waitFor();
  await page.getByRole('row', { name: /Made here/ }).waitFor({ state: 'detached' });
  await nothingBroke(visitor);
  await visitor.close();
});
