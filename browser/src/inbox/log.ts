import { el, nameOf } from '../dom/element';
import { grouped, type Place } from '../dom/groups';
import { linked } from '../dom/links';
import type { Attached, Links } from '../dom/files';
import type { Message, Participant } from '../widget/wire';
import { avatar } from '../dom/avatar';
import { SendingFiles, sentFiles } from './files';
import { day, moment, time } from './format';
import { inWords, type TeamEvent } from './history';
import { icon } from './icons';
import { around, count, texts } from './language';
import type { Reply } from './outbox';
import type { Note } from './team';
import { removeTwice } from './twice';

/** If the end is this close to the lower edge, it counts as visible. */
const END_PIXELS = 40;

/** The content of the log. */
export interface Contents {
  /** In their order. */
  messages: Message[];
  /** In their order, too. */
  notes: Note[];
  /** In their order, too. */
  events: TeamEvent[];
  /** The name of an agent or the guest. */
  nameOf(identity: string): string;
  participants: Iterable<Participant>;
  /** The agent's own replies that were not sent yet. */
  waiting: Reply[];
  hasOlder: boolean;
  isClosed: boolean;
  /** Whether the server has answered, so that an empty log is a fact. */
  isRead: boolean;
  /** The color of the guest's avatar follows from it. */
  guestKey: string;
}

/** The actions of the conversation that the log needs. */
export interface LogActions {
  /** The identity of the agent. */
  me: string;
  older(): void;
  scrolled(): void;
  links(file: Attached): Promise<Links>;
  download(file: Attached): void;
  cancel(reply: Reply): void;
  removeNote(note: Note): void;
}

/** A line of the log. Its element is built anew only if `shown` has changed, so that a selection in it and the focus stay. */
interface Line {
  key: string;
  kind: string;
  shown: string;
  parts(): HTMLElement[];
}

