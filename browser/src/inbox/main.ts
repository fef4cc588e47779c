import { el } from '../dom/element';
import { InboxApp } from './inbox-app';
import { Failure, get, post, type Me } from './api';

const root = document.getElementById('inbox') as HTMLElement;

function showSignIn(why = ''): void {
  const name = el('input', { name: 'name', autocomplete: 'username', required: '' });
  const password = el('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: '' });
  const problem = el('p', { class: 'problem', role: 'alert' }, why);
  problem.hidden = !why;
  const button = el('button', { class: 'go', type: 'submit' }, 'Sign in');
  const form = el(
    'form',
    { class: 'sign-in' },
    el('h1', {}, 'Inbox'),
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
      .then(showInbox)
      .catch((failure: Failure) => {
        problem.textContent = failure.message;
        problem.hidden = false;
        button.disabled = false;
        password.focus();
        password.select();
      });
  };
  root.replaceChildren(form);
  name.focus();
}

function showInbox(me: Me): void {
  const app = new InboxApp(me, (why) => showSignIn(why));
  root.replaceChildren(app.element);
  app.start();
}

function begin(): void {
  get<Me>('/me')
    .then(showInbox)
    .catch((failure: Failure) => {
      if (!failure.isPassing) {
        showSignIn();
        return;
      }
      root.replaceChildren(el('p', { class: 'empty', role: 'alert' }, `${failure.message} Trying again…`));
      setTimeout(begin, 3_000);
    });
}

begin();
