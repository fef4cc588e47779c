import { el, plain, type Child } from '../dom/element';
import { get, post, type Failure } from './api';
import type { CannedReply } from './canned';
import { put, texts } from './language';
import { removeTwice } from './twice';

/** The dialog in which the team keeps its prepared answers. */
export class PreparedAnswers {
  readonly dialog = el('dialog', { class: 'prepared', 'aria-label': texts.prepared });
  readonly #search = el('input', { type: 'search', 'aria-label': texts.findPrepared, placeholder: texts.findPrepared, autocomplete: 'off' });
  readonly #list = el('ul', { 'aria-label': texts.prepared });
  readonly #title = el('input', { required: '', autocomplete: 'off' });
  readonly #text = el('textarea', { required: '', rows: '4' });
  readonly #problem = el('p', { class: 'problem', role: 'alert' });

  /** The answer that is being changed, as it was read. */
  #loaded: CannedReply | undefined;

  constructor() {
    const form = el(
      'form',
      {},
      el('label', {}, texts.preparedTitle, this.#title),
      el('label', {}, texts.preparedText, this.#text),
      el('p', { class: 'soft' }, texts.preparedHint),
      this.#problem,
      el('button', { class: 'go', type: 'submit' }, texts.save),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#save();
    };
    this.#search.oninput = () => void this.#show();
    const close = el('button', { class: 'plain' }, texts.close);
    close.onclick = () => this.dialog.close();
    this.#problem.hidden = true;
    this.dialog.append(el('h2', {}, texts.prepared), this.#search, this.#list, form, close);
  }

  open(): void {
    this.dialog.showModal();
    void this.#show();
  }

  async #save(): Promise<void> {
    const title = this.#title.value.trim();
    const from = title === this.#loaded?.title ? this.#loaded.text : undefined;
    const isSaved = await this.#try(() => post('/replies', { title, text: this.#text.value.trim(), from }));
    if (isSaved) {
      this.#loaded = undefined;
      this.#title.value = this.#text.value = this.#search.value = '';
      this.#say('');
    }
    await this.#show(); // it may have changed
  }

  async #show(): Promise<void> {
    const words = this.#search.value.trim();
    await this.#try(async () => {
      const { replies } = await get<{ replies: CannedReply[] }>(`/replies?find=${encodeURIComponent(words)}`);
      if (this.#search.value.trim() === words) this.#list.replaceChildren(...replies.map((one) => el('li', {}, ...this.#row(one))));
    });
  }

  #row(reply: CannedReply): Child[] {
    const change = el('button', { class: 'prepared-answer', title: texts.change }, el('span', { class: 'canned-title', dir: 'auto' }, plain(reply.title)), el('span', { class: 'canned-text', dir: 'auto' }, plain(reply.text)));
    change.onclick = () => {
      this.#loaded = reply;
      this.#title.value = reply.title;
      this.#text.value = reply.text;
      this.#text.focus();
    };
    const remove = el('button', { class: 'square', 'aria-label': put(texts.remove, { name: plain(reply.title) }) }, '×');
    removeTwice(remove, () => {
      this.#search.focus(); // the button vanishes
      void this.#try(() => post('/replies/remove', { title: reply.title })).then(() => this.#show());
    });
    return [change, remove];
  }

  async #try(work: () => Promise<unknown>): Promise<true | void> {
    return work().then(() => true, ({ message }: Failure) => this.#say(message));
  }

  #say(problem: string): void {
    this.#problem.textContent = problem;
    this.#problem.hidden = !problem;
  }
}
