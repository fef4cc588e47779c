import { expect } from 'vitest';
import { counted, type Counted } from '../src/widget/texts';

/** The checks that the languages of the widget and of the inbox share. */

export type Texts = Record<string, Counted>;

/** A place of a page, the most letters that it shows as it should, and the names of the texts that stand there. */
export type Place = [place: string, letters: number, texts: string];

export const formsOf = (text: Counted = ''): Record<string, string> => (typeof text === 'string' ? { other: text } : text);

/** A Japanese letter takes twice the width of a Latin one. */
export const widthOf = (text: string) => [...text].reduce((sum, letter) => sum + (/[\u3000-\u30ff\u3400-\u9fff\uff00-\uff60]/.test(letter) ? 2 : 1), 0);

const placeholders = (text = '') => [...new Set(text.match(/\{\w+\}/g))].sort();

/** The place of each text, by its name. */
export function placed(places: Place[]): Map<string, { place: string; letters: number }> {
  return new Map(places.flatMap(([place, letters, texts]) => texts.split(/\s+/).map((name) => [name, { place, letters }] as const)));
}

/** Every text is there, has the placeholders of the English one, and fits into its place. */
export function expectWhole(texts: Texts, english: Texts, places: ReturnType<typeof placed>, isEnglish: boolean): void {
  expect(Object.keys(texts).sort()).toEqual(Object.keys(english).sort());
  for (const [name, inEnglish] of Object.entries(english)) {
    const expected = placeholders(formsOf(inEnglish)['other']);
    for (const [form, text] of Object.entries(formsOf(texts[name]))) {
      const isWord = ['zero', 'one', 'two'].includes(form); // "two messages" can be one word
      expect(isWord ? [...new Set([...placeholders(text), ...expected.filter((one) => one === '{n}')])].sort() : placeholders(text), `${name}.${form}`).toEqual(expected);
      const { place, letters } = places.get(name)!;
      expect(widthOf(text), `${name} in ${place}: ${text}`).toBeLessThanOrEqual(letters);
      expect(text, name).toBe(text.trim().normalize());
    }
    if (!isEnglish && formsOf(inEnglish)['other']!.replace(/\{\w+\}/g, '').length > 14) expect(texts[name], `${name} is English`).not.toEqual(inEnglish);
  }
}

/** Every text with a number has a form for each. */
export function expectForms(texts: Texts, names: readonly string[], code: string): void {
  const { pluralCategories } = new Intl.PluralRules(code).resolvedOptions();
  for (const [name, text] of Object.entries(texts)) if (typeof text !== 'string') expect(names, name).toContain(name);
  for (const name of names) {
    expect(pluralCategories, name).toEqual(expect.arrayContaining(Object.keys(formsOf(texts[name]))));
    for (let n = 0; n <= 200; n++) expect(counted(texts[name]!, n, code)).not.toMatch(/\{n\}|undefined/);
  }
}
