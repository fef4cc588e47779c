import { el } from '../../dom/element';
import { drawing } from '../../dom/icon';
import type { FileParts } from '../files/parts';
import { CHECK } from '../icons';
import { Push } from './push';
import { pushTextsOf, type PushTexts } from './texts';

/** The line of the menu that switches pushes on and off. It is hidden where there can be none. */
export class PushSwitch {
  readonly #element = el('button', { class: 'switch' });
  readonly #push: Push;

  /**
   * @param worker the path of the service worker
   * @param say shows a notice in the window, or removes it
   */
  constructor(from: FileParts, worker: string, texts: Partial<PushTexts> & { title: string }, say: (notice: string) => void) {
    const { pushSwitch, pushText: text, pushFailed } = pushTextsOf(texts);
    this.#push = new Push(from, worker, { title: texts.title, text });
    this.#element.append(pushSwitch, drawing(CHECK));
    this.#show(undefined);
    this.#element.onclick = async () => {
      const on = this.#element.getAttribute('aria-pressed') !== 'true';
      const isOn = await this.#push.turn(on);
      this.#show(isOn);
      say(on && !isOn ? pushFailed : '');
    };
  }

  /** Returns the line. In an open menu it shows how it is now; otherwise it is only for {@link Push.isDue}. */
  async refresh(): Promise<HTMLElement> {
    const isSeen = this.#element.parentElement?.hidden === false;
    if (!isSeen && !this.#push.isDue) return this.#element;
    const canPush = 'PushManager' in window && navigator.serviceWorker && Notification.permission !== 'denied';
    this.#show(canPush ? await this.#push.isOn() : undefined);
    return this.#element;
  }

  #show(isOn: boolean | undefined): void {
    this.#element.hidden = isOn === undefined;
    this.#element.setAttribute('aria-pressed', String(!!isOn));
  }
}
