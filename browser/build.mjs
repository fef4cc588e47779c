// Bundles the pages and the widget into ../target/browser, from where Maven puts them into the jar.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { minify } from 'terser';
import { billOf } from './bill.mjs';

const here = dirname(fileURLToPath(import.meta.url));
// The tests build into a folder of their own.
const out = process.argv[2] ?? join(here, '..', 'target', 'browser');

// Long names of the widget's own methods and fields. No name of the page's API, of a text, of the DOM, of a message or of stored data
// may be among them.
const OWN = `
  afterSeconds anew arrived backoff become begin beginWithoutFields button byPage canGoOn canSkip canWrite changed chat
  choices claimed claims current deps drain drop element enter exchange fetching fieldsPath follow followsEnd foot
  goesOn hangUp hasLauncher hasLocation hasOlder history interrupt isAwaited isEndedHere isInPage isOurs isSending isTooLong
  isUnreachable isWanted isWorking keepsDraft keptHere lastOfOthers lastReceived lasts leave lines listen loadedFiles
  loadFiles loadLanguage loadOlder loadWindow markRead meet memory must newest newId newOf notify object offered onEnd
  onFrame optional options outbox outgoing ownTexts parts placed prepareEnd protocol question queue readByOthers recall
  removals removeSession renew reopenable reopenableUntil reported requestOf restore running serverSays serverTime
  session signEnd stateAt storage stream subscribe tabs texts toggled transcript typed waitsFor wake warnDeveloper watch
  withLock
`.trim().split(/\s+/);

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const common = {
  outdir: out,
  bundle: true,
  minify: true,
  target: 'es2022',
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } }, // a field that is only declared takes no bytes
  charset: 'utf8',
  legalComments: 'none',
  dropLabels: ['drawn'], // only tests look at them
  logLevel: 'warning',
};
const chunks = [];

/** Writes a file that a page loads when it needs it. A browser may keep it for ever, because other code has another name. */
async function writeChunk(name, code) {
  const file = `${name}-${createHash('sha256').update(code).digest('hex').slice(0, 8)}.js`;
  await writeFile(join(out, file), code);
  chunks.push(file);
  return file;
}

/** The sources of a folder's languages, by their codes. */
async function languagesOf(folder) {
  const names = await readdir(join(here, 'src', folder, 'languages'));
  return names.filter((name) => name !== 'wording.ts').sort().map((name) => [name.replace('.ts', ''), `languages/${name}`]);
}

const inboxLanguages = {};
for (const [code, source] of await languagesOf('inbox')) {
  const built = await build({ ...common, entryPoints: [join(here, 'src/inbox', source)], format: 'esm', write: false });
  inboxLanguages[code] = await writeChunk(`inbox-${code}`, built.outputFiles[0].contents);
}
const drawing = await build({ ...common, entryPoints: [join(here, 'src/console/plots/chart.ts')], format: 'esm', write: false });
const licence = await readFile(join(here, 'node_modules/uplot/LICENSE'), 'utf8');
// The licence must be part of every copy.
const plots = await writeChunk('console-plots', `/*! uPlot\n${licence.trim()}\n*/\n${drawing.outputFiles[0].text}`);
const pages = await build({
  ...common,
  entryPoints: { console: join(here, 'src/console/main.ts'), inbox: join(here, 'src/inbox/main.ts'), demo: join(here, 'src/demo/main.ts') },
  format: 'iife',
  define: { INBOX_LANGUAGES: JSON.stringify(inboxLanguages), PLOTS_CHUNK: JSON.stringify(plots) },
  write: false,
});
for (const { path, text } of pages.outputFiles) {
  const { code } = await minify(text, { ecma: 2020, compress: { passes: 2 } }); // without the unsafe rules: some 800 bytes less of the inbox
  await writeFile(path, code);
}

/** Builds a part of the widget in memory. All parts use each other's objects, so they must shorten names in the same way. */
async function part(entry, format, mangleCache, define = {}) {
  const built = await build({
    ...common,
    entryPoints: [join(here, 'src/widget', entry)],
    format,
    define,
    mangleProps: new RegExp(`^(${OWN.join('|')})$`),
    mangleCache,
    write: false,
  });
  return { text: built.outputFiles[0].text, names: built.mangleCache };
}

/** Every page of a site loads this code, so it is worth a second minifier, which finds some 600 bytes more. */
async function smaller(text, isModule) {
  const compress = { passes: 5, unsafe_arrows: true, unsafe_methods: true, unsafe_comps: true, pure_getters: true, keep_fargs: false, hoist_funs: true };
  const { code } = await minify(text, { ecma: 2020, compress, module: isModule });
  return code.replaceAll('}\\n', '}').replaceAll(';\\n', ';'); // the lines of the style sheets
}

let { names } = await part('main.ts', 'iife', {}, { WINDOW_CHUNK: '""', FILES_CHUNK: '""', LANGUAGE_CHUNKS: '{}' });

/** Writes a part that the widget loads when it needs it. */
async function chunk(name, entry, define = {}) {
  const built = await part(entry, 'esm', { ...names }, define);
  ({ names } = built);
  return writeChunk(`webchat-${name}`, await smaller(built.text, true));
}

const languages = {};
for (const [code, source] of await languagesOf('widget')) languages[code] = await chunk(code, source);
const push = { PUSH_CHUNK: JSON.stringify(await chunk('push', 'push/chunk.ts')) };
const made = {
  WINDOW_CHUNK: JSON.stringify(await chunk('window', 'window-chunk.ts', push)),
  FILES_CHUNK: JSON.stringify(await chunk('files', 'files/chunk.ts')),
  LANGUAGE_CHUNKS: JSON.stringify(languages),
};
await writeFile(join(out, 'packages.cdx.json'), `${JSON.stringify(await billOf(['uplot']), undefined, 2)}\n`);
await writeFile(join(out, 'chunks.txt'), chunks.map((file) => `${file}\n`).join(''));
const { text } = await part('main.ts', 'iife', { ...names }, made);
await writeFile(join(out, 'webchat.js'), await smaller(text, false));
await build({ ...common, entryPoints: { 'push-worker': join(here, 'src/push-worker/main.ts'), 'inbox-worker': join(here, 'src/inbox-worker/main.ts') }, format: 'iife' });
for (const file of ['icon.svg', 'icon-unread.svg', 'home.html']) {
  await cp(join(here, 'pages', file), join(out, file));
}
for (const page of ['console', 'demo', 'inbox']) {
  await cp(join(here, 'pages', `${page}.html`), join(out, `${page}.html`));
  await build({ ...common, entryPoints: [join(here, 'pages', `${page}.css`)] });
}
// As small as possible: it is compressed once and sent often.
for (const file of await readdir(out)) {
  if (/\.(js|css|html|svg)$/.test(file)) await writeFile(join(out, `${file}.gz`), gzipSync(await readFile(join(out, file)), { level: 9 }));
}
