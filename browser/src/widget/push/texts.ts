import { nearest } from '../names';

/** Every word about pushes. A page may pass others, all or some. */
export const PUSH_TEXTS = {
  pushSwitch: 'Notifications when you are away',
  pushText: 'New message',
  pushFailed: 'Notifications could not be switched on. Please allow them in your browser.',
};

export type PushTexts = typeof PUSH_TEXTS;

/** The texts of the page, in place of these. Warns of unknown names. */
export function pushTextsOf(given: Partial<PushTexts>): PushTexts {
  const known = Object.keys(PUSH_TEXTS);
  for (const name of Object.keys(given)) {
    if (/^push[A-Z]/.test(name) && !known.includes(name)) console.warn(`Parlour: texts.${name} is not known${nearest(known, name)}`);
  }
  return { ...PUSH_TEXTS, ...given };
}
