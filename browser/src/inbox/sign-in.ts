import { el } from '../dom/element';
import { CODE_NEEDED, post, type Failure, type Me } from './api';
import { texts } from './language';
import { providerButton } from './provider';

/** A form that asks for an agent's name and password, with the focus in its first field once it is shown. */
export interface SignIn {
  readonly element: HTMLElement;
  focus(): void;
}

/**
 * @param page the name of the page
 * @param why why the agent must sign in again; may be empty
 * @param signedIn is called once
 * @param below more of the form
 */
export function signIn(page: string, why: string, signedIn: (me: Me) => void, ...below: HTMLElement[]): SignIn {
  const name = el('input', { name: 'name', autocomplete: 'username', required: '' });
  const password = el('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: '' });
  const code = codeField();
  const codeLabel = el('label', {}, texts.signInCode, code);
  codeLabel.hidden = true;
  const problem = el('p', { class: 'problem', role: 'alert' }, why);
  problem.hidden = !why;
  const button = el('button', { class: 'go', type: 'submit' }, texts.signIn);
  const form = el(
    'form',
    { class: 'sign-in' },
    el('h1', {}, page),
    el('label', {}, texts.signInName, name),
    el('label', {}, texts.signInPassword, password),
    codeLabel,
    problem,
    button,
    providerButton((message) => {
      problem.textContent = message;
      problem.hidden = false;
    }),
    el('p', { class: 'soft' }, texts.signInHint),
    ...below,
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    button.disabled = true;
    const typed = code.value.trim();
    post<Me>('/sign-in', { name: name.value.trim(), password: password.value.trim(), ...(typed && { code: typed }) })
      .then(signedIn)
      .catch((failure: Failure) => {
        const isNeeded = failure.details['code'] === CODE_NEEDED;
        problem.textContent = isNeeded ? texts.codeNeeded : failure.message;
        problem.hidden = false;
        button.disabled = false;
        if (isNeeded) codeLabel.hidden = false;
        const next = codeLabel.hidden || (failure.status === 401 && !isNeeded) ? password : code;
        next.focus();
        next.select();
      });
  };
  return { element: form, focus: () => name.focus() };
}

/** A field for a code of an app, or a recovery code. */
export function codeField(): HTMLInputElement {
  return el('input', { name: 'code', autocomplete: 'one-time-code', autocapitalize: 'none', spellcheck: 'false', dir: 'ltr' });
}
