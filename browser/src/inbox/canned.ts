import { el, plain } from '../dom/element';
import { get } from './api';
import { count, texts } from './language';

/** An answer that the team has prepared. */
export interface CannedReply {
  title: string;
  text: string;
}

/** How long the agent must pause before the server is asked. */
const PAUSE_MS = 150;

/**
 * Offers prepared answers while the field begins with a slash: the text after it is searched. The arrow keys choose, Enter
 * takes one over into the field, where it can still be changed, and Escape closes the offer.
 */
export class CannedReplies {
  readonly element = el('ul', { class: 'canned', role: 'listbox', id: 'canned-replies', 'aria-label': texts.prepared });
  /** Read by screen readers: a field of several lines cannot say that it has an offer. */
  readonly status = el('p', { class: 'spoken', role: 'status' });
  #replies: CannedReply[] = [];
  #chosen = 0;
  #pausing: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  /**
   * @param fill puts the names of the guest and the agent into a text
   * @param take puts a text into the field
   */
  constructor(
    private readonly input: HTMLTextAreaElement,
    private readonly fill: (text: string) => string,
    private readonly take: (text: string) => void,
  ) {
    input.setAttribute('aria-haspopup', 'listbox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', this.element.id);
    this.close();
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** The text of the field has changed. */
  typed(): void {
    clearTimeout(this.#pausing);
    const { value } = this.input;
    if (!value.startsWith('/') || value.includes('\n')) {
      this.close();
      return;
    }
    this.#pausing = setTimeout(() => void this.#ask(value.slice(1).trim()), PAUSE_MS);
  }

  /** @returns whether the key was for the offer */
  pressed(key: string): boolean {
    if (!this.isOpen) return false;
    if (key === 'Escape') this.close();
    else if (key === 'ArrowDown' || key === 'ArrowUp') this.#choose(this.#chosen + (key === 'ArrowDown' ? 1 : -1));
    else if ((key === 'Enter' || key === 'Tab') && this.#replies.length) this.#takeOver(this.#replies[this.#chosen]);
    else return false;
    return true;
  }

  close(): void {
    clearTimeout(this.#pausing);
    this.#asked++;
    this.element.hidden = true;
    this.status.textContent = '';
    this.input.removeAttribute('aria-activedescendant');
  }

  /** Without an answer of the server there is no offer; the agent can type the text. */
  async #ask(words: string): Promise<void> {
    const asked = ++this.#asked;
    const { replies } = await get<{ replies: CannedReply[] }>(`/replies?find=${encodeURIComponent(words)}`).catch(() => ({ replies: [] }));
    if (asked !== this.#asked) return;
    this.#replies = replies;
    const options = replies.map((reply, at) => this.#option(reply, at));
    this.element.replaceChildren(...(options.length ? options : [el('li', { class: 'empty', role: 'option', 'aria-disabled': 'true' }, texts.noPrepared)]));
    this.element.hidden = false;
    this.status.textContent = replies.length ? count(texts.preparedFound, replies.length) : '';
    this.#choose(0);
  }

  #option(reply: CannedReply, at: number): HTMLElement {
    const option = el(
      'li',
      { role: 'option', id: `canned-reply-${at}` },
      el('span', { class: 'canned-title', dir: 'auto' }, plain(reply.title)),
      el('span', { class: 'canned-text', dir: 'auto' }, this.fill(reply.text)),
    );
    option.onmousedown = (event) => {
      event.preventDefault(); // the field keeps the focus
      this.#takeOver(reply);
    };
    return option;
  }

  #choose(at: number): void {
    if (!this.#replies.length) return;
    this.#chosen = (at + this.#replies.length) % this.#replies.length;
    [...this.element.children].forEach((option, one) => {
      option.setAttribute('aria-selected', String(one === this.#chosen));
      if (one === this.#chosen) {
        this.input.setAttribute('aria-activedescendant', option.id);
        option.scrollIntoView?.({ block: 'nearest' });
      }
    });
  }

  #takeOver(reply: CannedReply | undefined): void {
    this.close();
    if (reply) this.take(this.fill(reply.text));
  }
}

/** Replaces the placeholders of a prepared answer. */
export function filled(text: string, guest: string, agent: string): string {
  return text.replace(/\{(guest|agent)\}/g, (_, who) => (who === 'guest' ? guest : agent));
}
