import { el, nameOf, plain, type Child } from '../dom/element';
import { textOf } from '../widget/wire';
import type { Me, Summary } from './api';
import { assigneeMark } from './assigning';
import { avatar } from '../dom/avatar';
import { copyRefusedAt, moment, timeOrDate, waitingFor, waitingSince } from './format';
import { icon } from './icons';
import { around, count, number, put, texts } from './language';
import type { Team } from './team';

/** More characters of the last message than a line can show. */
const PREVIEW = 300;

/** The state that a row shows beside its conversation. */
export interface RowState {
  isOpen: boolean;
  /** A copy of the guest's token was refused, and the agent has not seen it yet. */
  isAlarming: boolean;
  /** Milliseconds. */
  now: number;
}

/** Everything that a row depends on; the same text means the same row. */
export function keyOf(one: Summary, team: Team, { isOpen, isAlarming, now }: RowState): string {
  const since = waitingSince(one);
  const who = one.assignee ? [one.assignee, team.nameOf(one.assignee)] : [];
  return [one.revision, ...who, ...one.labels, one.name, one.unread, timeOrDate(one.date_active), since && waitingFor(since, now), copyRefusedAt(one), isOpen, isAlarming].join();
}

/** A passage that a search has found in a conversation: it stands in the place of the last message and its time. */
export interface FoundText {
  text: HTMLElement;
  when: string;
}

/** A conversation in the list: the guest, the last message, how long the guest has waited, and the marks. */
export function row(one: Summary, me: Me, team: Team, state: RowState, found?: FoundText): HTMLButtonElement {
  const since = found ? '' : waitingSince(one);
  const waits = since ? waitingFor(since, state.now) : '';
  const when = waits
    ? el('span', { class: 'when waits', title: put(texts.waitingSince, { time: moment(since) }) }, ...spokenAround(texts.waitingFor, { time: waits }))
    : el('span', { class: 'when' }, found?.when ?? timeOrDate(one.date_active));
  return el(
    'button',
    { class: 'item', 'data-sid': one.conversation_sid, 'aria-current': String(state.isOpen) },
    avatar(one.name, one.conversation_sid),
    el(
      'span',
      { class: 'text' },
      el('span', { class: 'row' }, el('span', { class: 'name', dir: 'auto' }, plain(one.name) || texts.customer), ...placeOf(one), when),
      el('span', { class: 'row' }, found?.text ?? preview(one, me), ...marks(one, me, team, state)),
    ),
  );
}

/** The path of the page on which the guest began the chat, or the host of its first page. */
function placeOf({ page }: Summary): HTMLElement[] {
  if (!page || !URL.canParse(page)) return [];
  const { pathname, host } = new URL(page);
  const place = el('bdi', { class: 'page', dir: 'ltr', title: page }, pathname === '/' ? host : pathname);
  return [el('span', { class: 'at' }, ...spokenAround(texts.onPage, { page: place }))];
}

function preview({ last_message: last }: Summary, me: Me): HTMLElement {
  const text = (last ? (last.removed ? texts.messageRemoved : textOf(last)) : texts.noMessage).slice(0, PREVIEW);
  const isOurs = last && last.author_kind !== 'guest';
  if (!isOurs) return el('span', { class: 'last', dir: 'auto' }, text);
  const name = nameOf(last.author === me.identity ? texts.you : last.author_name);
  return el('span', { class: 'last of-us' }, ...around(texts.lastOf, { name, text: el('bdi', {}, text) }));
}

function marks(one: Summary, me: Me, team: Team, { isAlarming }: RowState): HTMLElement[] {
  const marks: HTMLElement[] = [];
  const [label] = one.labels;
  if (label !== undefined) {
    const more = one.labels.length > 1 ? ` +${number(one.labels.length - 1)}` : '';
    marks.push(el('span', { class: 'label-mark', title: one.labels.map(plain).join(', ') }, ...spokenAround(texts.labelFilter, { label: nameOf(label) }), more));
  }
  if (copyRefusedAt(one)) {
    const name = texts.copyRefused;
    marks.push(el('span', { class: isAlarming ? 'mark alarm' : 'mark', 'aria-label': name, title: name, role: 'img' }, icon('shield')));
  }
  if (one.unread) {
    marks.push(el('span', { class: 'badge', 'aria-label': count(texts.unread, one.unread), role: 'img' }, one.unread > 99 ? `${number(99)}+` : number(one.unread)));
  }
  if (one.assignee) marks.push(assigneeMark(one.assignee, team, me));
  return marks;
}

/** A text whose own words only screen readers read, because the style of its value says the same. */
function spokenAround(text: string, values: Record<string, Child>): Child[] {
  return around(text, values).map((part) => (typeof part === 'string' && !Object.values(values).includes(part) ? el('span', { class: 'spoken' }, part) : part));
}