/** The messages of the open conversation, in groups and days. */
export class MessageLog {
  readonly element: HTMLElement;
  readonly #scroller = el('div', { class: 'log', role: 'log', tabindex: '0', 'aria-label': texts.messages });
  readonly #older = el('button', { class: 'more' }, texts.older);
  readonly #list = el('ol');
  readonly #empty = el('p', { class: 'empty' }, texts.noMessages);
  readonly #news = el('span');
  readonly #newer = el('button', { class: 'newer' }, icon('down'), this.#news);
  readonly #rows = new Map<string, { element: HTMLLIElement; shown: string }>();
  /** The elements of sent files by message, and of waiting ones by reply: they stay the same while their line changes. */
  readonly #sent = new Map<string, HTMLElement>();
  readonly #sending = new Map<string, SendingFiles>();
  /** The line that a search has found. */
  #found: HTMLElement | undefined;
  #newest = -1;
  /** How many messages of others have come below the view. */
  #unseen = 0;
  #wasAtEnd = true;
  #isRead = false;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly actions: LogActions) {
    this.#older.onclick = () => actions.older();
    this.#newer.onclick = () => {
      this.toEnd();
      this.#scroller.focus();
    };
    this.#newer.hidden = true;
    this.setBusy(true);
    this.#scroller.append(this.#older, this.#list, this.#empty);
    this.#scroller.onscroll = () => {
      this.#wasAtEnd = this.isAtEnd;
      if (this.#wasAtEnd) this.#seen();
      actions.scrolled();
    };
    this.element = el('div', { class: 'log-frame' }, this.#scroller, this.#newer);
    // A field that grows or a keyboard that appears must not cover the newest message.
    if (typeof ResizeObserver !== 'undefined') {
      new ResizeObserver(() => {
        if (this.#wasAtEnd) this.toEnd();
      }).observe(this.#scroller);
    }
  }

  get isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < END_PIXELS;
  }

  toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#wasAtEnd = true;
    this.#seen();
  }

  #seen(): void {
    this.#unseen = 0;
    this.#newer.hidden = true;
  }

  focus(): void {
    this.#scroller.focus();
  }

  /** Screen readers do not read out the messages that are added while it is busy. */
  setBusy(isBusy: boolean): void {
    clearTimeout(this.#quiet);
    if (isBusy) this.#scroller.setAttribute('aria-busy', 'true');
    else this.#quiet = setTimeout(() => this.#scroller.removeAttribute('aria-busy')); // after the browser has reported the additions
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  /** Marks a line, and shows it in the middle. */
  reveal(key: string, isFocused: boolean): void {
    this.#found?.removeAttribute('data-found');
    const line = this.#rows.get(key)?.element;
    this.#found = line;
    if (!line) return;
    line.dataset['found'] = '';
    line.scrollIntoView?.({ block: 'center' });
    this.#wasAtEnd = this.isAtEnd;
    if (!isFocused) return;
    line.tabIndex = -1;
    line.focus({ preventScroll: true });
  }

  /** Shows older messages above without moving those in view. */
  keepPlace(): () => void {
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    return () => {
      this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
    };
  }

  show(contents: Contents, toEnd: boolean): void {
    const newest = contents.messages.at(-1)?.index ?? -1;
    if (!toEnd && this.#newest >= 0) this.#unseen += contents.messages.filter(({ index, author }) => index > this.#newest && author !== this.actions.me).length;
    this.#newest = Math.max(newest, this.#newest);
    this.#newer.hidden = this.#unseen === 0;
    this.#news.textContent = count(texts.newer, this.#unseen);
    this.#older.hidden = !contents.hasOlder;
    const lines = [...this.#sentLines(contents), ...contents.waiting.map((reply) => this.#waitingLine(reply))];
    const isSaid = contents.events.findLast(({ kind }) => kind === 'closed' || kind === 'reopened')?.kind === 'closed';
    if (contents.isClosed && !isSaid && lines.length) {
      lines.push({ key: 'closed', kind: 'event', shown: 'closed', parts: () => [el('span', {}, texts.wasClosed)] });
    }
    this.#showLines(lines);
    this.#empty.hidden = lines.length > 0 || !contents.isRead;
    if (contents.isRead && !this.#isRead) this.setBusy(false);
    this.#isRead = contents.isRead;
    if (toEnd) this.toEnd();
  }

  #sentLines({ messages, notes, events, nameOf: name, participants, hasOlder, guestKey }: Contents): Line[] {
    const guest = [...participants].find((one) => one.kind === 'guest');
    const lastSeen = messages.findLast((one) => one.author_kind !== 'guest' && guest && guest.read_index >= one.index);
    const written = merged(messages, inOrder(notes, events), hasOlder);
    const places = grouped(written, (one, next) => isNote(one) === isNote(next));
    const lines: Line[] = [];
    let lastDay = '';
    written.forEach((message, at) => {
      const thisDay = day(message.date_created);
      if (thisDay !== lastDay) lines.push({ key: `day ${thisDay}`, kind: 'day', shown: thisDay, parts: () => [el('span', {}, thisDay)] });
      lastDay = thisDay;
      const place = places[at] as Place;
      if (isEvent(message)) lines.push(eventLine(message, name));
      else lines.push(isNote(message) ? this.#noteLine(message, place) : this.#sentLine(message, place, message === lastSeen, guestKey));
    });
    return lines;
  }

  #sentLine(message: Message, { isFirst, isLast }: Place, isLastSeen: boolean, guestKey: string): Line {
    const isOurs = message.author_kind !== 'guest';
    const isMine = message.author === this.actions.me;
    const kind = ['line', isOurs ? 'ours' : '', isMine ? 'mine' : '', isFirst ? 'first' : '', isLast ? 'last' : ''].filter(Boolean).join(' ');
    const who = isMine ? texts.you : message.author_name;
    const parts = () => {
      const name = nameOf(who);
      const author = isFirst && !isMine
        ? el('div', { class: 'author' }, ...(isOurs ? [] : [avatar(message.author_name, guestKey)]), name, ...(message.author_kind === 'system' ? [el('span', { class: 'tag' }, texts.automatic)] : []))
        : el('span', { class: 'spoken' }, name, ': ');
      const meta = el('div', { class: isLast || isLastSeen ? 'meta' : 'meta spoken' }, timeOf(message), isLastSeen ? ` · ${texts.seen}` : '');
      if (message.removed) return [author, el('div', { class: 'body removed' }, texts.messageRemoved), meta];
      return [author, ...bubble(message.body), ...this.#filesOf(message), meta];
    };
    return { key: keyOf(message, this.actions.me), kind, shown: [kind, message.revision, message.body, message.removed, who, isLastSeen, time(message.date_created)].join('\n'), parts };
  }

  #noteLine(note: Note, { isFirst, isLast }: Place): Line {
    const who = note.author === this.actions.me ? texts.you : note.author_name;
    const isRemovable = note.author === this.actions.me && !note.removed;
    const kind = ['line ours of-team', isFirst ? 'first' : '', isLast ? 'last' : ''].filter(Boolean).join(' ');
    const parts = () => [
      isFirst ? el('div', { class: 'author' }, nameOf(who), el('span', { class: 'tag' }, texts.noteTag)) : el('span', { class: 'spoken' }, ...around(texts.noteOf, { name: nameOf(who) }), ': '),
      ...(note.removed ? [el('div', { class: 'body removed' }, texts.noteRemoved)] : bubble(note.body)),
      el('div', { class: isLast || isRemovable ? 'meta' : 'meta spoken' }, timeOf(note), ...(isRemovable ? [' · ', this.#removal(note)] : [])),
    ];
    return { key: `note ${note.added_revision}`, kind, shown: [kind, note.revision, note.body, note.removed, who].join('\n'), parts };
  }

  #removal(note: Note): HTMLElement {
    const button = el('button', { class: 'text-button' }, texts.removeNote);
    removeTwice(button, () => this.actions.removeNote(note));
    return button;
  }

  #waitingLine(reply: Reply): Line {
    const status = reply.attempts ? texts.notSentYet : texts.sending;
    this.#sending.get(reply.clientId)?.show();
    const author = () => el('span', { class: 'spoken' }, nameOf(texts.you), ': ');
    const parts = () => [author(), ...bubble(reply.body), ...this.#filesOfReply(reply), el('div', { class: 'meta' }, status)];
    return { key: reply.clientId, kind: `line ours ${reply.kind === 'note' ? 'of-team' : 'mine'} last waiting`, shown: status, parts };
  }

  #showLines(lines: Line[]): void {
    const keys = new Set(lines.map(({ key }) => key));
    for (const kept of [this.#rows, this.#sent, this.#sending]) {
      for (const key of kept.keys()) if (!keys.has(key)) kept.delete(key);
    }
    lines.forEach(({ key, kind, shown, parts }, at) => {
      const row = this.#rows.get(key) ?? { element: el('li'), shown: '' };
      this.#rows.set(key, row);
      if (row.shown !== shown) {
        row.shown = shown;
        row.element.className = kind;
        const focused = document.activeElement;
        replace(row.element, parts());
        if (focused instanceof HTMLElement && row.element.contains(focused)) focused.focus();
      }
      if (this.#list.children[at] !== row.element) this.#list.insertBefore(row.element, this.#list.children[at] ?? null);
    });
    while (this.#list.children.length > lines.length) this.#list.lastElementChild?.remove();
  }

  #filesOf(message: Message): HTMLElement[] {
    const { media = [] } = message;
    if (!media.length) return [];
    const key = keyOf(message, this.actions.me);
    const element = this.#sent.get(key) ?? sentFiles(media, this.actions.links, this.actions.download);
    this.#sent.set(key, element);
    return [element];
  }

  #filesOfReply(reply: Reply): HTMLElement[] {
    if (!reply.files.length) return [];
    const files = this.#sending.get(reply.clientId) ?? new SendingFiles(reply, () => this.actions.cancel(reply));
    this.#sending.set(reply.clientId, files);
    files.show();
    return [files.element];
  }
}

/** The key of an agent's own message stays the same when it is sent, so that its line does. The ids of other authors are not unique. */
export function keyOf({ author, client_id: clientId, sid }: Message, me: string): string {
  return (author === me && clientId) || sid;
}

/** Replaces the parts of a line that have changed, so that screen readers read out no others. */
function replace(line: HTMLElement, parts: HTMLElement[]): void {
  const before = [...line.children];
  parts.forEach((part, at) => {
    const same = before.find((one) => one.isEqualNode(part)) ?? part;
    if (line.children[at] !== same) line.insertBefore(same, line.children[at] ?? null);
  });
  while (line.children.length > parts.length) line.lastElementChild?.remove();
}

function timeOf({ date_created: written }: { date_created: string }): HTMLElement {
  return el('time', { datetime: written, title: moment(written) }, time(written));
}

/** A change in the history, with an author of its own, so that it stands in no group. */
type Event = TeamEvent & { author: string };

function isEvent(one: Message | Note | Event): one is Event {
  return 'kind' in one;
}

function isNote(one: Message | Note | Event): one is Note {
  return !('index' in one || isEvent(one));
}

function inOrder(notes: Note[], events: TeamEvent[]): (Note | Event)[] {
  return [...notes, ...events.map((one) => ({ ...one, author: `event ${one.revision}` }))].sort((one, other) => placeOf(one) - placeOf(other));
}

function placeOf(one: Note | Event): number {
  return isEvent(one) ? one.revision : one.added_revision;
}

function eventLine(event: Event, name: (identity: string) => string): Line {
  const words = inWords(event, name);
  const parts = () => [el('span', {}, ...words, ' · ', timeOf(event))];
  return { key: event.author, kind: 'event', shown: parts()[0]?.textContent ?? '', parts };
}

/** Puts notes and the history between the messages, by the revisions that added them. Those before the oldest message wait for their page. */
export function merged<T extends Note | Event>(messages: Message[], others: T[], hasOlder: boolean): (Message | T)[] {
  const written: (Message | T)[] = [];
  let next = 0;
  messages.forEach((message, at) => {
    for (; next < others.length && placeOf(others[next] as T) < revisionOf(message); next++) {
      if (at > 0 || !hasOlder) written.push(others[next] as T);
    }
    written.push(message);
  });
  return [...written, ...others.slice(next)];
}

/** The revision that added a message. The agents' API has it, the guests' does not. */
function revisionOf(message: Message & { added_revision?: number }): number {
  return message.added_revision ?? message.revision;
}

function bubble(text: string): HTMLElement[] {
  return text ? [el('div', { class: 'body', dir: 'auto' }, ...linked(text))] : [];
}
