import { texts } from './language';

const SURE_MS = 5_000;
/** A second click that comes sooner than this belongs to a double click. */
const DOUBLE_CLICK_MS = 500;

/**
 * Makes a button act at the second press.
 *
 * @param show shows the question; empty: none
 * @returns presses it, with the question
 */
export function asking({ dataset }: HTMLElement, show: (question: string) => void, act: () => void): (question: string) => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const reset = () => {
    clearTimeout(waiting);
    delete dataset['sure'];
    show('');
  };
  return (question) => {
    const { sure } = dataset;
    if (sure === 'soon') return;
    if (sure) {
      reset();
      act();
      return;
    }
    dataset['sure'] = 'soon';
    show(question);
    setTimeout(() => (dataset['sure'] = 'yes'), DOUBLE_CLICK_MS);
    waiting = setTimeout(reset, SURE_MS);
  };
}

/** The button removes something that nobody can bring back. */
export function removeTwice(button: HTMLElement, act: () => void): void {
  const words = button.textContent;
  const name = button.getAttribute('aria-label');
  const press = asking(button, (question) => {
    button.textContent = question || words;
    if (name) button.setAttribute('aria-label', question ? `${question}: ${name}` : name);
  }, act);
  button.onclick = () => press(texts.removeAgain);
}
