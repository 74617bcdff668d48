/* Coming in, one's own account, the pages of administrators, and what those see who may not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD } from '../../web/fixtures/people.mjs';
import { accessible, heading, noSidewaysScroll, nothingBroke, oneLine, picture, settled, visit } from './browser.mjs';
import { assert, test } from './tap.mjs';

const people = (context, path, more = {}) => visit(context, path, { state: 'people', expectErrors: true, ...more });

/** By keyboard alone. */
async function signIn(page, who, password = PASSWORD) {
  await page.getByLabel('E-mail').waitFor();
  await page.getByLabel('E-mail').focus();
  await page.keyboard.type(`${who}@meridian.example`);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
}

async function inside(context, path, who = 'ana', more = {}) {
  const visitor = await people(context, path, more);
  await signIn(visitor.page, who);
  await visitor.page.locator('#page').waitFor();
  await settled(visitor.page);
  return visitor;
}

test('whoever signs in is where they wanted to be; a wrong password says neither which was wrong', async (context) => {
  const visitor = await people(context, '/explore?by=["region"]');
  const { page } = visitor;
  await page.getByRole('heading', { name: /^Sign in/ }).waitFor();
  assert.equal(await page.locator('.rail, .scope').count(), 0);
  await signIn(page, 'ana', 'wrong horse');
  await page.getByText('The address or the password is not right.').waitFor();
  await accessible(page);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('#page').waitFor();
  await settled(page);
  assert.match(page.url(), /\/explore\?by=/);
  assert.match(await heading(page), /\$/);
  await nothingBroke(visitor);
  await visitor.close();
});

test('a second factor is asked for, and a lock-out counts down', async (context) => {
  const visitor = await people(context, '/');
  const { page } = visitor;
  await signIn(page, 'tom');
  await page.getByLabel('Code').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.name), 'code');
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await page.getByText(/That code is not right/).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Sign in as somebody else' }).click();
  await signIn(page, 'lea');
  await page.getByText('Too many attempts failed.', { exact: true }).waitFor(); /* once: what counts is the button */
  assert.ok(await page.getByRole('button', { name: /^Wait 4\d s$/ }).isDisabled());
  await visitor.close();
});

test('a session that ends keeps what was typed, and asks over it', async (context) => {
  const visitor = await inside(context, '/explore');
  const { page } = visitor;
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByLabel('Name of this view').fill('half a sentence');
  await page.context().clearCookies();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.waitFor();
  await accessible(page);
  await picture(page, join(context.out, 'people-again-1440-light.png'));
  assert.equal(await dialog.getByLabel('E-mail').inputValue(), 'ana@meridian.example');
  await dialog.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await page.getByLabel('Name of this view').inputValue(), 'half a sentence');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/“half a sentence” is saved/).waitFor();
  await visitor.close();
});

test('who may not is told what it takes, and is not offered what is not theirs', async (context) => {
  const visitor = await inside(context, '/audit', 'vic');
  const { page } = visitor;
  await page.getByText('You need audit.read').waitFor();
  await accessible(page);
  await picture(page, join(context.out, 'people-not-allowed-1440-light.png'));
  assert.equal(await page.getByRole('navigation', { name: 'Main' }).getByRole('heading', { name: 'Admin' }).count(), 0);
  assert.equal(await page.getByRole('heading', { name: 'Not for you' }).count(), 1);
  await page.goto(context.base + '/explore');
  await settled(page);
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByText('For this you need views.write').waitFor();
  assert.equal(await page.getByLabel('Name of this view').count(), 0);
  await page.goto(context.base + '/sources');
  await settled(page);
  await page.getByText('For this you need files.write and imports.write').waitFor();
  await visitor.close();
});

test('who sees a part of the charges is not offered what speaks of bills as a whole', async (context) => {
  const visitor = await inside(context, '/sources', 'vic');
  const { page } = visitor;
  assert.match(oneLine(await heading(page)), /^\d+ sources\. /);
  await page.getByText('What was delivered, and whether it balances, is for those who see all charges.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0);
  assert.equal(await page.getByRole('link', { name: 'Reconciliation' }).count(), 0);
  await accessible(page);
  await picture(page, join(context.out, 'people-part-sources-1440-light.png'));
  await page.goto(context.base + '/reconciliation');
  await page.getByText('is for those who may see all charges').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0);
  await page.getByRole('button', { name: /^Account, / }).first().click();
  await page.getByRole('menuitem', { name: 'Your tokens' }).click();
  await page.waitForURL(/\/tokens/);
  await visitor.close();
});

