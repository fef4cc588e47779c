import { nearest } from './names';
import { LAUNCHER_TEXTS, type Counted, type LauncherTexts } from './texts';

/** Every word in the window. A page may pass others, all or some. */
export const WINDOW_TEXTS = {
  title: 'Chat with us',
  presence: 'We answer here, in this chat',
  presenceWith: 'You are chatting with {name}',
  away: 'Nobody is here just now',
  opensToday: 'We open today at {time}',
  opensTomorrow: 'We open tomorrow at {time}',
  opensLater: 'We open again: {day}, {time}',
  awayHint: 'Write to us now. We answer as soon as we are back.',
  intro: 'Ask us anything. The conversation stays here when you leave the page and come back.',
  menu: 'More',
  save: 'Save as text',
  savePage: 'Save as a web page',
  savedPartly: 'Older messages are missing here: they could not be loaded.',
  sound: 'Alert me to new messages',
  end: 'End chat',
  endAndErase: 'End chat and erase it here',
  erase: 'Erase this chat here',
  endAndEraseHint: 'For a computer that others use too',
  endSure: 'End this chat?',
  endAndEraseSure: 'End this chat and erase it in this browser? You cannot read it here afterwards.',
  endYes: 'Yes, end it',
  endNo: 'No, go on',
  notEnded: 'The chat could not be ended. Please try again in a moment.',
  start: 'Start chat',
  starting: 'Starting…',
  skip: 'Skip',
  formHint: 'A few details first, then we can chat.',
  formName: 'Your name',
  formQuery: 'How can we help?',
  required: '{label}: please fill this in',
  tooLongField: '{label}: please shorten this',
  message: 'Write a message',
  send: 'Send',
  tooLong: 'This message is too long. Please shorten it.',
  attach: 'Attach files',
  filesUnavailable: 'Files cannot be sent just now. Please try again.',
  older: 'Load older messages',
  newer: { one: '{n} new message', other: '{n} new messages' } as Counted,
  today: 'Today',
  yesterday: 'Yesterday',
  joined: '{name} joined the chat',
  left: '{name} left the chat',
  you: 'You',
  sending: 'Sending…',
  sent: 'Sent',
  seen: 'Seen',
  failed: 'Not sent',
  full: 'The chat is full. To go on, start a new chat.',
  sendAgain: 'Send again',
  typing: '{name} is typing…',
  resuming: 'Connecting…',
  reconnecting: 'Connection lost. Your messages are sent when it is back.',
  polling: 'Slow connection: answers can take half a minute.',
  ended: 'This chat has ended.',
  interrupted45775: 'This chat was interrupted, for example after a long absence.',
  interrupted45779: 'This chat was interrupted: this browser looks different from the one it was started in.',
  interruptedKeyLost: 'This chat was interrupted: the key that protects it is missing in this browser.',
  interruptedHint: 'You can still read the messages here, but not later answers. To go on, start a new chat.',
  interruptedHintEmpty: 'This browser can no longer show answers. To go on, start a new chat.',
  interruptedUnsent: 'Your unsent text is kept for the new chat.',
  reference: 'Reference: {reference}',
  startAgain: 'Start a new chat',
  reopen: 'Reopen chat',
  reopened: 'This chat is open again.',
  notReopened: 'The chat could not be reopened. Please try again in a moment, or start a new chat.',
  erased: 'This conversation was erased. To go on, start a new chat.',
  unavailable: 'The chat cannot start just now. Please try again in a moment.',
  problem: 'The chat is not set up for this page ({code}).',
  log: 'Conversation',
};

export type Texts = LauncherTexts & typeof WINDOW_TEXTS;

/** The texts of the page, in place of these. Warns of unknown names, except those about files and pushes, which other code knows. */
export function windowTextsOf(given: LauncherTexts & Partial<Texts>): Texts {
  const known = Object.keys({ ...LAUNCHER_TEXTS, ...WINDOW_TEXTS });
  for (const name of Object.keys(given)) {
    if (!known.includes(name) && !/^(file|push)[A-Z]/.test(name)) console.warn(`Parlour: texts.${name} is not known${nearest(known, name)}`);
  }
  return { ...WINDOW_TEXTS, ...given };
}
