// Makes the package @parlour/webchat: ./dev package. Arguments: a folder, by default ../target/npm; the version.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, '../target/npm'));
const [, version] = /<version>([^<]+)<\/version>/.exec((await readFile(join(here, '../pom.xml'), 'utf8')).replace(/<parent>[^]*<\/parent>/, ''));
const folder = join(out, 'package');

await rm(out, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
await build({
  entryPoints: [join(here, 'src/package/index.ts')],
  outfile: join(folder, 'index.js'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  dropLabels: ['drawn'], // only tests look at them
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  logLevel: 'warning',
});

// The types of the package are all in one file, which uses none of the widget's.
const types = join(out, 'types');
const tsc = join(here, 'node_modules/typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '--project', join(here, 'tsconfig.package.json'), '--outDir', types], { stdio: 'inherit' });
const declarations = await readFile(join(types, 'package/index.d.ts'), 'utf8');
if (/^import|import\(/m.test(declarations)) throw new Error('browser/src/package/index.ts: the public types must not use those of the widget');
await writeFile(join(folder, 'index.d.ts'), declarations);
await rm(types, { recursive: true });

await cp(join(here, '../LICENSE'), join(folder, 'LICENSE'));
await cp(join(here, 'src/package/README.md'), join(folder, 'README.md'));
await writeFile(join(folder, 'package.json'), `${JSON.stringify({
  name: '@parlour/webchat',
  version: version.replace('-SNAPSHOT', ''),
  description: 'The guest chat of Parlour for pages that are built with npm: the widget, and a chat without a view',
  license: 'Apache-2.0',
  type: 'module',
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
  sideEffects: false,
}, undefined, 2)}\n`);
execFileSync('npm', ['pack', '--silent', '--offline', '--pack-destination', out], { cwd: folder, stdio: 'inherit' });
