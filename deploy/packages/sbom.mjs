// Adds the packaged Java to the jar's bill of materials. Arguments: that file, the files release of the JDK and of the
// runtime that it made, the version.
import { readFile } from 'node:fs/promises';

const [bill, jdk, runtime, version] = process.argv.slice(2);
const materials = JSON.parse(await readFile(bill, 'utf8'));
const facts = async (release) =>
  Object.fromEntries([...(await readFile(release, 'utf8')).matchAll(/^([A-Z_]+)="(.*)"$/gm)].map(([, name, value]) => [name, value]));
const java = { ...(await facts(jdk)), MODULES: (await facts(runtime)).MODULES };
const vendor = java.IMPLEMENTOR ?? 'OpenJDK';
const full = java.JAVA_RUNTIME_VERSION ?? java.JAVA_VERSION;
const ref = `pkg:generic/openjdk@${encodeURIComponent(full)}`;

materials.metadata.component.version = version;
materials.components.push({
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
materials.dependencies.find((dependency) => dependency.ref === materials.metadata.component['bom-ref'])?.dependsOn.push(ref);
materials.dependencies.push({ ref, dependsOn: [] });
process.stdout.write(`${JSON.stringify(materials, undefined, 2)}\n`);
