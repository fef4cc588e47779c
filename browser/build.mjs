// Bundles the pages and the widget into ../target/browser, from where Maven puts them into the jar.
import { build } from 'esbuild';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';

const here = dirname(fileURLToPath(import.meta.url));
// The tests build into a folder of their own.
const out = process.argv[2] ?? join(here, '..', 'target', 'browser');

// Long names of the widget's own methods and fields. No name of the page's API, of a message or of stored data may be among them.
const OWN = 'beginWithoutFields canGoOn canWrite goesOn hangUp hasOlder isOurs isUnreachable keptHere loadOlder markRead prepareEnd'
  + ' readByOthers removals removeSession serverSays signEnd';

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: {
    webchat: join(here, 'src/widget/main.ts'),
    inbox: join(here, 'src/inbox/main.ts'),
    demo: join(here, 'src/demo/main.ts'),
  },
  outdir: out,
  bundle: true,
  minify: true,
  target: 'es2022',
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } }, // a field that is only declared takes no bytes
  format: 'iife',
  charset: 'utf8',
  legalComments: 'none',
  dropLabels: ['drawn'], // only tests look at them
  mangleProps: new RegExp(`^(${OWN.replaceAll(' ', '|')})$`), // some 130 bytes less
  logLevel: 'warning',
});
// Every page of a site loads this file, so it is worth a second minifier, which finds some 500 bytes more.
const webchat = join(out, 'webchat.js');
const { code } = await minify(await readFile(webchat, 'utf8'), { ecma: 2020, compress: { passes: 2 } });
await writeFile(webchat, code);
for (const file of ['icon.svg', 'home.html']) {
  await cp(join(here, 'pages', file), join(out, file));
}
for (const page of ['demo', 'inbox']) {
  await cp(join(here, 'pages', `${page}.html`), join(out, `${page}.html`));
  await cp(join(here, 'pages', `${page}.css`), join(out, `${page}.css`));
}
