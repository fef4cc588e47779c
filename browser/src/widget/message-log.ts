import { avatar } from '../dom/avatar';
import { el, nameOf, plain, setText } from '../dom/element';
import { grouped, type Place } from '../dom/groups';
import { drawing } from '../dom/icon';
import { linked } from '../dom/links';
import type { Chat } from './chat';
import type { Line } from './conversation';
import { DOWN } from './icons';
import type { Remembered, TabMemory } from './memory';
import { counted, fill } from './texts';
import { REFUSED, type Outgoing } from './transcript';
import type { Times } from './times';
import type { Texts } from './window-texts';
import { textOf, type Participant } from './wire';

/** A guest who is this near to the end follows new messages. */
const NEAR_PIXELS = 40;
/** The author of the guest's own lines, also of those that the server does not have yet. */
const ME = 'me';

/** A line on the screen. Only its changed parts are replaced, so that screen readers do not read it out again. */
export interface Row {
  element: HTMLLIElement;
  face: HTMLElement;
  who: HTMLElement;
  body: HTMLElement;
  time: HTMLElement;
  status: HTMLElement;
  again: HTMLButtonElement;
}

/** A message, or a neutral line about the chat itself. */
interface Entry {
  key: string;
  author: string;
  date_created: string;
  /** The revision of the conversation that added it. */
  added: number;
  line?: Line;
  note?: string;
}

/** The messages of a chat, in groups and days, with the place that the guest has scrolled to. */
export class MessageLog {
  readonly element = el('div', { class: 'log', role: 'log', tabindex: '0', 'aria-live': 'polite' });
  /** Leads to the end, and says how many messages are new there. */
  readonly newer = el('button', { class: 'newer' });
  /** Read by screen readers; the log itself shows dots. */
  readonly typing = el('p', { class: 'typing unseen', role: 'status' });
  isOpen = false;
  /** Whether new messages are scrolled into view. */
  followsEnd = true;

  readonly #older = el('button', { class: 'older' });
  readonly #list = el('ol');
  readonly #news = el('span');
  readonly #dots = el('div', { class: 'dots', 'aria-hidden': 'true' });
  readonly #rows = new Map<string, Row>();
  #typist = '';
  #height = 0;
  /** How many loads of older messages are under way. */
  #loading = 0;
  /** Whether a message with files was seen, since the window was opened. */
  #hasFiles = false;

