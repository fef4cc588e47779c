import { el } from '../dom/element';
import { icon } from './icons';
import { texts } from './language';

const SURE_MS = 5_000;
/** A second click that comes sooner than this belongs to a double click. */
const DOUBLE_CLICK_MS = 500;

/** A button that acts at the second click: the guest sees the end, and may be gone before the conversation is reopened. */
export class Closing {
  readonly element = el('button', { class: 'plain closing' });
  readonly #label = el('span', { class: 'label' }, texts.closeConversation);
  #asking: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly close: () => void) {
    this.element.append(icon('check'), this.#label);
    this.element.onclick = () => this.press(texts.clickAgain);
  }

  /** @param question what the button then says */
  press(question: string): void {
    const { sure } = this.element.dataset;
    if (sure === 'soon') return;
    if (sure) {
      this.#reset();
      this.close();
      return;
    }
    this.#label.textContent = question;
    this.element.dataset['sure'] = 'soon';
    setTimeout(() => (this.element.dataset['sure'] = 'yes'), DOUBLE_CLICK_MS);
    this.#asking = setTimeout(() => this.#reset(), SURE_MS);
  }

  #reset(): void {
    clearTimeout(this.#asking);
    this.#label.textContent = texts.closeConversation;
    delete this.element.dataset['sure'];
  }
}

