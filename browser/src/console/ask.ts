import { el } from '../dom/element';
import { TEXTS } from './texts';

/** Asks once whether to do something. Escape and Cancel say no. */
export async function asks(question: string, yes: string): Promise<boolean> {
  const go = el('button', { class: 'go' }, yes);
  const no = el('button', { class: 'plain' }, TEXTS.cancel);
  const dialog = el('dialog', { class: 'ask', 'aria-label': question }, el('p', {}, question), el('div', { class: 'choices' }, no, go));
  document.body.append(dialog);
  return new Promise((resolve) => {
    go.onclick = () => dialog.close('yes');
    no.onclick = () => dialog.close();
    dialog.onclose = () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    };
    dialog.showModal();
    no.focus();
  });
}
