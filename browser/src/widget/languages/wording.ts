import type { FileTexts } from '../files/texts';
import type { FirstWords } from '../languages';
import type { PushTexts } from '../push/texts';
import type { Texts } from '../window-texts';

/** Every text of the widget. */
export type Wording = Texts & FileTexts & PushTexts;

/** A language's file: every text, except those that `webchat.js` itself has in all languages. */
export type Translation = Omit<Wording, keyof FirstWords>;
