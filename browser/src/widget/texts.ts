/** The words of the bubble, which is there before the window. A page may pass others, as all texts. */
export const LAUNCHER_TEXTS = {
  open: 'Open the chat',
  openUnread: 'Open the chat, {n} unread',
  openInterrupted: 'Open the chat: it was interrupted',
  close: 'Close the chat window',
  windowUnavailable: 'The chat cannot be opened just now. Please try again.',
};

export type LauncherTexts = typeof LAUNCHER_TEXTS;

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
