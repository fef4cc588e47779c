// @vitest-environment node
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const { billOf } = await import(join(ROOT, 'browser/bill.mjs'));
const folder = mkdtempSync(join(tmpdir(), 'parlour-sbom-'));

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('the bill of materials of a package has the libraries of the jar, those of the pages, and Java', async () => {
  const parlour = 'pkg:maven/parlour/parlour@1.2.3?type=jar';
  const jetty = 'pkg:maven/org.eclipse.jetty/jetty-server@12.1.14?type=jar';
  const bill = JSON.parse(
    execFileSync(process.execPath, [
      join(ROOT, 'deploy/packages/sbom.mjs'),
      file(
        'jar.json',
        JSON.stringify({
          metadata: { component: { 'bom-ref': parlour, version: '1.2.3-SNAPSHOT' } },
          components: [{ type: 'library', 'bom-ref': jetty, name: 'jetty-server' }],
          dependencies: [{ ref: parlour, dependsOn: [jetty] }, { ref: jetty, dependsOn: [] }],
        }),
      ),
      file('pages.json', JSON.stringify(await billOf(['uplot']))),
      file('jdk', 'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_RUNTIME_VERSION="25.0.1+8"\n'),
      file('runtime', 'MODULES="java.base java.sql"\n'),
      '1.2.3',
    ]).toString(),
  );

  const { version } = JSON.parse(readFileSync(join(ROOT, 'browser/node_modules/uplot/package.json'), 'utf8'));
  const uplot = `pkg:npm/uplot@${version}`;
  const java = 'pkg:generic/openjdk@25.0.1%2B8';
  const refs = [jetty, uplot, java];
  expect(bill.metadata.component.version).toBe('1.2.3');
  expect(bill.components.map((one: { 'bom-ref': string }) => one['bom-ref'])).toEqual(refs);
  expect(bill.components[1]).toMatchObject({ name: 'uplot', version, licenses: [{ license: { id: 'MIT' } }] });
  expect(bill.dependencies).toEqual([{ ref: parlour, dependsOn: refs }, ...refs.map((ref) => ({ ref, dependsOn: [] }))]);
});
