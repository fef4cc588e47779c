import { expect, test } from 'vitest';
import { BADGE, BRAND, contrast, FULL_SCREEN, textOn } from '../src/widget/colors';
import { HOST_STYLES } from '../src/widget/host-styles';
import { colorsOf, PALETTE, readable } from '../src/widget/palette';
import { WINDOW_STYLES } from '../src/widget/window-styles';

const STYLES = HOST_STYLES + WINDOW_STYLES + colorsOf(BRAND);

for (const theme of ['light', 'dark'] as const) {
  const { bg, ink, soft, edge, theirs, warn, warnink, stop, stopink, bad } = PALETTE[theme];
  test(`every text of the ${theme} theme has a contrast of 4.5:1 (WCAG 2.2, 1.4.3)`, () => {
    for (const [text, ground] of [
      [ink, bg], [ink, theirs], [soft, bg], [soft, theirs], [bad, bg], [warnink, warn], [stopink, stop],
      [textOn(BRAND), BRAND], [BADGE.text, BADGE.ground],
    ] as const) {
      expect(contrast(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test(`edges and the focus of the ${theme} theme have a contrast of 3:1 (WCAG 2.2, 1.4.11)`, () => {
    for (const [line, ground] of [[edge, bg], [ink, bg], [ink, theirs]] as const) {
      expect(contrast(line, ground), `${line} on ${ground}`).toBeGreaterThanOrEqual(3);
    }
  });
}

test('no text is faded: its contrast would be less than that of its colours', () => {
  const rules = STYLES.replace(/@keyframes \w+\{.*\}/g, '').match(/[^{}]+\{[^{}]*opacity:[^1][^{}]*\}/g) ?? [];
  expect(rules.map((rule) => rule.trim().replace(/\{.*/, ''))).toEqual(['.bubble[aria-busy=true] .icon', '[aria-disabled=true]']);
});

test('a phone shows the window on the whole screen, also when it is turned', () => {
  const rules = STYLES.split('\n').filter((rule) => rule.includes('max-width:480px'));
  expect(rules).toHaveLength(2);
  for (const rule of rules) expect(rule).toContain(`@media ${FULL_SCREEN}{`);
});

test('every button of the window is 44 pixels high, except "Send again"', () => {
  for (const selector of ['.go', '.older', '.plain', '.menu button', '.newer']) {
    const rules = [...STYLES.matchAll(/([^{}]+)\{([^{}]*)\}/g)].filter(([, names = '']) => names.trim().split(',').includes(selector));
    expect(rules.some(([, , rule = '']) => rule.includes('min-height:44px')), selector).toBe(true);
  }
});

test('motion takes 160 ms, except that of the three dots, and there is none for a guest whose system asks for less', () => {
  const allowed = [...STYLES.matchAll(/@media \(prefers-reduced-motion:no-preference\)(\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})/g)].map(([rules]) => rules);
  const elsewhere = allowed.reduce((styles, rules) => styles.replace(rules, ''), STYLES);
  expect(elsewhere).not.toMatch(/animation:|transition:/);
  const times = [...allowed.join('').replace(/\.dots[^{}]*\{[^{}]*\}/g, '').matchAll(/[\s:](\.?\d+\.?\d*m?s)\b/g)].map(([, time]) => time);
  expect(new Set(times)).toEqual(new Set(['.16s']));
});

test('a lost connection is yellow, and an interruption alone is red', () => {
  expect(STYLES).toContain('.banner.reconnecting{background:var(--plr-warn)');
  expect(STYLES).toContain('.banner.interrupted{background:var(--plr-stop)');
  expect(STYLES.split('var(--plr-stop)')).toHaveLength(2);
});

test('nothing at an edge of the screen is below a notch or a bar of the phone', () => {
  for (const rule of ['.bubble{', '.panel{', '.composer{', '.foot{']) {
    const [, declarations] = STYLES.split(`\n${rule}`).slice(0, 2).map((part) => part.split('}')[0]);
    expect(declarations, rule).toContain('env(safe-area-inset-bottom,0px)');
  }
  expect(STYLES).toMatch(/header\{padding-top:calc\(12px \+ env\(safe-area-inset-top,0px\)\)/);
});

test('contrast is what WCAG says it is', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#fff', '#FFF')).toBe(1);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.478, 3);
  expect(contrast('#ffffff', '#777777')).toBeCloseTo(4.478, 3);
});

test('text on any colour that a page may choose can be read', () => {
  for (let red = 0; red < 256; red += 15) {
    for (let green = 0; green < 256; green += 15) {
      for (let blue = 0; blue < 256; blue += 15) {
        const color = `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
        expect(contrast(textOn(color), color), color).toBeGreaterThanOrEqual(4.5);
        for (const { ink, bg, theirs } of Object.values(PALETTE)) {
          const accent = readable(color, ink, [bg, theirs]);
          for (const ground of [bg, theirs]) expect(contrast(accent, ground), color).toBeGreaterThanOrEqual(4.5);
        }
      }
    }
  }
});

test('a colour that can be read stays as it is, and others keep their hue', () => {
  expect(readable('#3552c8', PALETTE.light.ink, [PALETTE.light.bg])).toBe('#3552c8');
  expect(readable('#FD0', PALETTE.light.ink, [PALETTE.light.bg])).toBe('#82751a');
});

test('no rule of the page wins over one of the host, and every colour that is used is defined there', () => {
  const host = [...STYLES.matchAll(/:host(?:\([^)]*\))?\{([^}]*)\}/g)].map(([, rule = '']) => rule).join(';');
  const declarations = host.split(';').map((one) => one.trim()).filter(Boolean);
  expect(declarations.length).toBeGreaterThan(20);
  for (const declaration of declarations) expect(declaration).toContain('!important');
  const used = new Set([...STYLES.matchAll(/var\((--[\w-]+)\)/g)].map(([, name = '']) => name));
  expect(used.size).toBeGreaterThan(8);
  for (const name of used) {
    expect(name).toMatch(/^--plr-/); // a name that no @property of the page has
    expect(host).toContain(`${name}:`);
  }
});
