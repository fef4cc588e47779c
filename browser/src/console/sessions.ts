import { el } from '../dom/element';
import { get, post } from '../inbox/api';
import { asks } from './ask';
import { facts } from './deployments';
import { SessionList } from './session-list';
import { SESSION, referenceIn } from './reference';
import { TEXTS, fill } from './texts';
import { timeOf } from './time';
import type { View } from './view';
import type { Session } from './wire';

/** A session that was found by its id or its conversation's: why it ended, and a way to end it. */
export class Sessions {
  readonly element = el('section', { 'aria-label': TEXTS.sessions });
  readonly #view: View;
  readonly #id = el('input', { type: 'search', placeholder: TEXTS.sessionHint, autocomplete: 'off', spellcheck: 'false' });
  readonly #list: SessionList;
  readonly #content = el('div', { class: 'content' });
  /** Number of the last request; the answer to an earlier one is dropped. */
  #asked = 0;

  constructor(view: View) {
    this.#view = view;
    this.#list = new SessionList(view);
    const form = el('form', { role: 'search', class: 'find' }, el('label', {}, TEXTS.sessionId, this.#id), el('button', { class: 'go', type: 'submit' }, TEXTS.find));
    form.onsubmit = (event) => {
      event.preventDefault();
      const typed = this.#id.value.trim();
      const reference = referenceIn(typed);
      if (reference) this.#view.go(`requests/${reference}`);
      else this.#view.go(`sessions/${SESSION.exec(typed)?.[0] ?? typed}`);
    };
    this.element.append(form, this.#content);
  }

  /** Shows the session with this id, or the newest sessions of a deployment. */
  async show(id: string): Promise<void> {
    const asked = ++this.#asked;
    this.#id.value = id;
    if (!id) {
      this.#content.replaceChildren(el('p', { class: 'soft' }, TEXTS.findSession), this.#list.element);
      await this.#list.show();
      return;
    }
    this.#content.replaceChildren(el('p', { class: 'soft' }, TEXTS.loading));
    const { sessions } = await get<{ sessions: Session[] }>(`/console/sessions?id=${encodeURIComponent(id)}`);
    if (asked !== this.#asked) return;
    this.#content.replaceChildren(el('p', {}, el('a', { href: '#sessions' }, TEXTS.back)), ...sessions.map((one) => this.#card(one)));
  }

  #card(one: Session): HTMLElement {
    const revoke = el('button', { class: 'plain' }, TEXTS.revoke);
    revoke.hidden = one.state !== 'live';
    revoke.onclick = () =>
      void this.#view.attempt(async () => {
        if (!(await asks(fill(TEXTS.revokeQuestion, { sid: one.sid }), TEXTS.revokeYes))) return;
        await post('/console/sessions/revoke', { session_sid: one.sid });
        await this.#view.refresh();
      });
    const title = `session-${one.sid}`;
    return el(
      'article',
      { class: 'card', 'aria-labelledby': title },
      el('h2', { id: title }, `${TEXTS.session} ${one.sid}`),
      facts([
        [TEXTS.state, TEXTS.states[one.state]],
        ...event(TEXTS.revoked, one.revoked, one.revoked_why),
        ...event(TEXTS.lastRefusal, one.last_refused, one.last_refused_why),
        [TEXTS.refusals, String(one.refusals)],
        [TEXTS.replays, String(one.replays)],
        [TEXTS.observed, String(one.observed)],
        ...(one.last_observed_why ? [[TEXTS.lastObserved, one.last_observed_why] as [string, string]] : []),
        [TEXTS.bound, one.bound ? TEXTS.yes : TEXTS.no],
        [TEXTS.generation, String(one.generation)],
        [TEXTS.created, timeOf(one.created)],
        [TEXTS.lastSeen, timeOf(one.last_seen)],
        [TEXTS.expires, timeOf(one.expires)],
        [TEXTS.deployment, one.deployment_key],
        [TEXTS.conversation, one.conversation_sid],
      ]),
      el('p', { class: 'actions' }, revoke),
    );
  }
}

/** When something happened, and why; nothing if it never did. */
function event(name: string, time: string | null, why: string | null): [string, string][] {
  return time ? [[name, fill(TEXTS.timeAndWhy, { time: timeOf(time), why: why ?? '' })]] : [];
}
