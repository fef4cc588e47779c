// Checks docs/api/openapi.yaml, makes a client from it, compiles api.mts against that client, and runs it
// against a server. Arguments: the document, a folder for its files. Prints one line of JSON: the problems, or
// the answers that the client received.
import { createConfig, lint } from '@redocly/openapi-core'
import openapiTS, { astToString } from 'openapi-typescript'
import ts from 'typescript'
import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const document = resolve(process.argv[2])
const folder = resolve(process.argv[3])
const here = import.meta.dirname

const problems = await problemsOf(document)
if (problems.length === 0) problems.push(...await compiled())
const answers = problems.length > 0
  ? []
  : await (await import(pathToFileURL(join(folder, 'api.mjs')).href)).chat(process.env)
console.log(JSON.stringify({ problems, answers }))

/** All problems that the linter finds. */
async function problemsOf(ref) {
  const config = await createConfig({ extends: ['recommended-strict'] })
  const found = await lint({ ref, config })
  return found.map(one => `${one.ruleId}: ${one.message} ${one.location[0]?.pointer ?? ''}`)
}

/** Writes the client's types, and compiles the program that uses them; returns what the compiler finds. */
async function compiled() {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await symlink(join(here, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'schema.mts'), astToString(await openapiTS(pathToFileURL(document))))
  await copyFile(join(here, 'api.mts'), join(folder, 'api.mts'))
  const program = ts.createProgram([join(folder, 'api.mts')], {
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true, // of libraries; schema.mts is not one
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    types: []
  })
  const found = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics]
  return found.map(one => ts.flattenDiagnosticMessageText(one.messageText, '\n'))
}
