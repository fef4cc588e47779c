import { el } from '../dom/element';
import { InboxApp } from './inbox-app';
import { Failure, get, type Me } from './api';
import { signIn } from './sign-in';

const root = document.getElementById('inbox') as HTMLElement;

function showSignIn(why = ''): void {
  const form = signIn('Inbox', why, showInbox);
  root.replaceChildren(form.element);
  form.focus();
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