  /**
   * @param intro stands above the first message
   * @param seen is called when the guest may have seen the newest message
   * @param gone the window is removed from the page
   */
  constructor(
    private readonly texts: Texts,
    private readonly chat: Chat,
    private readonly memory: TabMemory,
    private readonly now: () => number,
    private readonly times: Times,
    private readonly locale: string,
    private readonly intro: HTMLElement,
    private readonly seen: () => void,
    gone: AbortSignal,
  ) {
    this.#older.textContent = texts.older;
    this.#older.onclick = () => this.#loadOlder();
    this.element.setAttribute('aria-label', texts.log);
    this.element.append(intro, this.#older, this.#list, this.#dots);
    this.newer.append(drawing(DOWN), this.#news);
    this.element.onscroll = () => this.#scrolled();
    this.newer.onclick = () => {
      this.follow();
      this.show();
      seen();
    };
    const resizes = new ResizeObserver(() => this.#resized());
    resizes.observe(this.element);
    resizes.observe(this.#list);
    gone.addEventListener('abort', () => resizes.disconnect());
  }

  /** Shows the end, and what comes after it. */
  follow(): void {
    this.followsEnd = true;
    this.toPlace();
  }

  /** The window was opened or closed. */
  opened(isOpen: boolean): void {
    this.isOpen = isOpen;
    this.#hasFiles = false;
  }

  show(): void {
    this.#older.hidden = !this.chat.hasOlder;
    this.intro.hidden = this.chat.hasOlder || !!this.chat.conversation?.agents().length; // the header says the same
    this.#showTyping(this.chat.conversation?.typing);
    const entries = this.#entries();
    this.#showEntries(entries);
    if (this.followsEnd || entries.length) this.toPlace();
    this.#showNewer();
  }

  // ---- the lines

  #entries(): Entry[] {
    const { chat, texts } = this;
    const { conversation: c } = chat;
    const entries = (c?.lines(chat.canWrite()) ?? []).map((line) => this.#entryOf(line));
    const note = (key: string, added: number, words: string, at = '') => {
      const after = entries.findLastIndex((one) => one.added < added);
      if (after < 0 && chat.hasOlder) return; // its place is among the older ones
      const [before, next] = [entries[after]?.date_created, entries[after + 1]?.date_created];
      // An agent who has joined again did so before the message that follows: the server's date is of the first time.
      const isExact = Date.parse(at) >= Date.parse(before ?? at);
      const date = isExact ? at : (next ?? before ?? '');
      const time = at && (isExact || next) && this.times.time(date);
      entries.splice(after + 1, 0, { key, author: key, added, note: time ? `${words} · ${time}` : words, date_created: date });
    };
    for (const { sid, name, joined, joined_revision: since, revision, date_created: first, date_updated: last } of c?.agents() ?? []) {
      if (since !== undefined) note(`joined ${sid} ${since}`, since, fill(texts.joined, { name: plain(name) }), first);
      if (!joined) note(`left ${sid}`, revision, fill(texts.left, { name: plain(name) }), last);
    }
    if (c?.reopened) note(`reopened ${c.reopened}`, c.reopened, texts.reopened, c.stateAt);
    if (chat.state.is === 'ended') note('ended', Infinity, texts.ended, c?.stateAt);
    return entries;
  }

  #entryOf(line: Line): Entry {
    if (line.is === 'sent') {
      const { author, date_created, added_revision: added, revision } = line.message;
      return { key: keyOf(line), author: line.mine ? ME : author, date_created, added: added ?? revision, line };
    }
    return { key: keyOf(line), author: ME, date_created: new Date(this.now()).toISOString(), added: Infinity, line };
  }

  #showEntries(entries: Entry[]): void {
    const places = grouped(entries);
    const lastMine = entries.findLast(({ line }) => line?.is === 'sent' && line.mine);
    const wasEmpty = !this.#rows.size;
    const keys = new Set<string>();
    let day = '';
    let at = 0;
    const put = (key: string, make: () => Row): Row => {
      keys.add(key);
      const row = this.#rows.get(key) ?? make();
      const next = this.#list.children[at];
      if (!next && !wasEmpty && !this.#rows.has(key)) appear(row.element);
      this.#rows.set(key, row);
      if (next !== row.element) this.#list.insertBefore(row.element, next ?? null);
      at++;
      return row;
    };
    entries.forEach((entry, index) => {
      const { key, line, note } = entry;
      const of = this.times.day(entry.date_created, this.now(), this.texts);
      if (of !== day) setText(put(`day ${(day = of)}`, () => noteRow('day')).body, of);
      if (line) this.#fill(put(key, () => this.#newRow(line)), line, places[index] as Place, entry === lastMine);
      else setText(put(key, () => noteRow('note')).body, note ?? '');
    });
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
  }

  #newRow(line: Line): Row {
    const row = {
      element: el('li'),
      face: el('span', { class: 'face' }),
      who: el('div'),
      body: el('div', { class: 'body', dir: 'auto', tabindex: '-1' }), // a tap shows the exact time
      time: el('time', {}, el('span')),
      status: el('span', { class: 'status' }),
      again: el('button', { class: 'again' }, this.texts.sendAgain),
    };
    if (line.is !== 'sent') row.again.onclick = () => void this.chat.sendAgain(line.outgoing.clientId);
    row.element.append(row.face, row.who, row.body, el('div', { class: 'meta' }, row.time, row.status, row.again));
    return row;
  }

  #fill(row: Row, line: Line, { isFirst, isLast }: Place, isLastMine: boolean): void {
    const { element, who, status, again } = row;
    const { chat, texts } = this;
    this.#showContent(row, line);
    again.hidden = line.is !== 'failed' || !chat.canWrite() || isHopeless(line.outgoing);
    const isMine = line.is !== 'sent' || line.mine;
    const kind = line.is !== 'sent' ? `mine ${line.is}` : isMine ? 'mine' : line.message.author_kind;
    who.className = isFirst && !isMine ? 'who' : 'who unseen';
    setName(who, isMine ? texts.you : line.message.author_name);
    if (line.is === 'sent') {
      this.#showFace(row, line);
      this.#showTime(row, line.message.date_created);
      const isSeen = (chat.conversation?.readByOthers() ?? -1) >= line.message.index;
      setText(status, isLastMine ? (isSeen ? texts.seen : texts.sent) : '');
    } else {
      const { code, failed } = line.outgoing;
      const why = code === 45784 ? texts.full : failed === REFUSED ? fill(texts.reference, { reference: code ?? '' }) : failed;
      setText(status, line.is === 'waiting' ? texts.sending : why ? `${texts.failed}. ${why}` : texts.failed);
    }
    const hasMeta = isLast || status.textContent || line.is === 'failed';
    element.className = `line ${kind}${isFirst ? ' first' : ''}${isLast ? ' last' : ''}${hasMeta ? ' noted' : ''}`;
  }

  #showTime({ body, time }: Row, moment: string): void {
    if (time.getAttribute('datetime') === moment) return;
    time.setAttribute('datetime', moment);
    time.title = body.title = this.times.exact(moment);
    setText(time.firstElementChild as HTMLElement, this.times.time(moment));
  }

