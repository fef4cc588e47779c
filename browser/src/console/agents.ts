import { el, nameOf, type Child } from '../dom/element';
import { get, post } from '../inbox/api';
import { asks } from './ask';
import { copyOf } from './copy';
import { AGENT_TEXTS as OWN } from './agent-texts';
import { TEXTS, fill } from './texts';
import type { View } from './view';

/** An agent of `/console/agents`. */
export interface Listed {
  /** The name to sign in with. */
  name: string;
  /** The name that guests see. */
  display_name: string;
  role: Role;
  is_of_provider: boolean;
  /** null: only the identity provider knows. */
  second_factor: boolean | null;
  last_sign_in: string | null;
}

type Role = keyof typeof OWN.roles;

/** A password that the server shows only now. */
interface NewPassword {
  name: string;
  password: string;
}

/** The agents of the account, whom an admin manages. */
export class AgentList {
  readonly element = el('section', { 'aria-label': TEXTS.agents });
  readonly #view: View;
  readonly #me: string;
  readonly #once = el('div', { class: 'once', role: 'status' });
  readonly #list = el('div');
  /** Number of the last request; the answer to an earlier one is dropped. */
  #asked = 0;

  /**
   * @param me the name of the admin, who changes others alone
   */
  constructor(view: View, me: string) {
    this.#view = view;
    this.#me = me;
    this.element.append(this.#adding(), this.#once, this.#list);
  }

  async show(): Promise<void> {
    this.#once.replaceChildren();
    await this.#load();
  }

  async #load(): Promise<void> {
    const asked = ++this.#asked;
    const { agents, removed } = await get<{ agents: Listed[]; removed: string[] }>('/console/agents');
    if (asked !== this.#asked) return;
    const heads = [TEXTS.agent, TEXTS.displayName, TEXTS.role, OWN.signsInBy, OWN.factor, OWN.lastSignIn, OWN.actions];
    const rows = agents.map((one) =>
      el(
        'tr',
        {},
        el('td', {}, nameOf(one.name), ...(one.name === this.#me ? [` ${OWN.you}`] : [])),
        el('td', {}, nameOf(one.display_name)),
        el('td', {}, this.#role(one)),
        el('td', {}, one.is_of_provider ? OWN.provider : OWN.password),
        el('td', {}, one.second_factor === null ? OWN.unknownFactor : one.second_factor ? TEXTS.yes : TEXTS.no),
        el('td', {}, one.last_sign_in ? new Date(one.last_sign_in).toLocaleString() : OWN.neverOrOver),
        el('td', {}, el('div', { class: 'buttons' }, ...this.#actions(one))),
      ),
    );
    this.#list.replaceChildren(
      el(
        'div',
        { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': OWN.list },
        el('table', {}, el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))), el('tbody', {}, ...rows)),
      ),
      ...(removed.length ? [this.#removed(removed)] : []),
    );
  }

  #adding(): HTMLElement {
    const name = el('input', { required: '', autocomplete: 'off', spellcheck: 'false', maxlength: '64' });
    const shown = el('input', { autocomplete: 'off', placeholder: OWN.displayNameHint });
    const role = roles('agent');
    const form = el(
      'form',
      { class: 'find' },
      el('label', {}, TEXTS.agent, name),
      el('label', {}, TEXTS.displayName, shown),
      el('label', {}, TEXTS.role, role),
      el('button', { class: 'go', type: 'submit' }, OWN.create),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#view.attempt(async () => {
        this.#showOnce(await post<NewPassword>('/console/agents', { name: name.value.trim(), display_name: shown.value.trim(), role: role.value }));
        form.reset();
        await this.#load();
      });
    };
    return form;
  }

  /** Shows a password until it is hidden or the page is left: nobody can read it again. */
  #showOnce({ name, password }: NewPassword): void {
    const shown = el('code', {}, password);
    const copy = el('button', { class: 'plain' }, TEXTS.copy);
    copy.onclick = () => void this.#view.attempt(async () => this.#view.say(await copyOf(shown)));
    const hide = el('button', { class: 'plain' }, OWN.hide);
    hide.onclick = () => this.#once.replaceChildren();
    const text = el('p', { tabindex: '-1' }, fill(OWN.passwordOf, { name }));
    this.#once.replaceChildren(el('div', { class: 'card' }, text, el('div', { class: 'snippet' }, shown, copy, hide)));
    text.focus();
  }

  /** The choice of the role, which changes at once after a question; of oneself, the word alone. */
  #role({ name, role, is_of_provider: ofProvider }: Listed): Child {
    if (name === this.#me) return OWN.roles[role];
    const choice = roles(role);
    choice.setAttribute('aria-label', fill(OWN.roleOf, { name }));
    choice.onchange = () =>
      void this.#view.attempt(async () => {
        const wanted = choice.value as Role;
        choice.value = role;
        const question = fill(OWN.roleQuestion, { name, role: OWN.roles[wanted] }) + (ofProvider ? ` ${OWN.roleOfProvider}` : '');
        if (!(await asks(question, OWN.roleYes))) return;
        await post('/console/agents/role', { name, role: wanted });
        await this.#load();
        this.#view.say(fill(OWN.roleChanged, { name, role: OWN.roles[wanted] }));
      });
    return choice;
  }

  #actions({ name, is_of_provider: ofProvider }: Listed): HTMLElement[] {
    const end = this.#action(TEXTS.endSignIns, fill(TEXTS.endSignInsOf, { name }), fill(TEXTS.endSignInsQuestion, { name }), TEXTS.endSignIns, async () => {
      await post('/agents/end-browsers', { name });
      this.#view.say(fill(TEXTS.signInsEnded, { name }));
    });
    if (name === this.#me) return [end];
    const reset = this.#action(OWN.reset, fill(OWN.resetOf, { name }), fill(OWN.resetQuestion, { name }), OWN.resetYes, async () => {
      this.#showOnce(await post<NewPassword>('/console/agents/reset', { name }));
      await this.#load();
    });
    const remove = this.#action(TEXTS.remove, fill(TEXTS.removeNamed, { origin: name }), fill(ofProvider ? OWN.removeProviderQuestion : OWN.removeQuestion, { name }), OWN.removeYes, async () => {
      const { has_left: hasLeft } = await post<{ has_left: boolean }>('/console/agents/remove', { name });
      await this.#load();
      this.#view.say(fill(hasLeft ? OWN.removed : OWN.removedAndNamed, { name }));
    });
    return ofProvider ? [end, remove] : [end, reset, remove];
  }

  #action(text: string, label: string, question: string, yes: string, work: () => Promise<void>): HTMLElement {
    const button = el('button', { class: 'plain', 'aria-label': label }, text);
    button.onclick = () =>
      void this.#view.attempt(async () => {
        if (await asks(question, yes)) await work();
      });
    return button;
  }

  /** The agents of the identity provider who stay out. */
  #removed(names: string[]): HTMLElement {
    const items = names.map((name) =>
      el(
        'li',
        {},
        nameOf(name),
        this.#action(OWN.admit, fill(OWN.admitOf, { name }), fill(OWN.admitQuestion, { name }), OWN.admit, async () => {
          await post('/console/agents/admit', { name });
          await this.#load();
          this.#view.say(fill(OWN.admitted, { name }));
        }),
      ),
    );
    return el('div', {}, el('h2', {}, OWN.removedAgents), el('p', { class: 'soft' }, OWN.removedHint), el('ul', { class: 'origins' }, ...items));
  }
}

function roles(chosen: Role): HTMLSelectElement {
  const options = (Object.keys(OWN.roles) as Role[]).map((role) => el('option', { value: role, ...(role === chosen ? { selected: '' } : {}) }, OWN.roles[role]));
  return el('select', {}, ...options);
}
