/* Each page in both themes and three widths: a picture, no error, no policy report, axe clean, no sideways scroll. */
import { join } from 'node:path';
import { accessible, noSidewaysScroll, nothingBroke, picture, settled, visit } from './browser.mjs';
import { test } from './tap.mjs';

const PAGES = {
  overview: '/',
  explore: '/explore',
  'explore-two': '/explore?by=["sub_account","service"]&chart=area&filters=[{"field":"tag:Environment","op":"in","values":["prod","shared"]},{"field":"charge_category","op":"not_in","values":["Tax"]}]',
  drivers: '/explore?view=drivers',
  resources: '/explore?by=["resource"]',
  charges: '/explore?view=charges',
  sources: '/sources',
};
const WIDTHS = [1440, 1024, 390];

for (const [name, path] of Object.entries(PAGES))
  for (const theme of ['light', 'dark'])
    for (const width of WIDTHS)
      test(`${name}, ${theme}, ${width} px: clean and accessible`, async (context) => {
        const visitor = await visit(context, path, { width, theme, height: width === 390 ? 844 : 1000 });
        await settled(visitor.page);
        await picture(visitor.page, join(context.out, `${name}-${width}-${theme}.png`));
        await nothingBroke(visitor);
        await noSidewaysScroll(visitor.page);
        await accessible(visitor.page);
        await visitor.close();
      });

test('at 320 px every page reflows', async (context) => {
  for (const path of Object.values(PAGES)) {
    const visitor = await visit(context, path, { width: 320, height: 640 });
    await settled(visitor.page);
    await noSidewaysScroll(visitor.page);
    await visitor.close();
  }
});
