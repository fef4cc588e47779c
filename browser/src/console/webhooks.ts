import { el, nameOf } from '../dom/element';
import { get, post } from '../inbox/api';
import { facts } from './deployments';
import { fill } from './texts';
import { timeOf } from './time';
import type { View } from './view';
import { WEBHOOK_TEXTS as TEXTS } from './webhook-texts';

/** `/webhooks` */
export interface Webhook {
  address_sid: string;
  name: string;
  /** Of its URL: the rest can have a secret. */
  origin: string;
  state: 'delivering' | 'held-back' | 'given-up';
  waiting: number;
  waiting_since: string | null;
  failing_since: string | null;
  last_accepted: string | null;
  last_failed: string | null;
  last_error: string | null;
  given_up: number;
  newest_given_up: GivenUp[];
}

export interface GivenUp {
  event_id: string;
  type: string;
  conversation_sid: string;
  at: string;
  why: string;
  is_due: boolean;
}

/** The webhooks of the account: whether they are delivered, and ways to test and to repeat. */
export class WebhookList {
  readonly element = el('section', { 'aria-label': TEXTS.webhooks });
  readonly #view: View;
  /** Number of the last request; the answer to an earlier one is dropped. */
  #asked = 0;

  constructor(view: View) {
    this.#view = view;
  }

  async show(): Promise<void> {
    const asked = ++this.#asked;
    const { webhooks, counted } = await get<{ webhooks: Webhook[]; counted: number }>('/console/webhooks');
    if (asked !== this.#asked) return;
    const cards = webhooks.map((one) => this.#card(one, counted));
    this.element.replaceChildren(...(cards.length ? cards : [el('p', { class: 'empty' }, TEXTS.none)]));
  }

  #card(one: Webhook, counted: number): HTMLElement {
    const title = `webhook-${one.address_sid}`;
    const many = (count: number) => (count < counted ? String(count) : fill(TEXTS.orMore, { count }));
    return el(
      'article',
      { class: 'card', 'aria-labelledby': title },
      el('h2', { id: title }, nameOf(one.name)),
      facts([
        [TEXTS.address, one.address_sid],
        [TEXTS.url, fill(TEXTS.urlHint, { origin: one.origin })],
        [TEXTS.events, TEXTS.allEvents],
        [TEXTS.state, fill(TEXTS.states[one.state], { since: one.failing_since ? timeOf(one.failing_since) : '' })],
        [TEXTS.backlog, backlog(one, many)],
        [TEXTS.accepted, one.last_accepted ? timeOf(one.last_accepted) : TEXTS.never],
        [TEXTS.failed, one.last_failed ? `${timeOf(one.last_failed)}: ${one.last_error ?? ''}` : TEXTS.never],
      ]),
      ...(one.newest_given_up.length ? [el('h3', {}, fill(TEXTS.givenUp, { count: many(one.given_up) })), table(one)] : []),
      el('p', { class: 'actions' }, this.#testing(one), ' ', this.#again(one)),
    );
  }

  #testing({ address_sid: sid, name }: Webhook): HTMLElement {
    const button = el('button', { class: 'plain', 'aria-label': fill(TEXTS.testOf, { name }) }, TEXTS.test);
    button.onclick = () =>
      void this.#view.attempt(async () => {
        button.disabled = true;
        this.#view.say(TEXTS.testing);
        try {
          const { event_id: id, accepted, why } = await post<{ event_id: string; accepted: boolean; why: string | null }>('/console/webhooks/test', { address_sid: sid });
          this.#view.say(accepted ? fill(TEXTS.testAccepted, { name, id }) : fill(TEXTS.testFailed, { name, id, why: why ?? '' }));
        } finally {
          button.disabled = false;
        }
      });
    return button;
  }

  #again({ address_sid: sid, name, waiting, given_up: givenUp }: Webhook): HTMLElement {
    const button = el('button', { class: 'plain', 'aria-label': fill(TEXTS.againOf, { name }) }, TEXTS.again);
    button.hidden = !waiting && !givenUp;
    button.onclick = () =>
      void this.#view.attempt(async () => {
        const sent = await post<{ conversations: number; given_up: number; has_more: boolean }>('/console/webhooks/again', { address_sid: sid });
        await this.#view.refresh();
        const done = fill(TEXTS.againDone, { conversations: sent.conversations, events: sent.given_up });
        this.#view.say(sent.has_more ? fill(TEXTS.againMore, { done }) : done);
      });
    return button;
  }
}

function backlog({ waiting, waiting_since: since }: Webhook, many: (count: number) => string): string {
  if (!waiting) return TEXTS.noBacklog;
  return since ? fill(TEXTS.backlogSince, { count: many(waiting), since: timeOf(since) }) : many(waiting);
}

function table({ name, newest_given_up: events }: Webhook): HTMLElement {
  const heads = [TEXTS.time, TEXTS.event, TEXTS.conversation, TEXTS.why];
  const rows = events.map((one) =>
    el(
      'tr',
      {},
      el('td', {}, el('time', { datetime: one.at }, timeOf(one.at))),
      el('td', {}, one.type),
      el('td', {}, el('a', { href: `#sessions/${one.conversation_sid}` }, one.conversation_sid)),
      el('td', {}, one.is_due ? fill(TEXTS.due, { why: one.why }) : one.why),
    ),
  );
  return el(
    'div',
    { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': fill(TEXTS.givenUpOf, { name }) },
    el('table', {}, el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))), el('tbody', {}, ...rows)),
  );
}
