/** Every word that a guest reads. A page may pass others, all or some. */
export const ENGLISH = {
  title: 'Chat with us',
  open: 'Open the chat',
  openUnread: 'Open the chat, {n} unread',
  close: 'Close the chat window',
  menu: 'More',
  end: 'End chat',
  endAndErase: 'End chat and erase it here',
  erase: 'Erase this chat here',
  endAndEraseHint: 'For a computer that others use too',
  notEnded: 'The chat could not be ended: there is no connection. Please try again in a moment.',
  start: 'Start chat',
  starting: 'Starting…',
  skip: 'Skip',
  formHint: 'Tell us a little about you, then we can chat.',
  formName: 'Your name',
  formQuery: 'How can we help?',
  required: '{label}: please fill this in',
  message: 'Write a message',
  send: 'Send',
  tooLong: 'This message is too long. Please shorten it, or send it in parts.',
  older: 'Load older messages',
  you: 'You',
  sending: 'Sending…',
  sent: 'Sent',
  seen: 'Seen',
  failed: 'Not sent',
  sendAgain: 'Send again',
  typing: '{name} is typing…',
  resuming: 'Connecting…',
  reconnecting: 'Connection lost. Your messages are kept and sent when it is back.',
  ended: 'This chat has ended.',
  interrupted45775: 'This chat was interrupted: its session is not valid any more.',
  interrupted45779: 'This chat was interrupted: it was started in another browser and can only go on there.',
  interruptedHint: 'You can still read what was said here. To go on, start a new chat.',
  reference: 'Reference: {reference}',
  startAgain: 'Start a new chat',
  erased: 'The conversation that was here was erased. You can start a new chat.',
  unavailable: 'The chat can not be started just now. Please try again in a moment.',
  problem: 'The chat is not set up correctly for this page ({code}). {message}',
  log: 'Conversation',
};

export type Texts = typeof ENGLISH;

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
