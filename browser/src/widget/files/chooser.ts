import { el } from '../../dom/element';
import type { FileTexts } from './texts';

/**
 * Opens the browser's dialogs for files. On a phone the guest first chooses between files and the camera. The same buttons appear
 * if the browser lets no dialog open any more, because the click was too long ago.
 */
export class Chooser {
  readonly element: HTMLElement;
  readonly #files: HTMLInputElement;

  constructor(
    texts: FileTexts,
    private readonly chosen: (files: File[]) => void,
    private readonly changed: () => void,
  ) {
    this.#files = this.#input({ multiple: '' });
    const photo = this.#input({ accept: 'image/*', capture: 'environment' });
    const buttons = [[texts.fileChoose, this.#files], [texts.filePhoto, photo]].map(([words, input]) => {
      const button = el('button', { class: 'go' }, words as string);
      button.onclick = () => {
        this.#show(false);
        (input as HTMLInputElement).click();
      };
      return button;
    });
    this.element = el('div', { class: 'choices' }, ...buttons);
    this.element.hidden = true;
  }

  open(): void {
    const isPhone = matchMedia('(pointer: coarse)').matches;
    const isTooLate = navigator.userActivation?.isActive === false;
    if (!isPhone && !isTooLate) return this.#files.click();
    this.#show(Boolean(this.element.hidden));
  }

  #show(isShown: boolean): void {
    this.element.hidden = !isShown;
    this.changed();
    if (isShown) this.element.querySelector('button')?.focus();
  }

  #input(attributes: Record<string, string>): HTMLInputElement {
    const input = el('input', { type: 'file', ...attributes });
    input.onchange = () => {
      this.chosen([...(input.files ?? [])]);
      input.value = ''; // the same file can be chosen again
    };
    return input;
  }
}