test('somebody else who signs in in another tab gets pages of their own', async (context) => {
  const visitor = await inside(context, '/users');
  const { page } = visitor;
  const other = await page.context().newPage();
  await other.goto(context.base + '/users');
  await other.evaluate(async ([email, password]) => {
    await fetch('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) });
  }, ['vic@meridian.example', PASSWORD]);
  await page.getByRole('button', { name: 'Tom Hale' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByText('You need users.read').waitFor();
  await visitor.close();
});

test('who signs in anew in another tab goes on in the first one as if nothing had been', async (context) => {
  const visitor = await inside(context, '/explore');
  const { page } = visitor;
  const other = await page.context().newPage();
  await other.goto(context.base + '/');
  await other.evaluate(async ([email, password]) => {
    await fetch('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) });
  }, ['ana@meridian.example', PASSWORD]);
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByLabel('Name of this view').fill('of the second session');
  await page.keyboard.press('Enter');
  await page.getByText('“of the second session” is saved').waitFor();
  assert.equal(await page.locator('.toast').count(), 1, 'and nothing was refused before');
  await nothingBroke(visitor);
  await visitor.close();
});

test('a sign-out after the session has ended leads out; a session that has ended is no wrong password', async (context) => {
  const visitor = await inside(context, '/account');
  const { page } = visitor;
  await page.context().clearCookies();
  await page.getByLabel('Password now').fill(PASSWORD);
  await page.getByLabel('New password').fill('a sentence of my own');
  await page.getByRole('button', { name: 'Change the password' }).click();
  const again = page.getByRole('dialog', { name: 'Sign in again' });
  await again.waitFor();
  assert.equal(await page.getByText('That is not your password.').count(), 0);
  await again.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await again.waitFor({ state: 'detached' });
  await page.context().clearCookies();
  await page.getByRole('button', { name: /^Account, / }).first().click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: /^Sign in/ }).waitFor();
  await visitor.close();
});

test('a given password is changed before all else', async (context) => {
  const visitor = await people(context, '/');
  const { page } = visitor;
  await signIn(page, 'ned');
  await page.getByRole('heading', { name: /^Take a password of your own/ }).waitFor();
  await accessible(page);
  await page.getByLabel('Password now').fill(PASSWORD);
  await page.getByLabel('New password').fill('password1234');
  await page.keyboard.press('Enter');
  await page.getByText('That is one of the common ones.').waitFor();
  await page.getByLabel('New password').fill('a sentence of my own');
  await page.keyboard.press('Enter');
  await page.locator('#page').waitFor();
  await visitor.close();
});

test('the first account, and an invitation, come by a link', async (context) => {
  let visitor = await visit(context, '/', { state: 'first-run', expectErrors: true });
  await visitor.page.getByRole('heading', { name: /^Nobody is here yet/ }).waitFor();
  await accessible(visitor.page);
  await visitor.page.goto(context.base + '/setup#first');
  await visitor.page.getByRole('heading', { name: /^Make the first account/ }).waitFor();
  await visitor.page.getByLabel('E-mail').fill('ana@meridian.example');
  await visitor.page.getByLabel('New password').fill('short');
  assert.match(oneLine(await visitor.page.getByRole('list', { name: 'A password has' }).innerText()), /12 characters or more ?, not yet/);
  await visitor.page.getByLabel('New password').fill('a long enough sentence');
  await accessible(visitor.page);
  await picture(visitor.page, join(context.out, 'people-setup-1440-light.png'));
  await visitor.page.keyboard.press('Enter');
  await visitor.page.locator('#page').waitFor();
  await visitor.close();

  visitor = await people(context, '/accept#Gx3fQ9', { width: 390, height: 844, theme: 'dark' });
  await visitor.page.getByRole('heading', { name: /^You are invited\. For ivo@meridian\.example/ }).waitFor();
  await noSidewaysScroll(visitor.page);
  await accessible(visitor.page);
  await picture(visitor.page, join(context.out, 'people-accept-390-dark.png'));
  await visitor.page.getByLabel('New password').fill('a long enough sentence');
  await visitor.page.keyboard.press('Enter');
  await visitor.page.locator('#page').waitFor();
  assert.equal(new URL(visitor.page.url()).hash, '');
  await visitor.page.goto('about:blank');
  await visitor.page.goto(context.base + '/accept#spent');
  await visitor.page.getByRole('heading', { name: /^This link is not good any more/ }).waitFor();
  await visitor.close();
});

test('the account: sessions, a second factor with its codes, and the way out', async (context) => {
  const visitor = await inside(context, '/account');
  const { page } = visitor;
  assert.match(oneLine(await heading(page)), /^You are Ana Ruiz, Administrator\. You see all charges\.$/);
  await page.getByRole('button', { name: /End the session in Firefox on Linux/ }).click();
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByLabel('Your password').fill('no');
  await page.keyboard.press('Enter');
  await page.getByText('That is not your password.').waitFor();
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: 'QR code of the secret' }).waitFor();
  await accessible(page);
  await picture(page, join(context.out, 'people-totp-1440-light.png'));
  await page.getByLabel('Code that it shows').fill('123456');
  await page.keyboard.press('Enter');
  await page.getByText('7f3k-92ma').waitFor();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('button', { name: /^Account, / }).first().click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: /^Sign in/ }).waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('people are invited with a part of the charges, changed and disabled', async (context) => {
  const visitor = await inside(context, '/users');
  const { page } = visitor;
  assert.match(oneLine(await heading(page)), /^7 people have accounts\./);
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite' });
  await dialog.getByLabel('E-mail').fill('new@meridian.example');
  await dialog.getByLabel('Role').selectOption('analyst');
  await dialog.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('button', { name: /^Region/ }).click();
  await page.getByRole('checkbox').first().click();
  await page.keyboard.press('Escape');
  await dialog.getByText('Only charges that fit all of these.').waitFor();
  await accessible(page);
  await picture(page, join(context.out, 'people-invite-1440-light.png'));
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  const link = page.getByRole('dialog', { name: 'Invitation' });
  await link.waitFor();
  await page.mouse.click(5, 5); /* what is shown once stays */
  await link.getByRole('button', { name: 'Copy' }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/accept#Gx3fQ9$/);
  await accessible(page);
  await link.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'new@meridian.example' }).click();
  await page.getByRole('dialog').getByText(/^Region is/).first().waitFor();
  const drawer = await page.getByRole('dialog').boundingBox();
  await page.mouse.click(drawer.x + 4, drawer.y + drawer.height - 4); /* its own padding */
  await page.mouse.move(drawer.x + 60, drawer.y + 300);
  await page.mouse.down();
  await page.mouse.move(drawer.x - 60, drawer.y + 300);
  await page.mouse.up(); /* a drag that ends beside it */
  assert.equal(await page.getByRole('dialog').count(), 1);
  await page.mouse.click(drawer.x - 60, drawer.y + 300);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Ana Ruiz', exact: true }).click();
  await page.getByText('Another administrator changes your role and what you see.').waitFor();
  assert.equal(await page.getByRole('dialog').getByRole('button', { name: 'Filter', exact: true }).count(), 0);
  assert.equal(await page.getByRole('button', { name: /^New password link/ }).count(), 0); /* their own password they change themselves */
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Ned Okafor' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('button', { name: /^Region/ }).click();
  await page.getByRole('button', { name: 'None', exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').getByRole('button', { name: /^Region is/ }).click();
  await page.getByRole('button', { name: 'is', exact: true }).click(); /* names no value yet, and so says nothing */
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').getByText('All charges.').waitFor();
  await page.getByRole('button', { name: 'As text' }).click();
  assert.equal(await page.getByLabel('Condition').inputValue(), '');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Vic Lund' }).click();
  await settled(page);
  await accessible(page);
  await picture(page, join(context.out, 'people-user-1440-light.png'));
  await page.getByRole('button', { name: 'Disable' }).click();
  await page.getByText('Vic Lund is changed').waitFor();
  await page.getByRole('button', { name: 'Enable' }).click();
  await page.getByRole('button', { name: 'Disable' }).waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('a role of one’s own is made and deleted; built-in ones stay', async (context) => {
  const visitor = await inside(context, '/roles');
  const { page } = visitor;
  await page.getByRole('button', { name: 'New role' }).click();
  await page.getByLabel('Name').fill('Auditor');
  await page.getByRole('checkbox', { name: /^audit\.read/ }).check();
  await page.getByRole('button', { name: 'Make the role' }).click();
  await page.getByRole('button', { name: 'Auditor' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Auditor' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Viewer', exact: true }).click();
  await page.getByText('It is built in and stays as it is.').waitFor();
  await accessible(page);
  await nothingBroke(visitor);
  await visitor.close();
});

test('a token is shown once and revoked', async (context) => {
  const visitor = await inside(context, '/tokens');
  const { page } = visitor;
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('What it is for').fill('report');
  await page.getByRole('button', { name: 'Only some' }).click();
  await accessible(page);
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByText(/^fth_tok\d+_/).waitFor();
  await accessible(page);
  await picture(page, join(context.out, 'people-token-1440-light.png'));
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined })); /* as without TLS */
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('it is selected, copy it by keys').waitFor();
  assert.match(await page.evaluate(() => String(getSelection())), /^fth_tok\d+_/);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText(/^fth_tok\d+_/).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Revoke report' }).click();
  await page.getByRole('button', { name: 'Revoke it' }).click();
  await page.getByText('“report” is revoked').waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

test('the audit is narrowed, read on and taken out, and its chain is told', async (context) => {
  const visitor = await inside(context, '/audit');
  const { page } = visitor;
  assert.match(oneLine(await heading(page)), /^The chain holds, 130 rows\./);
  await page.getByRole('button', { name: 'Earlier' }).click();
  await page.getByRole('button', { name: 'Earlier' }).waitFor({ state: 'detached' });
  await page.getByLabel('What').fill('session.');
  await page.keyboard.press('Enter');
  await page.waitForURL(/action=session/);
  await settled(page);
  assert.equal(await page.getByRole('cell', { name: 'user.change' }).count(), 0);
  assert.ok(await page.getByLabel('What').evaluate((input) => input === document.activeElement)); /* the form is still the same */
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV', exact: true }).click()]);
  assert.match(readFileSync(await file.path(), 'utf8'), /^seq,at,actor,action\n/);
  await page.locator('#page tbody .row-link').first().click();
  await page.getByRole('dialog').getByText('10.20.4.17').waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('cell', { name: 'user.change' }).first().waitFor();
  assert.equal(await page.getByLabel('What').inputValue(), '');
  assert.ok(await page.getByLabel('Who').evaluate((input) => input === document.activeElement));
  await nothingBroke(visitor);
  await visitor.close();
});

test('whoever runs open is told so', async (context) => {
  const visitor = await visit(context, '/');
  await settled(visitor.page);
  await visitor.page.getByRole('button', { name: 'Account, Open access' }).first().click();
  await visitor.page.getByText('You run open on loopback').waitFor();
  await accessible(visitor.page);
  await picture(visitor.page, join(context.out, 'people-open-1440-light.png'));
  await visitor.page.getByRole('menuitem', { name: 'Users', exact: true }).click();
  await visitor.page.getByText('You run open on loopback: nobody signs in yet').waitFor();
  await accessible(visitor.page);
  await visitor.page.getByRole('button', { name: 'Make the first account' }).click();
  await visitor.page.getByRole('heading', { name: /^Make the first account/ }).waitFor();
  await nothingBroke(visitor);
  await visitor.close();
});

for (const theme of ['light', 'dark'])
  for (const width of [1440, 1024, 390])
    test(`people, ${theme}, ${width} px: every page is clean and accessible`, async (context) => {
      const visitor = await people(context, '/', { theme, width, height: width === 390 ? 844 : 1000 });
      const { page } = visitor;
      await page.getByLabel('E-mail').waitFor();
      await accessible(page);
      await picture(page, join(context.out, `people-sign-in-${width}-${theme}.png`));
      await signIn(page, 'ana');
      await page.locator('#page').waitFor();
      for (const name of ['account', 'users', 'roles', 'tokens', 'audit']) {
        await page.goto(`${context.base}/${name}`);
        await settled(page);
        await picture(page, join(context.out, `people-${name}-${width}-${theme}.png`));
        await noSidewaysScroll(page);
        await accessible(page);
      }
      await nothingBroke(visitor);
      await visitor.close();
    });
