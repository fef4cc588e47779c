import { el, plain, type Child } from '../dom/element';
import { linked } from '../dom/links';
import { textOf } from '../widget/wire';
import type { Opened, Summary } from './api';
import { avatar } from '../dom/avatar';
import { label, refusalOf, timeOrDate } from './format';
import { icon } from './icons';
import { around, languageName, put, texts } from './language';

/** The column beside the conversation: the guest, their session, and what the page knows of both. */
export class Details {
  readonly element = el('aside', { class: 'details', 'aria-label': texts.details });
  readonly #guest = el('div', { class: 'guest' });
  readonly #session = el('section', { class: 'box' });
  readonly #before = el('section', { class: 'box before' });
  readonly #others = el('section', { class: 'box' });
  /** Hidden until the conversation is read. */
  readonly #boxes = el('div', { hidden: '' });
  #shown: Summary | undefined;

  /** @param own the parts that the agent can change */
  constructor(
    own: HTMLElement[],
    private readonly choose: (other: Summary) => void,
    close: () => void,
  ) {
    const hide = el('button', { class: 'square hide', 'aria-label': texts.hideDetails, title: texts.hideDetails }, '×');
    hide.onclick = close;
    this.#before.hidden = this.#others.hidden = true;
    this.#boxes.append(...own, this.#session, this.#before, this.#others);
    this.element.append(hide, this.#guest, this.#boxes);
  }

  show(summary: Summary): void {
    if (summary === this.#shown) return;
    this.#shown = summary;
    this.#boxes.hidden = false;
    this.#guest.replaceChildren(
      avatar(summary.name, summary.conversation_sid),
      el('p', { class: 'guest-name', dir: 'auto' }, plain(summary.name) || texts.customer),
      el('p', { class: 'soft' }, put(texts.chatBegan, { time: timeOrDate(summary.date_created) })),
      ...(summary.page ? [el('p', { class: 'soft page' }, ...around(texts.onPage, { page: el('bdi', { dir: 'ltr' }, ...linked(summary.page)) }))] : []),
      ...(summary.language ? [el('p', { class: 'soft' }, put(texts.guestLanguage, { language: languageName(summary.language) }))] : []),
    );
    this.#showSession(summary);
  }

  /** Shows the facts that only a whole read of the conversation has. */
  showOpened({ summary, pre_engagement_data, others }: Opened): void {
    const above: Record<string, unknown> = { location: summary.page, language: summary.language };
    const entries = entriesOf(pre_engagement_data).filter(([name, value]) => value !== above[name]);
    this.#before.hidden = entries.length === 0;
    this.#before.replaceChildren(
      el('h3', {}, texts.beforeChat),
      el('dl', {}, ...entries.flatMap(([name, value]) => [el('dt', {}, label(name)), el('dd', { dir: 'auto' }, value)])),
    );
    this.#others.hidden = others.length === 0;
    this.#others.replaceChildren(
      el('h3', {}, put(texts.others, { n: others.length })),
      el('ul', {}, ...others.map((one) => el('li', {}, this.#other(one)))),
    );
  }

  #other(one: Summary): HTMLElement {
    const last = one.last_message ? textOf(one.last_message) : '';
    const button = el(
      'button',
      { class: 'other' },
      el('span', { class: 'soft' }, timeOrDate(one.date_active), one.state === 'active' ? ` · ${texts.open}` : ''),
      el('span', { class: 'last', dir: 'auto' }, last || texts.messageRemoved),
    );
    button.onclick = () => this.choose(one);
    return button;
  }

  #showSession(summary: Summary): void {
    const { session } = summary;
    const facts: Child[] = [el('p', { class: 'fact' }, icon(session.state === 'live' ? 'check' : 'info'), stateOf(summary))];
    const bound = el('p', { class: 'fact bound' }, icon('lock'), texts.bound);
    bound.hidden = !session.bound || session.state !== 'live';
    facts.push(bound);
    const refusal = refusalOf(summary);
    if (refusal) {
      facts.push(el('p', { class: 'fact warned' }, icon('shield'), refusal));
    }
    this.#session.replaceChildren(el('h3', {}, texts.session), ...facts);
  }
}

function stateOf({ session }: Summary): string {
  return {
    live: texts.sessionLive,
    away: texts.sessionAway,
    expired: texts.sessionExpired,
    revoked: texts.sessionRevoked,
    gone: texts.sessionGone,
  }[session.state];
}

/** The pre-engagement data, as far as it can be shown in lines. */
function entriesOf(json: string): [string, string][] {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    data = json;
  }
  const entries: [string, unknown][] = data && typeof data === 'object' ? Object.entries(data) : [['data', data]];
  return entries
    .filter(([, value]) => value !== '' && value !== null)
    .map(([name, value]) => [name, plain(typeof value === 'string' ? value : JSON.stringify(value))]);
}
