import { el, nameOf, plain, type Child } from '../dom/element';
import { post, type Me } from './api';
import { avatar } from './avatar';
import { PreparedAnswers } from './prepared';

/** Runs an action, and reports its failure to the agent. */
export type Try = (work: () => Promise<void>) => Promise<void>;

/** The agent's own menu. The browser closes it by Escape or a click beside it. */
export function accountMenu(me: Me, attempt: Try, signOut: () => void): Child[] {
  const item = (name: string, act: () => void) => {
    const button = el('button', {}, name);
    button.onclick = act;
    return button;
  };
  const others = me.other_browsers;
  const elsewhere = item(others === 1 ? 'Sign out 1 other browser' : `Sign out ${others} other browsers`, () => void attempt(async () => {
    await post('/sign-out-others');
    elsewhere.hidden = true;
  }));
  elsewhere.hidden = others === 0;
  const answers = new PreparedAnswers();
  const prepared = item('Prepared answers', () => {
    menu.hidePopover();
    answers.open();
  });
  const name = el('p', { class: 'soft' }, 'Signed in as ', nameOf(me.name));
  const menu = el('div', { class: 'menu', id: 'account-menu', popover: 'auto' }, name, prepared, elsewhere, item('Sign out', signOut));
  const button = el('button', { class: 'account', 'aria-label': `Your account: ${plain(me.name)}`, popovertarget: menu.id }, avatar(me.name, me.identity));
  return [button, menu, answers.dialog];
}