  /** A picture of the author: all lines have one, and the style sheet shows the last one of a group. */
  #showFace({ face }: Row, line: Line & { is: 'sent' }): void {
    const { author, author_name: name } = line.message;
    if (line.mine || face.dataset['name'] === name) return;
    face.dataset['name'] = name;
    face.replaceChildren(avatar(name, author));
  }

  /** The names of files stand in the text until the code that shows files is loaded. */
  #showContent(row: Row, line: Line): void {
    const { body, media = [] } = line.is === 'sent' ? line.message : { ...line.outgoing, media: line.outgoing.files };
    const { loadedFiles: loaded } = this.chat.files;
    const text = textOf({ body, media: loaded ? [] : media });
    if (row.body.textContent !== text) row.body.replaceChildren(...linked(text));
    if (!media.length) return;
    if (loaded) loaded.show(row, line);
    else if (!this.#hasFiles) void this.chat.files.load().then((isLoaded) => isLoaded && this.show());
    this.#hasFiles = true; // a failure is not repeated with each change on the screen
  }

  #showTyping(typist: Participant | undefined): void {
    setText(this.typing, typist ? fill(this.texts.typing, { name: plain(typist.name) }) : '');
    this.#dots.hidden = !typist;
    if (!typist || this.#typist === typist.identity) return;
    this.#typist = typist.identity;
    const dots = el('span', { class: 'bubble-of-dots' }, el('span'), el('span'), el('span'));
    this.#dots.replaceChildren(avatar(typist.name, typist.identity), dots);
  }

  // ---- the place that the guest has scrolled to

  #showNewer(): void {
    const { texts, chat } = this;
    const unread = chat.conversation?.unread() ?? 0;
    this.newer.hidden = !this.isOpen || this.followsEnd || unread === 0 || chat.state.is === 'idle';
    setText(this.#news, counted(texts.newer, unread, this.locale));
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    if (clientHeight !== this.#height) return this.#resized(); // the guest did not scroll
    this.followsEnd = scrollHeight - scrollTop - clientHeight < NEAR_PIXELS;
    if (scrollTop < NEAR_PIXELS && !this.followsEnd && this.chat.hasOlder && !this.#loading) this.#loadOlder();
    this.seen();
    this.#showNewer();
  }

  /** The field below has grown, or a keyboard has appeared: keep the newest message in view. */
  #resized(): void {
    this.#height = this.element.clientHeight;
    if (this.followsEnd) this.#toEnd();
  }

  /** Remembers the place for the next page. */
  rememberPlace(): void {
    if (!this.isOpen || !this.chat.sid) return;
    this.memory.write(this.chat.sid, { place: this.followsEnd ? undefined : this.#place() });
  }

  /** The first visible line, and how much of it is above the edge. Offsets do not change while a line moves in. */
  #place(): Remembered['place'] {
    const { scrollTop } = this.element;
    for (const [key, { element }] of this.#rows) {
      const { offsetTop, offsetHeight } = element;
      if (offsetTop + offsetHeight > scrollTop) return { key, above: scrollTop - offsetTop };
    }
    return undefined;
  }

  /** Scrolls to the end if the guest follows it; otherwise once to the position before a reload. */
  toPlace(): void {
    if (this.followsEnd) return this.#toEnd();
    const { place, conversation } = this.memory.read();
    if (!place || !this.isOpen || conversation !== this.chat.sid) return;
    const row = this.#rows.get(place.key);
    if (!row) return;
    this.memory.write(conversation, { place: undefined });
    this.element.scrollTop = row.element.offsetTop + place.above;
  }

  /** While older messages are loaded, visible ones stay in their place, and screen readers do not read out the older ones. */
  async load(work: () => Promise<unknown>): Promise<void> {
    const { element } = this;
    element.setAttribute('aria-busy', 'true');
    const fromEnd = element.scrollHeight - element.scrollTop;
    this.#loading++;
    await work();
    this.#loading--;
    if (!this.followsEnd) element.scrollTop = element.scrollHeight - fromEnd;
    if (!this.#loading) element.removeAttribute('aria-busy');
  }

  #loadOlder(): void {
    this.followsEnd = false;
    void this.load(() => this.chat.loadOlder());
  }

  #toEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
  }
}

/** The key stays the same when a message is sent. The ids of other authors are not unique. */
function keyOf(line: Line): string {
  if (line.is !== 'sent') return line.outgoing.clientId;
  return (line.mine && line.message.client_id) || line.message.sid;
}

/** A line without an author. */
function noteRow(kind: 'day' | 'note'): Row {
  const none = el('span');
  const body = el('span');
  return { element: el('li', { class: kind }, body), face: none, who: none, body, time: none, status: none, again: el('button') };
}

/** The style sheet moves a new line in, once. */
function appear(element: HTMLElement): void {
  element.dataset['fresh'] = '';
  element.onanimationend = () => delete element.dataset['fresh'];
}

function setName(element: HTMLElement, name: string): void {
  if (element.textContent !== plain(name)) element.replaceChildren(nameOf(name));
}

/** A file of a refused type, or with malware. The server refuses it at each attempt, so the guest can only remove it. */
function isHopeless({ files, failed, code }: Outgoing): boolean {
  return Boolean(files) && failed !== REFUSED && (code === 45770 || code === 45787);
}
