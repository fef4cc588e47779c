import { LAUNCHER_TEXTS } from './texts';

/** The texts of a language that every page needs before anything else is loaded: the bubble's name, and the notice that the window is missing. */
const FIRST_WORDS = {
  en: [LAUNCHER_TEXTS.open, LAUNCHER_TEXTS.windowUnavailable],
  de: ['Chat öffnen', 'Der Chat kann gerade nicht geöffnet werden. Bitte versuchen Sie es noch einmal.'],
  fr: ['Ouvrir le chat', 'Le chat ne peut pas s’ouvrir pour le moment. Veuillez réessayer.'],
  es: ['Abrir el chat', 'El chat no se puede abrir ahora. Inténtelo de nuevo.'],
  it: ['Apri la chat', 'Al momento la chat non si può aprire. Riprovi.'],
  nl: ['Chat openen', 'De chat kan nu niet worden geopend. Probeer het opnieuw.'],
  pl: ['Otwórz czat', 'Teraz nie można otworzyć czatu. Proszę spróbować ponownie.'],
  'pt-BR': ['Abrir o chat', 'Não é possível abrir o chat agora. Tente novamente.'],
  sv: ['Öppna chatten', 'Chatten kan inte öppnas just nu. Försök igen.'],
  ar: ['فتح المحادثة', 'لا يمكن فتح المحادثة الآن. يُرجى المحاولة مجددًا.'],
  he: ['פתיחת הצ׳אט', 'לא ניתן לפתוח את הצ׳אט כרגע. נא לנסות שוב.'],
  ja: ['チャットを開く', '現在チャットを開けません。もう一度お試しください。'],
};

/** The languages of the widget, by the names of their files in `languages/`. English needs no file. */
export type LanguageCode = keyof typeof FIRST_WORDS;

export const LANGUAGES = Object.keys(FIRST_WORDS) as LanguageCode[];

export interface FirstWords {
  open: string;
  windowUnavailable: string;
}

export function firstWordsOf(language: LanguageCode): FirstWords {
  const [open = '', windowUnavailable = ''] = FIRST_WORDS[language];
  return { open, windowUnavailable };
}

/** The language of a chat, and how it writes. */
export interface Language {
  code: LanguageCode;
  /** With the region, if one is known: for dates and numbers, and for the attribute `lang`. */
  locale: string;
  direction: 'ltr' | 'rtl';
}

export const ENGLISH: Language = { code: 'en', locale: 'en', direction: 'ltr' };

const RIGHT_TO_LEFT: readonly string[] = ['ar', 'he'];

/**
 * Chooses the language: that of the page's option, else of the page, else the first of the browser that there is, else English.
 *
 * @param wished the option; see {@link codeOf} for whether there is such a language
 * @param page `lang` of the page
 * @param pageDirection how the page writes. A page in a language that Parlour lacks, which passes texts of its own, keeps it.
 * @param browser the languages of the browser, the preferred one first
 */
export function languageFor(wished: string | undefined, page: string, pageDirection: string, browser: readonly string[]): Language {
  const tag = [wished ?? '', page, ...browser].find(codeOf) ?? 'en';
  const code = codeOf(tag) ?? 'en';
  const isOfPage = tag === wished || tag === page;
  const isRtl = RIGHT_TO_LEFT.includes(code) || (!isOfPage && page !== '' && pageDirection === 'rtl');
  const regional = [tag, ...browser].find((one) => /[-_]/.test(one) && codeOf(one) === code);
  return { code, locale: valid(regional) ?? code, direction: isRtl ? 'rtl' : 'ltr' };
}

/** Finds the language of a tag such as `de-AT` (RFC 5646); undefined if the widget does not have it. */
export function codeOf(tag: string): LanguageCode | undefined {
  const [primary = ''] = tag.toLowerCase().split(/[-_]/);
  const today = primary === 'iw' ? 'he' : primary; // the old code of Hebrew, which some systems still report
  return LANGUAGES.find((code) => code.split('-')[0] === today);
}

/** Undefined for a tag that the browser does not take. */
function valid(tag: string | undefined): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag?.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}
