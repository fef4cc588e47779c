/** A text with the number `{n}`: as it is for all numbers, or in the forms that the language has for it (CLDR's plural rules). */
export type Counted = string | ({ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>);

/** The words of the bubble, which is there before the window. A page may pass others, as all texts. */
export const LAUNCHER_TEXTS = {
  open: 'Open the chat',
  openUnread: 'Open the chat, {n} unread' as Counted,
  openInterrupted: 'Open the chat: it was interrupted',
  close: 'Close the chat window',
  windowUnavailable: 'The chat cannot be opened just now. Please try again.',
};

export type LauncherTexts = typeof LAUNCHER_TEXTS;

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Fills in a number, in the form and with the digits of a language. */
export function counted(text: Counted, n: number, locale: string): string {
  const form = typeof text === 'string' ? text : (text[new Intl.PluralRules(locale).select(n)] ?? text.other);
  return fill(form, { n: new Intl.NumberFormat(locale).format(n) });
}
