import { TEXTS } from './texts';

/**
 * Copies the text of an element. Without https a browser has no clipboard, so the text is selected there, and the
 * admin copies it. Returns what to say.
 */
export async function copyOf(shown: HTMLElement): Promise<string> {
  const { clipboard } = navigator as { clipboard?: Clipboard };
  if (clipboard) {
    await clipboard.writeText(shown.textContent ?? '');
    return TEXTS.copied;
  }
  getSelection()?.selectAllChildren(shown);
  return TEXTS.selected;
}
