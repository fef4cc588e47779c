import { el } from '../dom/element';
import { get, post } from '../inbox/api';
import { asks } from './ask';
import { KEY_TEXTS as TEXTS } from './key-texts';
import { timeOf } from './time';
import type { View } from './view';

export interface Key {
  id: string;
  state: 'primary' | 'next' | 'opens';
  created: string;
  primary_from: string;
  /** Null while it seals tokens. */
  opens_until: string | null;
}

/** `/keys` */
export interface Keys {
  /** Whether other accounts use them, too; then they are not listed. */
  is_shared: boolean;
  can_rotate: boolean;
  /** Oldest first. */
  keys: Key[];
}

/** The keys that seal tokens, and a way to make another one. */
export class KeyList {
  readonly element = el('section', { class: 'content', 'aria-label': TEXTS.keys });
  readonly #view: View;
  /** Number of the last request; the answer to an earlier one is dropped. */
  #asked = 0;

  constructor(view: View) {
    this.#view = view;
  }

  async show(): Promise<void> {
    const asked = ++this.#asked;
    const { is_shared: isShared, can_rotate: canRotate, keys } = await get<Keys>('/console/keys');
    if (asked !== this.#asked) return;
    if (isShared) {
      this.element.replaceChildren(el('p', { class: 'empty' }, TEXTS.shared));
      return;
    }
    this.element.replaceChildren(el('p', { class: 'soft' }, TEXTS.about), table(keys), el('p', { class: 'actions' }, canRotate ? this.#rotating(keys) : TEXTS.tooMany));
  }

  #rotating(keys: Key[]): HTMLElement {
    const button = el('button', { class: 'plain' }, TEXTS.rotate);
    button.onclick = () =>
      void this.#view.attempt(async () => {
        if (!(await asks(TEXTS.rotateQuestion, TEXTS.rotateYes))) return;
        const { outcome } = await post<{ outcome: keyof typeof TEXTS.outcomes }>('/console/keys/rotate', { newest: keys.at(-1)?.id ?? '' });
        await this.#view.refresh();
        this.#view.say(TEXTS.outcomes[outcome]);
      });
    return button;
  }
}

/** The newest first. */
function table(keys: Key[]): HTMLElement {
  const heads = [TEXTS.id, TEXTS.state, TEXTS.created, TEXTS.primaryFrom, TEXTS.opensUntil];
  const rows = [...keys].reverse().map((one) =>
    el(
      'tr',
      {},
      el('td', {}, one.id),
      el('td', {}, TEXTS.states[one.state]),
      ...[one.created, one.primary_from, one.opens_until].map((time) => el('td', {}, ...(time ? [el('time', { datetime: time }, timeOf(time))] : []))),
    ),
  );
  return el(
    'div',
    { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': TEXTS.list },
    el('table', {}, el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))), el('tbody', {}, ...rows)),
  );
}
