import { el, nameOf, type Child } from '../dom/element';
import { post, type Me } from './api';
import { avatar } from './avatar';

/** Runs an action, and reports its failure to the agent. */
export type Try = (work: () => Promise<void>) => Promise<void>;

/** The agent's own menu: who is signed in, and the ways to sign out. The browser closes it by Escape or a click beside it. */
export function accountMenu(me: Me, attempt: Try, signOut: () => void): Child[] {
  const out = el('button', {}, 'Sign out');
  out.onclick = signOut;
  const others = me.other_browsers;
  const elsewhere = el('button', {}, others === 1 ? 'Sign out 1 other browser' : `Sign out ${others} other browsers`);
  elsewhere.hidden = others === 0;
  elsewhere.onclick = () => void attempt(async () => {
    await post('/sign-out-others');
    elsewhere.hidden = true;
  });
  const name = el('p', { class: 'soft' }, 'Signed in as ', nameOf(me.name));
  const menu = el('div', { class: 'menu', id: 'account-menu', popover: 'auto' }, name, elsewhere, out);
  const button = el('button', { class: 'account', 'aria-label': `Your account: ${me.name}`, popovertarget: menu.id }, avatar(me.name, me.identity));
  return [button, menu];
}
