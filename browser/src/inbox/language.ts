import { importFrom } from '../widget/chunks';
import { codeOf, ENGLISH as IN_ENGLISH, languageFor, LANGUAGES, type Language, type LanguageCode } from '../widget/languages';
import { counted, fill, type Counted } from '../widget/texts';
import { plain, type Child } from '../dom/element';
import { ENGLISH, type Texts, type Translation } from './texts';

/** The files of the languages, by their codes: `build.mjs` writes them. */
declare const INBOX_LANGUAGES: Partial<Record<LanguageCode, string>>;

/** The agent's choice, which the browser keeps. */
const CHOICE = 'parlour inbox language';
/** The page waits for the texts no longer, and is then in English. */
const PATIENCE_MS = 5_000;

/** The texts of the page in its language. Code that shows one must read it from here each time. */
export let texts: Texts = ENGLISH;
export let language: Language = IN_ENGLISH;

const loaded = new Map<LanguageCode, Texts>([['en', ENGLISH]]);
let attempts = 0;

type Load = (code: LanguageCode) => Promise<Texts>;

const load: Load = async (code) => {
  const { default: translation } = (await importFrom('', INBOX_LANGUAGES[code] ?? '', attempts++)) as { default: Translation };
  return translation;
};

/** The language that the agent has chosen in this browser; empty if it is that of the browser. */
export function chosen(): LanguageCode | '' {
  try {
    return codeOf(localStorage.getItem(CHOICE) ?? '') ?? '';
  } catch {
    return ''; // the browser keeps nothing
  }
}

export function choose(code: LanguageCode | ''): void {
  try {
    if (code) localStorage.setItem(CHOICE, code);
    else localStorage.removeItem(CHOICE);
  } catch {
    // then the choice is lost with the next visit
  }
}

/**
 * Gives the page the language that the agent has chosen, or else the first of the browser that there is. If its texts cannot be
 * loaded, the page is in English.
 */
export async function speak(wished: LanguageCode | '' = chosen(), from: Load = load): Promise<void> {
  const wanted = languageFor(wished || undefined, '', 'ltr', navigator.languages);
  const known = loaded.get(wanted.code) ?? (await withPatience(from(wanted.code), wanted.code));
  if (known) loaded.set(wanted.code, known);
  use(known ? wanted : IN_ENGLISH, known ?? ENGLISH);
}

/** Shows these texts from now on. */
export function use(spoken: Language, wording: Texts): void {
  language = spoken;
  texts = wording;
  Object.assign(document.documentElement, { lang: spoken.locale, dir: spoken.direction });
}

async function withPatience(loading: Promise<Texts>, code: LanguageCode): Promise<Texts | undefined> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer')), PATIENCE_MS));
  return Promise.race([loading, late]).catch((failure: unknown) => {
    console.warn(`Parlour: the texts of the language ${code} are lost, so the inbox is in English`, failure);
    return undefined;
  });
}

/** The languages of the choice, each by its own name. */
export function languageNames(): [LanguageCode, string][] {
  return LANGUAGES.map((code) => {
    const name = languageName(code, code);
    return [code, name.charAt(0).toLocaleUpperCase(code) + name.slice(1)];
  });
}

/** The name of a language, in the agent's. */
export function languageName(code: string, locale = language.locale): string {
  return new Intl.DisplayNames(locale, { type: 'language' }).of(code) ?? code;
}

/** Puts values into a text. In a language that is written from the right, each keeps its own direction. */
export function put(text: string, values: Record<string, string | number>): string {
  return fill(text, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isolated(typeof value === 'number' ? number(value) : value)])));
}

/** Puts a number into the form of a text that the language has for it, and other values. */
export function count(text: Counted, n: number, values: Record<string, string> = {}): string {
  return put(counted(text, n, language.locale), values);
}

/** Puts elements into a text. */
export function around(text: string, values: Record<string, Child>): Child[] {
  return text.split(/(\{\w+\})/).filter(Boolean).map((part) => values[part.slice(1, -1)] ?? part);
}

export function number(n: number): string {
  return new Intl.NumberFormat(language.locale).format(n);
}

/** A list as the language joins it: "Ann and Ben". */
export function joined(names: string[]): string {
  return new Intl.ListFormat(language.locale).format(names);
}

/** Isolates a value by Unicode's controls (UAX 9), as the element `bdi` does. */
function isolated(value: string): string {
  return language.direction === 'rtl' ? `\u2068${plain(value)}\u2069` : value;
}
