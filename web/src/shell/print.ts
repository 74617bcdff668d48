/*
 * The page on paper: as wide as a sheet, light, with everything on it asked for, before the browser's dialogue opens.
 * Charts are drawn for the width that they have, and a browser tells them of paper too late.
 */
const PATIENCE_MS = 15_000;
const UNFINISHED = '#page [aria-busy=true], #page [aria-label=Loading], #page .skeleton';

const frame = () => new Promise((done) => requestAnimationFrame(done));

/** Two looks that find nothing under way, or no more patience: then it is printed as it is, and says what is missing. */
async function settled(): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let quiet = 0; quiet < 3 && performance.now() < end; ) {
    await new Promise((done) => setTimeout(done, 60));
    await frame();
    quiet = document.querySelector(UNFINISHED) ? 0 : quiet + 1;
  }
}

export async function printPage(): Promise<void> {
  const { dataset } = document.documentElement;
  const theme = dataset['theme'];
  dataset['print'] = '';
  dataset['theme'] = 'light';
  addEventListener('afterprint', () => {
    delete dataset['print'];
    if (theme !== undefined) dataset['theme'] = theme;
  }, { once: true });
  dispatchEvent(new Event('beforeprint')); /* what waits to be seen is asked for now */
  await settled();
  print();
}
