import { el, nameOf } from '../dom/element';
import { get } from '../inbox/api';
import { SESSION_TEXTS as TEXTS } from './session-texts';
import { TEXTS as COMMON } from './texts';
import { timeOf } from './time';
import type { View } from './view';
import type { Deployments, Session } from './wire';

/** `/sessions/list?deployment=…` */
export interface SessionPage {
  sessions: Session[];
  /** The `before` of the next page; null if there is none. */
  next: string | null;
}

/** The newest sessions of a deployment, by pages. */
export class SessionList {
  readonly element = el('div', { class: 'content' });
  readonly #view: View;
  readonly #deployment = el('select', {});
  readonly #state = select(TEXTS.states);
  readonly #binding = select(TEXTS.bindings);
  readonly #rows = el('tbody', {});
  readonly #table: HTMLElement;
  readonly #none = el('p', { class: 'empty', role: 'status' });
  readonly #more = el('button', { class: 'plain' }, TEXTS.more);
  /** Number of the last request; the answer to an earlier one is dropped. */
  #asked = 0;
  #next: string | null = null;

  constructor(view: View) {
    this.#view = view;
    const filters = el(
      'form',
      { class: 'filters', 'aria-label': TEXTS.filters },
      el('label', {}, TEXTS.deployment, this.#deployment),
      el('label', {}, TEXTS.state, this.#state),
      el('label', {}, TEXTS.binding, this.#binding),
      el('button', { class: 'plain', type: 'submit' }, TEXTS.show),
    );
    filters.onsubmit = (event) => {
      event.preventDefault();
      void this.#view.attempt(() => this.#load(''));
    };
    this.#more.onclick = () => void this.#view.attempt(() => this.#load(this.#next ?? ''));
    const heads = [TEXTS.created, TEXTS.session, TEXTS.state, TEXTS.key, TEXTS.lastSeen, TEXTS.why];
    this.#table = el(
      'div',
      { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': TEXTS.list },
      el('table', {}, el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))), this.#rows),
    );
    this.element.append(filters, this.#table, this.#none, this.#more);
  }

  /** Shows the newest sessions. */
  async show(): Promise<void> {
    const { deployments } = await get<Deployments>('/console/deployments');
    const chosen = this.#deployment.value;
    this.#deployment.replaceChildren(...deployments.map(({ deployment_key: key, name }) => el('option', { value: key }, name)));
    const known = deployments.find((one) => one.deployment_key === chosen) ?? deployments[0];
    this.#deployment.value = known?.deployment_key ?? '';
    await this.#load('');
  }

  /** Loads the first page, or adds the one that follows. */
  async #load(before: string): Promise<void> {
    const asked = ++this.#asked;
    const query = new URLSearchParams({ deployment: this.#deployment.value, state: this.#state.value, binding: this.#binding.value });
    if (before) query.set('before', before);
    const page = this.#deployment.value ? await get<SessionPage>(`/console/sessions/list?${query}`) : { sessions: [], next: null };
    if (asked !== this.#asked) return;
    const rows = page.sessions.map(row);
    if (before) this.#rows.append(...rows);
    else this.#rows.replaceChildren(...rows);
    this.#next = page.next;
    this.#more.hidden = !page.next;
    this.#table.hidden = !this.#rows.firstChild;
    this.#none.textContent = this.#rows.firstChild ? '' : !this.#deployment.value ? TEXTS.noDeployment : page.next ? TEXTS.noneYet : TEXTS.none;
    // The next page begins at its first session; a page without any leaves the focus at the button.
    if (before) rows[0]?.querySelector('a')?.focus();
  }
}

function select(options: Record<string, string>): HTMLSelectElement {
  return el('select', {}, ...Object.entries(options).map(([value, name]) => el('option', { value }, name)));
}

function row(one: Session): HTMLElement {
  return el(
    'tr',
    {},
    el('td', {}, el('time', { datetime: one.created }, timeOf(one.created))),
    el('td', {}, el('a', { href: `#sessions/${one.sid}` }, nameOf(one.sid))),
    el('td', {}, COMMON.states[one.state]),
    el('td', {}, one.bound ? TEXTS.bound : TEXTS.unbound),
    el('td', {}, el('time', { datetime: one.last_seen }, timeOf(one.last_seen))),
    el('td', {}, one.revoked_why ?? one.last_refused_why ?? ''),
  );
}
