import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { initialsOf, TINTS, tintOf } from '../src/dom/avatar';
import { contrast } from '../src/widget/colors';
import { WINDOW_STYLES } from '../src/widget/window-styles';

test.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Friedrich von der Heide-Sonnenschein', 'FS'],
  ['李小龙', '李'],
  ['\u202EEve <b>bold</b>', 'EB'],
  ['👋 …', ''],
  ['', ''],
])('the initials of %j are %j', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test('the same identity has the same colour, and white text can be read on each of them', () => {
  const css = readFileSync('pages/inbox/base.css', 'utf8');
  for (const sheet of [css, WINDOW_STYLES]) {
    const tints = [...sheet.matchAll(/\.tint-(\d+) ?\{\s*background: ?(#[0-9a-f]{6})/g)];
    expect(tints.map(([, number, ground]) => [Number(number), ground])).toEqual([...TINTS.entries()]);
  }
  for (const ground of TINTS) expect(contrast('#ffffff', ground), ground).toBeGreaterThanOrEqual(4.5);
  const used = new Set(Array.from({ length: 200 }, (_, one) => tintOf(`guest-${one}`)));
  expect(used.size).toBe(TINTS.length);
  expect(tintOf('guest-1')).toBe(tintOf('guest-1'));
});
