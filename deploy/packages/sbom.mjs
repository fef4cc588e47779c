// Adds the packages of the pages and the packaged Java to the jar's bill of materials. Arguments: that file, the bill of
// the pages, the files release of the JDK and of the runtime that it made, the version.
import { readFile } from 'node:fs/promises';

const [bill, pages, jdk, runtime, version] = process.argv.slice(2);
const materials = JSON.parse(await readFile(bill, 'utf8'));
const { components: packages } = JSON.parse(await readFile(pages, 'utf8'));
const facts = async (release) =>
  Object.fromEntries([...(await readFile(release, 'utf8')).matchAll(/^([A-Z_]+)="(.*)"$/gm)].map(([, name, value]) => [name, value]));
const java = { ...(await facts(jdk)), MODULES: (await facts(runtime)).MODULES };
const vendor = java.IMPLEMENTOR ?? 'OpenJDK';
const full = java.JAVA_RUNTIME_VERSION ?? java.JAVA_VERSION;
const ref = `pkg:generic/openjdk@${encodeURIComponent(full)}`;

materials.metadata.component.version = version;
materials.components.push(...packages, {
  type: 'platform',
  'bom-ref': ref,
  supplier: { name: vendor },
  name: 'openjdk',
  version: full,
  description: `The Java runtime, with the modules ${java.MODULES}`,
  licenses: [{ expression: 'GPL-2.0-only WITH Classpath-exception-2.0' }],
  purl: ref,
  properties: [{ name: 'parlour:source', value: java.SOURCE ?? '' }],
});
const added = [...packages.map((one) => one['bom-ref']), ref];
materials.dependencies.find((dependency) => dependency.ref === materials.metadata.component['bom-ref'])?.dependsOn.push(...added);
materials.dependencies.push(...added.map((one) => ({ ref: one, dependsOn: [] })));
process.stdout.write(`${JSON.stringify(materials, undefined, 2)}\n`);
