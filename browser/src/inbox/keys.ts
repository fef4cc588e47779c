import { el } from '../dom/element';
import { isComposing } from '../dom/keys';
import { kept } from './kept';
import { texts } from './language';

const SWITCH = 'keys';

/** A key of the page, and the action that it stands for. */
export interface Key {
  key: string;
  does: string;
  act(): void;
}

/** An agent who was typing this recently goes on typing, also if the page has taken the field away meanwhile. */
const TYPING_MS = 2_000;

const FIELDS = 'input, textarea, select, [contenteditable]';

/**
 * The page's keys. None works while the agent types in a field or a dialog is open, or together with Ctrl, Alt or the command
 * key, which belong to the browser. They can be switched off (WCAG 2.2, 2.1.4). The rest of a sentence is none of them: it can
 * reach the page when its field is gone, because the conversation was erased.
 */
export class Keys {
  readonly dialog = el('dialog', { class: 'keys', 'aria-label': texts.keys });
  readonly #switch = el('input', { type: 'checkbox' });
  /** The field in which the agent typed last, and when. */
  #field: Element | undefined;
  #typedAt = -Infinity;

  constructor(private readonly keys: Key[]) {
    this.#switch.checked = kept(SWITCH);
    this.#switch.onchange = () => kept(SWITCH, this.#switch.checked);
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
    document.addEventListener('pointerdown', () => (this.#typedAt = -Infinity), { signal: leaving });
  }

  /** Notes whether the agent is typing. A key that moves the focus ends that, such as Escape. */
  #isTyping(event: KeyboardEvent): boolean {
    const { key } = event;
    const field = (event.target as Element | null)?.closest?.(FIELDS);
    const now = performance.now();
    const isGone = !this.#field?.isConnected || !!this.#field.closest('[hidden]');
    const goesOn = !field && isGone && now - this.#typedAt < TYPING_MS;
    if (field) this.#field = field;
    const isEnd = /^(Esc|Tab|Arr|Home|End|Page)/.test(key) || (key === 'Enter' && field?.tagName === 'INPUT');
    this.#typedAt = (field || goesOn) && !isEnd ? now : -Infinity;
    if (goesOn && !isEnd) event.preventDefault(); // Space or Enter must press no button that has the focus now
    return !!field || goesOn;
  }

  show(): void {
    if (!this.dialog.open) this.dialog.showModal();
  }

  #pressed(event: KeyboardEvent): void {
    const isTyping = this.#isTyping(event);
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || isComposing(event)) return;
    if (document.querySelector('dialog[open]')) return;
    if (isTyping && event.key === 'Escape') (event.target as HTMLElement).blur(); // the next key acts
    if (isTyping) return;
    if (event.key === '?') {
      event.preventDefault();
      this.show();
      return;
    }
    const isShifted = event.shiftKey && event.key !== '/'; // which some keyboards have on a shifted key
    const found = this.#switch.checked && !isShifted && !event.repeat && this.keys.find((one) => one.key === keyOf(event));
    if (!found) return;
    event.preventDefault(); // otherwise the key would be typed into the field that gets the focus
    found.act();
  }
}

/** The key's letter or sign; on a keyboard with other letters than Latin ones, that of its place on a Latin one. */
function keyOf({ key, code }: KeyboardEvent): string {
  const isOther = /^\p{L}$/u.test(key) && !/\p{Script=Latin}/u.test(key);
  if (!isOther) return key.toLowerCase();
  return code === 'Slash' ? '/' : code.replace(/^Key/, '').toLowerCase();
}
