import { avatar } from '../dom/avatar';
import { el, plain, setText, type Child } from '../dom/element';
import { drawing } from '../dom/icon';
import type { Chat } from './chat';
import { CHAT, CLOSE } from './icons';
import type { Menu } from './menu';
import type { Options } from './options';
import { fill } from './texts';
import type { Texts } from './window-texts';
import type { Participant } from './wire';

/** The team's logo; without one, or where it cannot be loaded, a drawing. */
export function emblem(logo: string | undefined): HTMLElement {
  const place = el('span', { class: 'emblem', 'aria-hidden': 'true' }, drawing(CHAT));
  if (!logo) return place;
  const image = el('img', { alt: '', referrerpolicy: 'no-referrer' });
  image.onload = () => place.replaceChildren(image);
  image.src = logo; // if the page's policy forbids it, the drawing stays
  return place;
}

/** The upper end of the window: whom the guest talks to, and whether anybody is there. */
export class Header {
  readonly element: HTMLElement;
  readonly #faces = el('span', { class: 'faces' });
  readonly #presence = el('p', { class: 'presence' });
  #shown = '';

  /**
   * @param away a line that says that nobody answers now; empty while somebody does
   * @param close undefined: the guest does not close the window
   */
  constructor(
    private readonly texts: Texts,
    private readonly options: Options,
    menu: Menu,
    private readonly away: () => string,
    close: (() => void) | undefined,
  ) {
    const shut = el('button', { 'aria-label': texts.close, title: texts.close }, drawing(CLOSE));
    shut.onclick = close ?? null;
    shut.hidden = !close;
    this.#faces.append(emblem(options.logo));
    const name = el('div', { class: 'name' }, el('h2', { id: 'title' }, texts.title), this.#presence);
    this.element = el('header', { role: 'none' }, this.#faces, name, menu.button, shut);
  }

  show(chat: Chat): void {
    const agents = chat.conversation?.agents().filter((one) => one.joined) ?? [];
    setText(this.#presence, this.#presenceOf(chat, agents));
    const shown = agents.map((one) => one.sid + one.name).join();
    if (this.#shown === shown) return;
    this.#shown = shown;
    const faces: Child[] = agents.slice(-3).map(({ name, identity }) => avatar(name, identity));
    this.#faces.replaceChildren(...(faces.length ? faces : [emblem(this.options.logo)]));
  }

  #presenceOf({ state }: Chat, agents: Participant[]): string {
    const { texts } = this;
    if (state.is === 'resuming') return texts.resuming;
    const away = this.away();
    if (away) return away;
    if (state.is === 'ended' || state.is === 'interrupted') return '';
    const names = agents.map(({ name }) => plain(name)).join(', ');
    return names ? fill(texts.presenceWith, { name: names }) : texts.presence;
  }
}

/** The first thing in an empty chat: a card that says who will answer. */
export function intro(texts: Texts, options: Options): HTMLElement {
  return el('div', { class: 'intro' }, emblem(options.logo), el('strong', {}, texts.title), el('p', {}, texts.intro));
}
