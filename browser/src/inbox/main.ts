import { el } from '../dom/element';
import { languageChoice } from './account-menu';
import { Failure, get, post, type Me } from './api';
import { InboxApp } from './inbox-app';
import { put, speak, texts } from './language';
import { titleOfPage } from './notifications';
import { answerOfProvider, signInWith } from './provider';
import { requiredFactor } from './second-factor';
import { signIn } from './sign-in';

const root = document.getElementById('inbox') as HTMLElement;

function showSignIn(why = ''): void {
  document.title = titleOfPage();
  const language = languageChoice(() => void speak().then(() => showSignIn(why && texts.signedOut)));
  const form = signIn(texts.inbox, why, showInbox, language);
  root.replaceChildren(form.element);
  form.focus();
}

function showInbox(me: Me): void {
  if (me.lacks_second_factor) {
    root.replaceChildren(requiredFactor(() => void begin(), () => void post('/sign-out').finally(() => showSignIn())));
    return;
  }
  const app = new InboxApp(me, showSignIn, () => void speak().then(() => showInbox(me)));
  root.replaceChildren(app.element);
  app.start();
}

/** The browser comes back from the identity provider. */
async function comeBack(answer: NonNullable<ReturnType<typeof answerOfProvider>>): Promise<void> {
  await speak();
  root.replaceChildren(el('p', { class: 'empty', role: 'status' }, texts.signingIn));
  try {
    const me = await signInWith(answer);
    if (me) showInbox(me);
  } catch (failure) {
    // any page can lead here with an answer that no provider has sent, and this browser may be signed in
    const me = await get<Me>('/me').catch(() => undefined);
    if (me) showInbox(me);
    else showSignIn((failure as Failure).message);
  }
}

async function begin(): Promise<void> {
  const me = get<Me>('/me').catch((failure: Failure) => failure);
  await speak();
  const answer = await me;
  if (!(answer instanceof Failure)) {
    showInbox(answer);
  } else if (!answer.isPassing) {
    showSignIn();
  } else {
    root.replaceChildren(el('p', { class: 'empty', role: 'alert' }, put(texts.tryingAgain, { why: answer.message })));
    setTimeout(() => void begin(), 3_000);
  }
}

const answered = answerOfProvider();
void (answered ? comeBack(answered) : begin());
