import { el } from '../dom/element';
import { icon } from './icons';
import { texts } from './language';
import { asking } from './twice';

/** A button that acts at the second click: the guest sees the end, and may be gone before the conversation is reopened. */
export class Closing {
  readonly element = el('button', { class: 'plain closing', title: texts.closeConversation });
  /** Read by screen readers: a key asks the question without moving the focus to the button. */
  readonly status = el('p', { class: 'spoken', role: 'status' });
  /** Takes the question that the button then asks. */
  readonly press: (question: string) => void;

  constructor(close: () => void) {
    const label = el('span', { class: 'label' }, texts.closeConversation);
    this.element.append(icon('check'), label);
    this.press = asking(this.element, (question) => {
      label.textContent = question || texts.closeConversation;
      this.status.textContent = question;
    }, close);
    this.element.onclick = () => this.press(texts.clickAgain);
  }
}
