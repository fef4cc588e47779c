import { el, nameOf, plain, type Child } from '../dom/element';
import { CODE_REFUSED, get, post, type Failure, type Me } from './api';
import { avatar } from '../dom/avatar';
import { moment } from './format';
import { around, choose, chosen, languageNames, put, texts } from './language';
import { PreparedAnswers } from './prepared';
import { pushSettings } from './push';
import { secondFactor } from './second-factor';
import { codeField } from './sign-in';

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

/**
 * The agent's own menu: prepared answers, name, password, second factor, browsers, pushes, language. Escape or a click beside it closes it.
 *
 * @param languageChosen is called when the agent has chosen another language
 */
export function accountMenu(me: Me, attempt: Try, signOut: () => void, languageChosen: () => void): Child[] {
  const dialog = el('dialog', { class: 'own', 'aria-label': texts.account });
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
  const prepared = item(texts.prepared, () => {
    menu.hidePopover();
    answers.open();
  });
  prepared.hidden = me.role !== 'admin';
  const adminsPage = item(texts.console, () => location.assign('/console'));
  adminsPage.hidden = me.role !== 'admin';
  const password = item(texts.newPassword, () => show(...newPassword()));
  const factor = item(texts.secondFactor, () => void attempt(async () => show(...(await secondFactor()))));
  password.hidden = factor.hidden = me.is_of_provider; // both are at the identity provider
  const menu = el(
    'div',
    { class: 'menu', id: 'account-menu', popover: 'auto' },
    el('p', { class: 'soft' }, ...around(texts.signedInAs, { name: nameOf(me.name) })),
    prepared,
    adminsPage,
    item(texts.yourName, () => show(...ownName(me, () => button.replaceChildren(avatar(me.display_name, me.identity))))),
    password,
    factor,
    item(texts.browsers, () => void attempt(async () => show(...(await browsers(attempt))))),
    item(texts.push, () => void attempt(async () => show(...(await pushSettings(me))))),
    item(texts.language, () => show(el('h2', {}, texts.language), languageChoice(languageChosen))),
    item(texts.signOut, signOut),
  );
  const button = el('button', { class: 'account', 'aria-label': put(texts.accountOf, { name: plain(me.name) }), popovertarget: menu.id }, avatar(me.display_name, me.identity));
  return [button, menu, dialog, answers.dialog];
}

function closing(dialog: HTMLDialogElement): HTMLElement {
  const button = el('button', { class: 'plain' }, texts.close);
  button.onclick = () => dialog.close();
  return button;
}

/** A form with one field and perhaps another one, which says in the dialog why it was refused. */
function form(label: string, input: HTMLInputElement, button: string, send: () => Promise<Child[]>, ...more: HTMLElement[]): HTMLElement {
  const result = el('p', { role: 'status' });
  const made = el('form', {}, el('label', {}, label, input), ...more, el('button', { class: 'go', type: 'submit' }, button), result);
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
  return [el('h2', {}, texts.yourName), form(texts.nameForGuests, name, texts.changeName, async () => {
    Object.assign(me, await post<Me>('/me', { display_name: name.value.trim() }));
    changed();
    return [texts.nameChanged];
  })];
}

/** The server makes the password, and shows it once. */
function newPassword(): Child[] {
  const old = el('input', { type: 'password', autocomplete: 'current-password', required: '' });
  const code = codeField();
  const codeLabel = el('label', {}, texts.signInCode, code);
  codeLabel.hidden = true;
  return [el('h2', {}, texts.newPassword), form(texts.oldPassword, old, texts.makePassword, async () => {
    const typed = code.value.trim();
    const { password } = await post<{ password: string }>('/password', { old: old.value.trim(), ...(typed && { code: typed }) })
      .catch((failure: Failure) => {
        if (!codeLabel.hidden || failure.details['code'] !== CODE_REFUSED) throw failure;
        codeLabel.hidden = false;
        code.focus();
        throw new Error(texts.codeNeeded);
      });
    old.value = '';
    code.value = '';
    return around(texts.passwordMade, { password: el('code', { dir: 'ltr' }, password) });
  }, codeLabel)];
}

async function browsers(attempt: Try): Promise<Child[]> {
  const { browsers } = await get<{ browsers: SignedIn[] }>('/browsers');
  const items = browsers.map((one) => {
    const name = plain(one.browser) || texts.aBrowser;
    const end = el('button', { class: 'plain', 'aria-label': put(texts.signOutBrowser, { name }) }, texts.signOut);
    const used = one.current ? texts.thisBrowser : put(texts.lastUsed, { time: moment(one.last_used) });
    const row = el('li', {}, el('div', {}, el('bdi', {}, name), el('div', { class: 'soft' }, used)), ...(one.current ? [] : [end]));
    end.onclick = () => void attempt(async () => {
      await post('/browsers/end', { id: one.id });
      row.remove();
    });
    return row;
  });
  const list = el('ul', { class: 'browsers' }, ...items);
  if (browsers.length < 2) return [el('h2', {}, texts.browsers), list];
  const endOthers = el('button', { class: 'plain' }, texts.signOutOthers);
  endOthers.onclick = () => void attempt(async () => {
    await post('/browsers/end-others', {});
    list.replaceChildren(...items.filter((_, i) => browsers[i]?.current));
    endOthers.remove();
  });
  return [el('h2', {}, texts.browsers), list, endOthers];
}

/** The choice of a language for this browser. Each is named by its own name. */
export function languageChoice(changed: () => void): HTMLElement {
  const options = languageNames().map(([code, name]) => el('option', { value: code, lang: code }, name));
  const select = el('select', { 'aria-label': texts.language }, el('option', { value: '' }, texts.browsersLanguage), ...options);
  select.value = chosen();
  select.onchange = () => {
    choose(select.value as ReturnType<typeof chosen>);
    changed();
  };
  return el('label', { class: 'language' }, texts.language, select);
}
