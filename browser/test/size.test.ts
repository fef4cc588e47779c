// @vitest-environment node
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'parlour-size-'));
execFileSync(process.execPath, [join(import.meta.dirname, '../build.mjs'), folder]);
const built = readFileSync(join(folder, 'webchat.js'), 'utf8');

afterAll(() => rmSync(folder, { recursive: true }));

/** The largest sizes of the parts, gzipped as they are served. */
const SIZES = { webchat: 16_000, 'webchat-window': 10_000, 'webchat-files': 9_500 };

const parts = readdirSync(folder).filter((name) => /^webchat.*\.js$/.test(name)).map((name) => {
  const code = readFileSync(join(folder, name), 'utf8');
  return { name, kind: name.replace(/(-[0-9a-f]{8})?\.js$/, '') as keyof typeof SIZES, code, bytes: gzipSync(code, { level: 9 }).length };
});

test('what loads with every page is small, and so is each part that is loaded when it is needed', () => {
  expect(parts.map(({ kind }) => kind).sort()).toEqual(Object.keys(SIZES).sort());
  for (const { name, kind, bytes } of parts) {
    console.info(`${name}: ${bytes} bytes gzipped`);
    expect(bytes, name).toBeLessThanOrEqual(SIZES[kind]);
  }
});

test('webchat.js has the bubble in it, and nothing of the window', () => {
  expect(built).toContain('.bubble{position:fixed');
  for (const { name } of parts) if (name !== 'webchat.js') expect(built).toContain(name);
  expect(built).not.toContain('.panel{');
  expect(built).not.toContain('Write a message');
});

test('no part has an inline script or style, or a cookie, or makes markup of text', () => {
  for (const { name, code } of parts) for (const forbidden of ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document.write', 'eval(', 'new Function', 'document.cookie', '<style']) {
    expect(code, name).not.toContain(forbidden);
  }
});
