import { el, nameOf } from '../dom/element';
import { get, post } from '../inbox/api';
import { asks } from './ask';
import { copyOf } from './copy';
import { pageTestOf, settingsOf } from './settings';
import { TEXTS, fill } from './texts';
import type { View } from './view';
import type { Deployment, Deployments } from './wire';

/** The deployments of the account, with the pages that can use them. */
export class DeploymentList {
  readonly element = el('section', { 'aria-label': TEXTS.deployments });
  readonly #view: View;
  /** Number of the last request; the answer to an earlier one is dropped. */
  #asked = 0;

  constructor(view: View) {
    this.#view = view;
  }

  async show(): Promise<void> {
    const asked = ++this.#asked;
    const { deployments, public_url: publicUrl } = await get<Deployments>('/console/deployments');
    if (asked !== this.#asked) return;
    const cards = deployments.map((one) => this.#card(one, publicUrl ?? location.origin));
    this.element.replaceChildren(...(cards.length ? cards : [el('p', { class: 'empty' }, TEXTS.noDeployments)]));
  }

  #card(one: Deployment, server: string): HTMLElement {
    const title = `name-${one.deployment_key}`;
    return el(
      'article',
      { class: 'card', 'aria-labelledby': title },
      el('h2', { id: title }, nameOf(one.name)),
      facts([
        [TEXTS.key, one.deployment_key],
        [TEXTS.sensitivity, one.sensitivity],
        [TEXTS.proof, one.proof],
        [TEXTS.replay, one.revoke_on_replay ? TEXTS.on : TEXTS.off],
        [TEXTS.realtime, one.realtime ? TEXTS.on : TEXTS.off],
        [TEXTS.tokens, one.token_ttl],
        [TEXTS.sessionEnds, fill(TEXTS.sessionsBound, { bound: one.bound_session_ttl, unbound: one.unbound_session_ttl })],
        [TEXTS.idle, one.idle_ttl],
        [TEXTS.kept, one.keep ?? TEXTS.forever],
      ]),
      el('h3', {}, TEXTS.origins),
      this.#origins(one),
      this.#adding(one),
      pageTestOf(one, this.#view),
      this.#snippet(one, server),
      settingsOf(one, this.#view),
      el('p', { class: 'actions' }, this.#ending(one)),
    );
  }

  /** The button that ends all sessions of the deployment, which the server ends in several calls. */
  #ending({ deployment_key: key, name: deployment }: Deployment): HTMLElement {
    const button = el('button', { class: 'plain' }, TEXTS.endAll);
    button.onclick = () =>
      void this.#view.attempt(async () => {
        const { live } = await get<{ live: number }>(`/console/sessions/live?deployment=${key}`);
        if (!live) return this.#view.say(fill(TEXTS.noneLive, { deployment }));
        if (!(await asks(fill(TEXTS.endAllQuestion, { count: live, deployment }), fill(TEXTS.endAllYes, { deployment })))) return;
        let count = 0;
        let hasMore = true;
        while (hasMore) {
          const some = await post<{ ended: number; has_more: boolean }>('/console/sessions/end', { deployment_key: key });
          count += some.ended;
          hasMore = some.has_more;
        }
        this.#view.say(fill(TEXTS.ended, { count, deployment }));
      });
    return button;
  }

  #origins(one: Deployment): HTMLElement {
    if (!one.allowed_origins.length) return el('p', {}, TEXTS.anyOrigin);
    const items = one.allowed_origins.map((origin) => {
      const button = el('button', { class: 'plain', 'aria-label': fill(TEXTS.removeNamed, { origin }) }, TEXTS.remove);
      button.onclick = () => void this.#change(one, origin, '/console/origins/remove', fill(TEXTS.removeQuestion, { origin, deployment: one.name }), TEXTS.remove);
      return el('li', {}, nameOf(origin), button);
    });
    return el('ul', { class: 'origins' }, ...items);
  }

  #adding(one: Deployment): HTMLElement {
    const input = el('input', { placeholder: TEXTS.originHint, required: '', autocomplete: 'off', spellcheck: 'false' });
    const form = el('form', { class: 'find' }, el('label', {}, TEXTS.newOrigin, input), el('button', { class: 'plain', type: 'submit' }, TEXTS.add));
    form.onsubmit = (event) => {
      event.preventDefault();
      const origin = input.value.trim();
      const isFirst = !one.allowed_origins.length;
      const question = fill(isFirst ? TEXTS.firstQuestion : TEXTS.allowQuestion, { origin, deployment: one.name });
      void this.#change(one, origin, '/console/origins', question, isFirst ? TEXTS.firstYes : TEXTS.allowYes);
    };
    return form;
  }

  #change(one: Deployment, origin: string, path: string, question: string, yes: string): Promise<void> {
    return this.#view.attempt(async () => {
      if (!(await asks(question, yes))) return;
      await post(path, { deployment_key: one.deployment_key, origin });
      await this.#view.refresh();
    });
  }

  #snippet(one: Deployment, server: string): HTMLElement {
    const code = `<script src="${server.replace(/\/$/, '')}/webchat.js" data-deployment-key="${one.deployment_key}" defer></script>`;
    const shown = el('code', {}, code);
    const copy = el('button', { class: 'plain' }, TEXTS.copy);
    copy.onclick = () => void this.#view.attempt(async () => this.#view.say(await copyOf(shown)));
    return el('div', {}, el('h3', {}, TEXTS.snippet), el('div', { class: 'snippet' }, shown, copy));
  }
}

/** Names and values. */
export function facts(pairs: [string, string][]): HTMLElement {
  return el('dl', { class: 'facts' }, ...pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}
