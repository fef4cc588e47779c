import { el, plain } from '../dom/element';
import { get, post, type Failure, type Summary } from './api';
import { put, texts } from './language';

/** The actions of the conversation that the labels need. */
export interface LabelActions {
  /** Lists the conversations with a label. */
  list(label: string): void;
  failed(failure: Failure): void;
}

/** The labels of the open conversation. The labels of the account are offered while the agent types. */
export class Labels {
  readonly element: HTMLElement;
  readonly #list = el('ul', { class: 'labels' });
  readonly #known = el('datalist', { id: 'known-labels' });
  readonly #input = el('input', { type: 'text', list: 'known-labels', 'aria-label': texts.addLabel, placeholder: texts.addLabel, autocomplete: 'off' });
  #sid = '';
  #shown = '';

  constructor(
    private readonly canWrite: boolean,
    private readonly actions: LabelActions,
  ) {
    const form = el('form', { class: 'add-label' }, this.#input, this.#known);
    form.hidden = !canWrite;
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#add();
    };
    this.#input.onfocus = () => void this.#offer();
    this.element = el('section', { class: 'box' }, el('h3', {}, texts.labels), this.#list, form);
  }

  show({ conversation_sid, labels }: Summary): void {
    this.#sid = conversation_sid;
    const shown = JSON.stringify(labels);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const hadFocus = this.#list.contains(document.activeElement);
    this.#list.replaceChildren(...labels.map((label) => this.#item(label)));
    this.#list.hidden = labels.length === 0;
    if (hadFocus) this.#input.focus(); // the button is gone
  }

  #item(label: string): HTMLElement {
    const name = el('button', { class: 'label-name', title: texts.showLabel }, el('bdi', {}, plain(label)));
    name.onclick = () => this.actions.list(label);
    const remove = el('button', { class: 'label-remove', 'aria-label': put(texts.removeLabel, { label: plain(label) }) }, '×');
    remove.hidden = !this.canWrite;
    remove.onclick = () => void this.#call('/labels/remove', label);
    return el('li', { class: 'label-chip' }, name, remove);
  }

  async #add(): Promise<void> {
    const label = this.#input.value.trim();
    if (label && (await this.#call('/labels', label))) this.#input.value = '';
  }

  async #call(path: string, label: string): Promise<boolean> {
    try {
      await post(`/conversations/${this.#sid}${path}`, { label });
      return true;
    } catch (failure) {
      this.actions.failed(failure as Failure);
      return false;
    }
  }

  /** Without the offer, the agent can still type. */
  async #offer(): Promise<void> {
    const { labels } = await get<{ labels: string[] }>('/labels').catch(() => ({ labels: [] }));
    this.#known.replaceChildren(...labels.map((value) => el('option', { value })));
  }
}
