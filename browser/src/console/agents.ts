import { el, nameOf } from '../dom/element';
import { get, post, type Agent } from '../inbox/api';
import { asks } from './ask';
import { TEXTS, fill } from './texts';
import type { View } from './view';

/** The agents of the account, whom an admin can sign out. */
export class AgentList {
  readonly element = el('section', { 'aria-label': TEXTS.agents });
  readonly #view: View;

  constructor(view: View) {
    this.#view = view;
  }

  async show(): Promise<void> {
    const { agents } = await get<{ agents: Agent[] }>('/agents');
    const heads = [TEXTS.agent, TEXTS.displayName, TEXTS.role, TEXTS.signIns];
    const rows = agents.map((one) => el('tr', {}, el('td', {}, nameOf(one.name)), el('td', {}, nameOf(one.display_name)), el('td', {}, one.role), el('td', {}, this.#ending(one))));
    this.element.replaceChildren(
      el(
        'div',
        { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': TEXTS.agents },
        el('table', {}, el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))), el('tbody', {}, ...rows)),
      ),
    );
  }

  #ending({ name }: Agent): HTMLElement {
    const button = el('button', { class: 'plain', 'aria-label': fill(TEXTS.endSignInsOf, { name }) }, TEXTS.endSignIns);
    button.onclick = () =>
      void this.#view.attempt(async () => {
        if (!(await asks(fill(TEXTS.endSignInsQuestion, { name }), TEXTS.endSignIns))) return;
        await post('/agents/end-browsers', { name });
        this.#view.say(fill(TEXTS.signInsEnded, { name }));
      });
    return button;
  }
}
