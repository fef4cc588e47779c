import { el, nameOf, plain, type Child } from '../dom/element';
import { get, post, type Me } from './api';
import { avatar } from '../dom/avatar';
import { PreparedAnswers } from './prepared';

/** Runs an action, and reports its failure to the agent. */
export type Try = (work: () => Promise<void>) => Promise<void>;

/** A browser in which the agent is signed in. */
interface SignedIn {
  id: string;
  browser: string;
  signed_in: string;
  last_used: string;
  current: boolean;
}

/** The agent's own menu: name, password, browsers, prepared answers. Escape or a click beside it closes it. */
export function accountMenu(me: Me, attempt: Try, signOut: () => void): Child[] {
  const dialog = el('dialog', { class: 'own', 'aria-label': 'Your account' });
  const answers = new PreparedAnswers();
  const item = (name: string, act: () => void) => {
    const button = el('button', {}, name);
    button.onclick = act;
    return button;
  };
  const show = (...content: Child[]) => {
    menu.hidePopover();
    dialog.replaceChildren(...content, closing(dialog));
    dialog.showModal();
  };
  const prepared = item('Prepared answers', () => {
    menu.hidePopover();
    answers.open();
  });
  prepared.hidden = me.role !== 'admin';
  const adminsPage = item('Console', () => location.assign('/console'));
  adminsPage.hidden = me.role !== 'admin';
  const menu = el(
    'div',
    { class: 'menu', id: 'account-menu', popover: 'auto' },
    el('p', { class: 'soft' }, 'Signed in as ', nameOf(me.name)),
    prepared,
    adminsPage,
    item('Your name', () => show(...ownName(me, () => button.replaceChildren(avatar(me.display_name, me.identity))))),
    item('New password', () => show(...newPassword())),
    item('Signed-in browsers', () => void attempt(async () => show(...(await browsers(attempt))))),
    item('Sign out', signOut),
  );
  const button = el('button', { class: 'account', 'aria-label': `Your account: ${plain(me.name)}`, popovertarget: menu.id }, avatar(me.display_name, me.identity));
  return [button, menu, dialog, answers.dialog];
}

function closing(dialog: HTMLDialogElement): HTMLElement {
  const button = el('button', { class: 'plain' }, 'Close');
  button.onclick = () => dialog.close();
  return button;
}

/** A form with one field, which says in the dialog why it was refused. */
function form(label: string, input: HTMLInputElement, button: string, send: () => Promise<Child[]>): HTMLElement {
  const result = el('p', { role: 'status' });
  const made = el('form', {}, el('label', {}, label, input), el('button', { class: 'go', type: 'submit' }, button), result);
  made.onsubmit = (event) => {
    event.preventDefault();
    send()
      .then((children) => result.replaceChildren(...children))
      .catch(({ message }: Error) => result.replaceChildren(message));
  };
  return made;
}

function ownName(me: Me, changed: () => void): Child[] {
  const name = el('input', { autocomplete: 'nickname', required: '' });
  name.value = me.display_name;
  return [el('h2', {}, 'Your name'), form('The name that guests see', name, 'Change the name', async () => {
    Object.assign(me, await post<Me>('/me', { display_name: name.value.trim() }));
    changed();
    return ['Your later messages have this name.'];
  })];
}

/** The server makes the password, and shows it once. */
function newPassword(): Child[] {
  const old = el('input', { type: 'password', autocomplete: 'current-password', required: '' });
  return [el('h2', {}, 'New password'), form('Your present password', old, 'Make a new password', async () => {
    const { password } = await post<{ password: string }>('/password', { old: old.value.trim() });
    old.value = '';
    return ['Your new password, which is shown only now: ', el('code', {}, password), '. Your other browsers were signed out.'];
  })];
}

async function browsers(attempt: Try): Promise<Child[]> {
  const { browsers } = await get<{ browsers: SignedIn[] }>('/browsers');
  const items = browsers.map((one) => {
    const name = plain(one.browser) || 'A browser';
    const end = el('button', { class: 'plain', 'aria-label': `Sign out ${name}` }, 'Sign out');
    const used = one.current ? 'This browser' : `Last used ${new Date(one.last_used).toLocaleString()}`;
    const row = el('li', {}, el('div', {}, el('bdi', {}, name), el('div', { class: 'soft' }, used)), ...(one.current ? [] : [end]));
    end.onclick = () => void attempt(async () => {
      await post('/browsers/end', { id: one.id });
      row.remove();
    });
    return row;
  });
  const list = el('ul', { class: 'browsers' }, ...items);
  if (browsers.length < 2) return [el('h2', {}, 'Signed-in browsers'), list];
  const endOthers = el('button', { class: 'plain' }, 'Sign out all others');
  endOthers.onclick = () => void attempt(async () => {
    await post('/browsers/end-others', {});
    list.replaceChildren(...items.filter((_, i) => browsers[i]?.current));
    endOthers.remove();
  });
  return [el('h2', {}, 'Signed-in browsers'), list, endOthers];
}
