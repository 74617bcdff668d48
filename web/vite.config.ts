import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/*
 * The theme must stand before the first paint, so its script cannot wait for the module graph, and
 * the content security policy forbids it inside the page: it becomes a hashed file of its own.
 */
function themeScript(): Plugin {
  const source = readFileSync(new URL('./src/theme.js', import.meta.url), 'utf8');
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 8);
  const fileName = `assets/theme-${hash}.js`;
  return {
    name: 'theme-script',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName, source });
    },
    transformIndexHtml: () => [{ tag: 'script', attrs: { src: `/${fileName}` }, injectTo: 'head-prepend' }],
  };
}

export default defineConfig({
  plugins: [react(), tailwind(), themeScript()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        /* a page's chunk carries the page's name */
        chunkFileNames: (chunk) => {
          const page = /\/pages\/(\w+)\/page\.tsx$/.exec(chunk.facadeModuleId ?? '');
          return `assets/${page ? page[1] : chunk.name}-[hash].js`;
        },
      },
    },
  },
});
