import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The bill of materials of the npm packages whose code the pages contain, as CycloneDX. */
export async function billOf(names) {
  const { packages } = JSON.parse(await readFile(join(import.meta.dirname, 'package-lock.json'), 'utf8'));
  const components = names.map((name) => {
    const { version, license, integrity } = packages[`node_modules/${name}`];
    const content = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
    return { type: 'library', 'bom-ref': `pkg:npm/${name}@${version}`, name, version, hashes: [{ alg: 'SHA-512', content }], licenses: [{ license: { id: license } }], purl: `pkg:npm/${name}@${version}` };
  });
  return { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components };
}
