import { el } from '../dom/element';
import { isComposing } from '../dom/keys';
import { texts } from './language';

/** A key of the page, and the action that it stands for. */
export interface Key {
  key: string;
  does: string;
  act(): void;
}

const FIELDS = 'input, textarea, select, [contenteditable]';

/**
 * The page's keys. None works while the agent types in a field or a dialog is open, or together with Ctrl, Alt or the command
 * key, which belong to the browser. They can be switched off (WCAG 2.2, 2.1.4).
 */
export class Keys {
  readonly dialog = el('dialog', { class: 'keys', 'aria-label': texts.keys });
  readonly #switch = el('input', { type: 'checkbox', checked: '' });

  constructor(private readonly keys: Key[]) {
    const close = el('button', { class: 'plain' }, texts.close);
    close.onclick = () => this.dialog.close();
    const all: Pick<Key, 'key' | 'does'>[] = [...keys, { key: '?', does: texts.keyList }];
    this.dialog.append(
      el('h2', {}, texts.keys),
      el('dl', {}, ...all.flatMap(({ key, does }) => [
        el('dt', {}, el('kbd', {}, key.toUpperCase())),
        el('dd', {}, does),
      ])),
      el('label', { class: 'switch' }, this.#switch, texts.useKeys),
      close,
    );
  }

  start(leaving: AbortSignal): void {
    document.addEventListener('keydown', (event) => this.#pressed(event), { signal: leaving });
  }

  show(): void {
    if (!this.dialog.open) this.dialog.showModal();
  }

  #pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || isComposing(event)) return;
    if ((event.target as Element | null)?.closest?.(FIELDS) || document.querySelector('dialog[open]')) return;
    if (event.key === '?') {
      event.preventDefault();
      this.show();
      return;
    }
    const isShifted = event.shiftKey && event.key !== '/'; // which some keyboards have on a shifted key
    const found = this.#switch.checked && !isShifted && !event.repeat && this.keys.find((one) => one.key === event.key.toLowerCase());
    if (!found) return;
    event.preventDefault(); // otherwise the key would be typed into the field that gets the focus
    found.act();
  }
}
