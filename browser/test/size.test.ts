// @vitest-environment node
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'parlour-size-'));
execFileSync(process.execPath, [join(import.meta.dirname, '../build.mjs'), folder]);
const built = readFileSync(join(folder, 'webchat.js'), 'utf8');

afterAll(() => rmSync(folder, { recursive: true }));

test('the widget has at most 21.5 kB, gzipped as it is served, with its styles in it', () => {
  const bytes = gzipSync(built, { level: 9 }).length;
  expect(built).toContain('.bubble{position:fixed');
  expect(bytes).toBeLessThanOrEqual(21_500);
  console.info(`webchat.js: ${bytes} bytes gzipped`);
});

test('the widget has no inline script or style, no cookie, and makes no markup of text', () => {
  for (const forbidden of ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document.write', 'eval(', 'new Function', 'document.cookie', '<style']) {
    expect(built).not.toContain(forbidden);
  }
});
