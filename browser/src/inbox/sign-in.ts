import { el } from '../dom/element';
import { post, type Failure, type Me } from './api';

/** A form that asks for an agent's name and password, with the focus in its first field once it is shown. */
export interface SignIn {
  readonly element: HTMLElement;
  focus(): void;
}

/**
 * @param page the name of the page
 * @param why why the agent must sign in again; may be empty
 * @param signedIn is called once
 */
export function signIn(page: string, why: string, signedIn: (me: Me) => void): SignIn {
  const name = el('input', { name: 'name', autocomplete: 'username', required: '' });
  const password = el('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: '' });
  const problem = el('p', { class: 'problem', role: 'alert' }, why);
  problem.hidden = !why;
  const button = el('button', { class: 'go', type: 'submit' }, 'Sign in');
  const form = el(
    'form',
    { class: 'sign-in' },
    el('h1', {}, page),
    el('label', {}, 'Name', name),
    el('label', {}, 'Password', password),
    problem,
    button,
    el('p', { class: 'soft' }, 'The first start of Parlour printed a name and a password for this page. To make a new password, run ./parlour agents reset NAME on the server.'),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    button.disabled = true;
    post<Me>('/sign-in', { name: name.value.trim(), password: password.value.trim() })
      .then(signedIn)
      .catch((failure: Failure) => {
        problem.textContent = failure.message;
        problem.hidden = false;
        button.disabled = false;
        password.focus();
        password.select();
      });
  };
  return { element: form, focus: () => name.focus() };
}
