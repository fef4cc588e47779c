import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { initialsOf, TINTS, tintOf } from '../src/inbox/avatar';
import { contrast } from '../src/widget/host-styles';

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
  const tints = [...css.matchAll(/\.tint-(\d+) \{\s*background: (#[0-9a-f]{6})/g)];
  expect(tints.map(([, number]) => Number(number))).toEqual(Array.from({ length: TINTS }, (_, number) => number));
  for (const [, number, colour] of tints) expect(contrast('#ffffff', String(colour)), `tint ${number}`).toBeGreaterThanOrEqual(4.5);
  const used = new Set(Array.from({ length: 200 }, (_, one) => tintOf(`guest-${one}`)));
  expect(used.size).toBe(TINTS);
  expect(tintOf('guest-1')).toBe(tintOf('guest-1'));
});
