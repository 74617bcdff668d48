import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type Rolldown } from 'vite';

const PAGE = /\/pages\/(\w+)\/page\.tsx$/;
const pathOf = (page: string) => (page === 'overview' ? '/' : `/${page}`);

type Bundle = Rolldown.OutputBundle;

/** The files of each page that the page itself does not name. */
function pageFiles(bundle: Bundle): Record<string, string[]> {
  const chunks = Object.values(bundle).filter((c) => c.type === 'chunk');
  const entry = chunks.find((c) => c.isEntry);
  const there = new Set(entry ? [entry.fileName, ...entry.imports] : []);
  const pages = chunks.flatMap((c) => {
    const page = PAGE.exec(c.facadeModuleId ?? '')?.[1];
    return page ? [[pathOf(page), [c.fileName, ...c.imports].filter((f) => !there.has(f)).map((f) => `/${f}`)] as const] : [];
  });
  return Object.fromEntries(pages);
}

/*
 * The theme must stand before the first paint, so its script cannot wait for the module graph, and the content
 * security policy forbids it inside the page: it becomes a hashed file of its own, which also fetches what the
 * first paint needs. The font is named, because a style sheet names it too late.
 */
function firstScript(): Plugin {
  const source = readFileSync(new URL('./src/first.js', import.meta.url), 'utf8');
  let fileName = '';
  let font: string | undefined;
  let libraries: string[] = [];
  return {
    name: 'first-script',
    apply: 'build',
    generateBundle(_, bundle) {
      const text = source.replaceAll('PAGES[', `${JSON.stringify(pageFiles(bundle))}[`);
      const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
      fileName = `assets/first-${hash}.js`;
      libraries = LIBRARIES.flatMap((name) => Object.values(bundle).find((c) => c.type === 'chunk' && c.name === name)?.fileName ?? []);
      font = Object.keys(bundle).find((f) => f.endsWith('.woff2'));
      this.emitFile({ type: 'asset', fileName, source: text });
    },
    transformIndexHtml: () => [
      { tag: 'script', attrs: { src: `/${fileName}` }, injectTo: 'head-prepend' },
      ...libraries.map((file) => ({ tag: 'script', attrs: { type: 'module', crossorigin: '', src: `/${file}` }, injectTo: 'head-prepend' as const })),
      ...(font
        ? [{ tag: 'link', attrs: { rel: 'preload', href: `/${font}`, as: 'font', type: 'font/woff2', crossorigin: '' }, injectTo: 'head' as const }]
        : []),
    ],
  };
}

/* run one after the other, each in a task of its own */
const LIBRARIES = ['react', 'libs'] as const;

const REACT = /rolldown.runtime|\/node_modules\/(react|react-dom|scheduler)\/|\/src\/react\.ts$/;
const LIBS = /\/node_modules\/(@tanstack\/(router-core|react-router|history|store|react-store|query-core|react-query)|use-sync-external-store)\//;
/* small, and on every page that people begin with */
const EVERY_PAGE = /\/src\/(ui\/(money|parts|turns)|shell\/freshness|pages\/rates-line)\.tsx$/;

export default defineConfig({
  plugins: [react(), tailwind(), firstScript()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        /* few files, since a browser asks for few at a time; several, since each is run in a task of its own */
        codeSplitting: { groups: [{ name: 'react', test: REACT, priority: 2 }, { name: 'libs', test: LIBS, priority: 1 }, { name: 'index', tags: ['$initial'] }, { name: 'common', test: EVERY_PAGE }] },
        /* a page's chunk carries the page's name */
        chunkFileNames: (chunk) => {
          const page = PAGE.exec(chunk.facadeModuleId ?? '');
          return `assets/${page ? page[1] : chunk.name}-[hash].js`;
        },
      },
    },
  },
});
