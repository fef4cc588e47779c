// @vitest-environment node
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { FILE_TEXTS } from '../src/widget/files/texts';
import { LANGUAGES } from '../src/widget/languages';
import { PUSH_TEXTS } from '../src/widget/push/texts';
import { LAUNCHER_TEXTS } from '../src/widget/texts';
import { WINDOW_TEXTS } from '../src/widget/window-texts';

const folder = mkdtempSync(join(tmpdir(), 'parlour-size-'));
execFileSync(process.execPath, [join(import.meta.dirname, '../build.mjs'), folder]);
const built = readFileSync(join(folder, 'webchat.js'), 'utf8');

afterAll(() => rmSync(folder, { recursive: true }));

/**
 * The largest sizes of the parts, gzipped as they are served. Every visitor of a site loads the first, so its bound is tight. The
 * others are loaded by guests who chat, in the background and once per version: less than a photo.
 */
const SIZES = {
  webchat: 20_000,
  'webchat-window': 18_000,
  'webchat-files': 9_500,
  'webchat-push': 4_600, // it decides when to look for a replaced subscription, because the window has no room
  ...Object.fromEntries(LANGUAGES.filter((code) => code !== 'en').map((code) => [`webchat-${code}`, 2_500])),
};

/** Those of the inbox. Its agents load it once per version, and one language. */
const INBOX_SIZES = {
  inbox: 36_000,
  'inbox-worker': 800,
  ...Object.fromEntries(LANGUAGES.filter((code) => code !== 'en').map((code) => [`inbox-${code}`, 5_500])),
};

function partsOf(page: string): { name: string; kind: string; code: string; bytes: number }[] {
  return readdirSync(folder).filter((name) => name.startsWith(page) && name.endsWith('.js')).map((name) => {
    const code = readFileSync(join(folder, name), 'utf8');
    return { name, kind: name.replace(/(-[0-9a-f]{8})?\.js$/, ''), code, bytes: gzipSync(code, { level: 9 }).length };
  });
}

const parts = partsOf('webchat');

test.each([['webchat', SIZES], ['inbox', INBOX_SIZES]])('what loads with every page is small, and so is each part that is loaded when it is needed: %s', (page, sizes: Record<string, number>) => {
  expect(partsOf(page).map(({ kind }) => kind).sort()).toEqual(Object.keys(sizes).sort());
  for (const { name, kind, bytes } of partsOf(page)) {
    console.info(`${name}: ${bytes} bytes gzipped`);
    expect(bytes, name).toBeLessThanOrEqual(sizes[kind]!);
  }
});

test('inbox.js has the names of its languages’ files, and the texts of none but English', () => {
  const [inbox] = partsOf('inbox').filter(({ kind }) => kind === 'inbox');
  for (const { name } of partsOf('inbox')) if (name !== 'inbox.js') expect(inbox?.code).toContain(name);
  expect(inbox?.code).toContain('Nobody is waiting.');
  expect(inbox?.code).not.toContain('Niemand wartet.');
});

test('webchat.js has the bubble in it, and nothing of the window', () => {
  expect(built).toContain('.bubble{position:fixed');
  for (const { name, kind } of parts) if (name !== 'webchat.js' && kind !== 'webchat-push') expect(built).toContain(name);
  const [pushes, window] = ['webchat-push', 'webchat-window'].map((kind) => parts.find((part) => part.kind === kind));
  expect(window?.code).toContain(pushes?.name);
  expect(built).not.toContain('.panel{');
  expect(built).not.toContain('Write a message');
});

test('no name of a text is shortened, so a page can pass every text', () => {
  const code = (kind: string) => parts.filter((part) => part.kind === kind).map((part) => part.code).join('');
  for (const [kind, texts] of [['webchat', LAUNCHER_TEXTS], ['webchat-window', WINDOW_TEXTS], ['webchat-files', FILE_TEXTS], ['webchat-push', PUSH_TEXTS]] as const) {
    for (const name of Object.keys(texts)) {
      expect(code(kind)).toMatch(new RegExp(`\\b${name}:`));
      if (name in LAUNCHER_TEXTS && ['open', 'windowUnavailable'].includes(name)) continue; // in webchat.js, in all languages
      expect(code('webchat-pl')).toMatch(new RegExp(`\\b${name}:`));
    }
  }
});

test('no part has an inline script or style, or a cookie, or makes markup of text', () => {
  for (const { name, code } of [...parts, ...partsOf('inbox')]) for (const forbidden of ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document.write', 'eval(', 'new Function', 'document.cookie', '<style']) {
    expect(code, name).not.toContain(forbidden);
  }
});
